import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';

/** Nobody reads the output any more. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/** Where events go when they go to standard output. */
export interface EventOutput {
  /**
   * Writes lines, and resolves when they are out of this process's hands: in the pipe, or on the disk.
   *
   * @param abort ends the waiting for a reader that has stopped reading.
   * @throws OutputClosed
   */
  write(lines: readonly string[], abort: AbortSignal): Promise<void>;
}

const stdout = 1;

/** Standard output as a place where nothing is lost. */
export function openEventOutput(): EventOutput {
  if (!fstatSync(stdout).isFile()) return { write: writeToPipe };
  completeLastLine();
  return {
    async write(lines) {
      writeToFile(toText(lines));
      // An event that is taken out of the state must not be in the memory of the system alone.
      fsyncSync(stdout);
    },
  };
}

function writeToPipe(lines: readonly string[], abort: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(abort.reason);
    abort.addEventListener('abort', giveUp, { once: true });
    process.stdout.write(toText(lines), (error) => {
      abort.removeEventListener('abort', giveUp);
      if (error === null || error === undefined) resolve();
      else reject('code' in error && error.code === 'EPIPE' ? new OutputClosed() : error);
    });
  });
}

function toText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

// Node writes to a file once, and takes no notice when a full disk takes only a part.
function writeToFile(text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(stdout, bytes, written);
}

/**
 * Ends the line that a process was killed in, so that the event, which is repeated, does not stand behind its own
 * torn beginning. Where the file cannot be read, which `>>` does not ask for, it stays as it is.
 */
function completeLastLine(): void {
  const last = Buffer.alloc(1);
  try {
    const descriptor = openSync('/dev/stdout', 'r');
    try {
      const { size } = fstatSync(descriptor);
      if (size === 0) return;
      readSync(descriptor, last, 0, 1, size - 1);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return;
  }
  if (last.toString() !== '\n') writeSync(stdout, '\n');
}
