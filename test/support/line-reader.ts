import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** The lines of a stream, all of which are kept, so that none is missed between two looks. */
export interface LineReader {
  /** All lines so far. */
  readonly lines: readonly string[];
  /** The next line that no call before this has given, as soon as there is one. @throws Error at the end */
  next(): Promise<string>;
  /** The first line with something in it, or the nth, also one that came before. @throws Error at the end */
  find(words: string, nth?: number): Promise<string>;
}

/** Reads a stream on, whether or not someone asks for its lines. */
export function readLines(stream: Readable): LineReader {
  const lines: string[] = [];
  let given = 0;
  let hasEnded = false;
  let bell = Promise.withResolvers<void>();
  const ring = (): void => {
    bell.resolve();
    bell = Promise.withResolvers();
  };
  const reader = createInterface({ input: stream });
  reader.on('line', (line) => {
    lines.push(line);
    ring();
  });
  reader.on('close', () => {
    hasEnded = true;
    ring();
  });
  const until = async (found: () => string | undefined): Promise<string> => {
    for (;;) {
      const line = found();
      if (line !== undefined) return line;
      if (hasEnded) throw new Error(`The stream ended after:\n${lines.join('\n')}`);
      await bell.promise;
    }
  };
  return {
    lines,
    next: () =>
      until(() => {
        const line = lines[given];
        if (line !== undefined) given += 1;
        return line;
      }),
    find: (words, nth = 1) => until(() => lines.filter((line) => line.includes(words))[nth - 1]),
  };
}
