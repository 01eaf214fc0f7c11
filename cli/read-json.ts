import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { UsageError } from './usage-error.ts';

/** Reads JSON from a file. @throws UsageError that names the file, and where it stops being JSON. */
export function readJsonFile(path: string): unknown {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return parseJson(content, path);
}

/** Reads the value of `--input`: JSON itself, `@FILE`, or `-` for standard input. @throws UsageError */
export async function readInput(value: string): Promise<unknown> {
  if (value === '-') return parseJson(await text(process.stdin), 'standard input');
  if (value.startsWith('@')) return readJsonFile(value.slice(1));
  return parseJson(value, '--input');
}

function parseJson(content: string, source: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new UsageError(`${source} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
