import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../../../..', import.meta.url).pathname;

/** Builds the command line as it is published, so that it starts quickly; the caller removes the folder. */
export function buildWatcher(): { readonly folder: string; readonly main: string } {
  // Inside the checkout, where the packages that it imports are found.
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', 'watcher-'));
  const tsup = join(root, 'node_modules', 'tsup', 'dist', 'cli-default.js');
  execFileSync(process.execPath, [tsup, '--silent', '--out-dir', folder], { cwd: root, stdio: 'inherit' });
  return { folder, main: join(folder, 'cli', 'main.js') };
}
