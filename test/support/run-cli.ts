import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** Where Node keeps compiled modules: it halves the time that each process takes to start. */
const compileCache = join(tmpdir(), 'rolecall-compile-cache');

/** The command line, to be run by node. */
export const cliMain = new URL('../../cli/main.ts', import.meta.url).pathname;

/** What a run of the command line left. */
export interface CliResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** How a run of the command line is set up. */
export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** Runs the command line in a process of its own, as a script would, to its end. */
export async function runCli(
  args: readonly string[],
  { env = {}, stdin = '' }: CliOptions = {},
): Promise<CliResult> {
  const child = startCli(args, env);
  child.stdin.end(stdin);
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, out, err };
}

/** Starts the command line; the caller ends it. */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcessByStdio<Writable, Readable, Readable> {
  return spawn(process.execPath, [cliMain, ...args], {
    env: { ...process.env, NO_COLOR: '1', NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** The next line that a process prints. */
export async function nextLine(stream: Readable): Promise<string> {
  const lines = createInterface({ input: stream });
  const [line] = await once(lines, 'line');
  lines.close();
  return String(line);
}
