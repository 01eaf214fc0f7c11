import { Option } from 'commander';
import { readJsonFile } from './read-json.ts';

/** `--overlay FILE`, which may be repeated: a provider's own attributes and actions. */
export function overlayOption(): Option {
  return new Option('--overlay <file>', "a provider's own attributes and actions, as JSON; may be repeated")
    .argParser((value: string, before: readonly string[]) => [...before, value])
    .default([], 'none');
}

/** Reads the files of `--overlay`. @throws UsageError */
export function readOverlays(files: readonly string[]): readonly unknown[] {
  return files.map(readJsonFile);
}
