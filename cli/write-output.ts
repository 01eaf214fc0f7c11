import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isSystemError } from '../runtime/node/cannot-write.ts';
import { writeFileWhole } from '../runtime/node/write-file-whole.ts';
import { printable } from '../schemas/printable.ts';

/**
 * Writes a long text as it comes: to a file, which is there only once it is complete, or to standard output, where nothing
 * but the exit code says that it is.
 */
export async function writeOutput(
  parts: AsyncIterable<string>,
  out: string | undefined,
  signal?: AbortSignal,
): Promise<void> {
  if (out !== undefined) return writeFileWhole(out, parts, signal);
  const { stdout } = process;
  try {
    await pipeline(Readable.from(stdout.isTTY === true ? shown(parts) : parts), stdout, {
      end: false,
      signal,
    });
  } catch (error) {
    // The terminal reports why standard output cannot be written, if that is an error.
    if (!isSystemError(error)) throw error;
  }
}

/** A text that does not come in parts. */
export async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

/** What a provider sends must not steer the terminal. */
async function* shown(parts: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const part of parts) yield printable(part.replaceAll('\r\n', '\n'));
}
