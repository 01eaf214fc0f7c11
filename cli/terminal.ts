import { styleText } from 'node:util';
import type { Progress } from '../actions/operation.ts';
import { whyNotWritten } from '../runtime/node/cannot-write.ts';
import { printableLine } from '../schemas/printable.ts';
import { splitIsolated } from './right-to-left.ts';
import { firstColumns } from './text-width.ts';

/** The output of the command line: results to `out`, everything else to `err`. */
export interface Terminal {
  /** Writes a line of the result. A break within it is escaped. */
  out(line: string): void;
  /** Writes a line for the user. A break within it is escaped. */
  err(line: string): void;
  /** Replaces the last line of `err`, if it is a terminal. */
  status(line: string): void;
  /** Whether the results go to a terminal. */
  readonly isScreen: boolean;
  /** Whether the messages go to a terminal. */
  readonly isErrorScreen: boolean;
  /** The width of the terminal, in characters. Messages have the same, unless they go to another one. */
  readonly columns: number;
}

/** The process's own terminal. */
export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader such as `head` can close the pipe early; that is not an error.
    if (error.code === 'EPIPE') return;
    stderr.write(`The output cannot be written: ${whyNotWritten(error)}. Its end is missing.\n`);
    // What was begun is completed first.
    process.once('exit', (code) => {
      if (code === 0) process.exitCode = 1;
    });
  });
  let hasStatus = false;
  const clear = (): void => {
    if (hasStatus) stderr.write('\r\u001b[2K');
    hasStatus = false;
  };
  return {
    out(line) {
      clear();
      stdout.write(`${shownLine(line, stdout)}\n`);
    },
    err(line) {
      clear();
      stderr.write(`${shownLine(line, stderr)}\n`);
    },
    status(line) {
      if (!stderr.isTTY) return;
      stderr.write(`\r\u001b[2K${statusLine(line, stderr.columns)}`);
      hasStatus = true;
    },
    isScreen: stdout.isTTY === true,
    isErrorScreen: stderr.isTTY === true,
    columns: stdout.columns ?? stderr.columns ?? 120,
  };
}

/** A terminal that reports fewer columns, above all 0, does not know its width. */
const narrowestTerminal = 20;

/** Whether a terminal knows its width. */
export function isKnownWidth(columns: number): boolean {
  return columns >= narrowestTerminal;
}

/** As much of a status as fits on one line: a longer one would not be replaced by the next. */
export function statusLine(line: string, columns: number): string {
  return isKnownWidth(columns) ? firstColumns(line, columns - 1) : line;
}

/** A line as a stream shows it. Messages are styled for standard output, and standard error need not be a terminal. */
function shownLine(line: string, { isTTY }: NodeJS.WriteStream): string {
  if (isTTY) return styledLine(line);
  return printableLine(process.stdout.isTTY ? line.replaceAll(styleCodes, '') : line);
}

/**
 * What a provider sends must not steer the terminal: of all escape sequences, only our own styles are let through, and of
 * the marks of the writing direction, only those around an isolated name.
 */
function styledLine(line: string): string {
  return line
    .split(styleCodes)
    .flatMap((part, index) => (index % 2 === 1 ? part : splitIsolated(part).map(shownPart)))
    .join('');
}

function shownPart(text: string, index: number): string {
  return index % 2 === 1 ? text : printableLine(text);
}

/** The codes that {@link styled} writes: bold, red, green, yellow, and their ends. */
const styleCodes = new RegExp(
  `(${[1, 22, 31, 32, 33, 39].map((code) => `\u001b\\[${code}m`).join('|')})`,
  'g',
);

/** Styled on a terminal; plain in a file, or if NO_COLOR is set. */
export function styled(style: 'bold' | 'red' | 'green' | 'yellow', text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Bold on a terminal. */
export function bold(text: string): string {
  return styled('bold', text);
}

const barWidth = 30;
const refreshInMs = 100;

/** Shows the progress of a long run: a bar on a terminal, and at the end a line with the count and the rate. */
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
