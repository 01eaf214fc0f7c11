import { createWriteStream } from 'node:fs';
import { realpath, rename, stat, unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cannotWrite, isSystemError } from './cannot-write.ts';

/**
 * Writes a text to a file that only its owner can read. It is written next to the file and renamed once it is complete, so
 * that the file never has a part of it, whatever happens.
 *
 * @throws the error of the text; ConnectorError `invalid_input` if the file cannot be written
 */
export async function writeFileWhole(
  path: string,
  text: AsyncIterable<string>,
  signal?: AbortSignal,
): Promise<void> {
  const target = await targetOf(path);
  // A device or a pipe has no name to be renamed to.
  if (!target.isFile) {
    await pipeline(Readable.from(text), createWriteStream(target.path), { signal });
    return;
  }
  const partial = `${target.path}.${process.pid}.partial`;
  try {
    await pipeline(Readable.from(text), createWriteStream(partial, { mode: 0o600, flush: true }), { signal });
    await rename(partial, target.path);
  } catch (error) {
    await unlink(partial).catch(() => undefined);
    throw isSystemError(error) ? cannotWrite(path, error) : error;
  }
}

/** A link is followed: the file behind it is replaced. */
async function targetOf(path: string): Promise<{ readonly path: string; readonly isFile: boolean }> {
  try {
    const real = await realpath(path);
    const found = await stat(real);
    if (found.isDirectory()) throw cannotWrite(path, Object.assign(new Error(), { code: 'EISDIR' }));
    return { path: real, isFile: found.isFile() };
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return { path, isFile: true };
    throw isSystemError(error) ? cannotWrite(path, error) : error;
  }
}
