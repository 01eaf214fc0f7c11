import { styleText } from 'node:util';
import type { Progress } from '../actions/operation.ts';

/** Where the command line writes: results to `out`, all else to `err`. */
export interface Terminal {
  /** Writes a line of the result. */
  out(line: string): void;
  /** Writes a line for the person who watches. */
  err(line: string): void;
  /** Writes over the last line of `err`, where there is a screen to write over. */
  status(line: string): void;
  /** Whether a person reads the results on a screen. */
  readonly isScreen: boolean;
  /** How wide the screen is, in characters. */
  readonly columns: number;
}

/** The process's own terminal. */
export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  // A reader such as `head` may have seen enough and gone; that is no failure.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  let hasStatus = false;
  const clear = (): void => {
    if (hasStatus) stderr.write('\r\u001b[2K');
    hasStatus = false;
  };
  return {
    out(line) {
      clear();
      stdout.write(`${line}\n`);
    },
    err(line) {
      clear();
      stderr.write(`${line}\n`);
    },
    status(line) {
      if (!stderr.isTTY) return;
      stderr.write(`\r\u001b[2K${line.slice(0, stderr.columns - 1)}`);
      hasStatus = true;
    },
    isScreen: stdout.isTTY === true,
    columns: stdout.columns ?? 120,
  };
}

/** Bold on a screen; plain in a file, or where NO_COLOR is set. */
export function bold(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}

const barWidth = 30;
const refreshInMs = 100;

/** Shows how far a long run has come: a bar on a screen, and at the end a line with the count and the rate. */
export function createProgress(
  terminal: Terminal,
  now: () => number = Date.now,
): { onProgress(progress: Progress): void; finish(): void } {
  const startedAtInMs = now();
  let last: Progress | undefined;
  let shownAtInMs = 0;
  return {
    onProgress(progress) {
      last = progress;
      if (now() - shownAtInMs < refreshInMs) return;
      shownAtInMs = now();
      const { done, total } = progress;
      const filled = Math.round((barWidth * done) / Math.max(1, total));
      terminal.status(`${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${done} of ${total}`);
    },
    finish() {
      if (last === undefined) return;
      const seconds = Math.max(0.001, (now() - startedAtInMs) / 1000);
      terminal.err(
        `${last.done} of ${last.total} in ${seconds.toFixed(1)} s, ${Math.round(last.done / seconds)} a second`,
      );
    },
  };
}
