import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** Where Node keeps compiled modules: it halves the time that each process takes to start. */
const compileCache = join(tmpdir(), 'rolecall-compile-cache');

/** The source of the command line. */
export const cliSource = new URL('../../cli/main.ts', import.meta.url).pathname;

/** The environment variable with the path of the command line as it was built for the tests. */
export const cliVariable = 'ROLECALL_TEST_CLI';

/** The command line, to be run by node: as it is published, which starts in a third of the time. */
export const cliMain = process.env[cliVariable] ?? cliSource;

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
  main = cliMain,
): ChildProcessByStdio<Writable, Readable, Readable> {
  return spawn(process.execPath, [main, ...args], {
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
