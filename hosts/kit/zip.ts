import { zipSync } from 'fflate';
import type { PackageFiles } from './packager.ts';

/** Packs files into a ZIP archive. The same files are the same bytes. */
export function zip(files: PackageFiles): Uint8Array {
  const entries = [...files].map(([path, content]) => [path, Buffer.from(content)] as const);
  // 1980-01-01 is the first day of the format.
  return zipSync(Object.fromEntries(entries), { level: 9, mtime: new Date(1980, 0, 1) });
}
