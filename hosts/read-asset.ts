import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Reads a file that hosts ship as it is, by its path from the root of this package. */
export function readAsset(path: string): Buffer {
  return readFileSync(join(packageRoot(), path));
}

/** The same as text. */
export function readTextAsset(path: string): string {
  return readAsset(path).toString('utf8');
}

/** In a checkout this file stands in hosts/, in the package it is bundled into dist/: the root is above both. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}
