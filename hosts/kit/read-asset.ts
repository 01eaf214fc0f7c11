import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Reads a file that a host's package contains unchanged, by its path from the root of this package. */
export function readAsset(path: string): Buffer {
  return readFileSync(join(packageRoot(), path));
}

/** The same as text. */
export function readTextAsset(path: string): string {
  return readAsset(path).toString('utf8');
}

/** In a checkout, this file is in hosts/kit/; in the package, it is bundled into dist/. The root is above both. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

/** The paths of all files in such a folder, relative to it, in alphabetical order. */
export function listAssets(folder: string): readonly string[] {
  const root = join(packageRoot(), folder);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)))
    .toSorted();
}
