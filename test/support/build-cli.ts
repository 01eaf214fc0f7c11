import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;

/** The command line as it is published, in a folder that the caller removes. */
export interface BuiltCli {
  readonly folder: string;
  readonly main: string;
}

/** Builds the command line as it is published. */
export function buildCli(): BuiltCli {
  // Inside the checkout, where the packages that it imports are found.
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', 'cli-'));
  const tsup = join(root, 'node_modules', 'tsup', 'dist', 'cli-default.js');
  execFileSync(process.execPath, [tsup, '--silent', '--out-dir', folder], { cwd: root, stdio: 'inherit' });
  return { folder, main: join(folder, 'cli', 'main.js') };
}
