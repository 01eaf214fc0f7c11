import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Sandbox, SandboxOptions } from '../../sandbox/index.ts';

const running = new Set<ChildProcess>();

/** Remembers a process that a test has started, for {@link killAll}. */
export function trackProcess<Child extends ChildProcess>(child: Child): Child {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Kills as `kill -9` does, and resolves when the process has ended. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Kills every process that is left. Call it after each test, before the files of the processes are removed. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map(kill));
}

/** Where a sandbox is that runs in a process of its own. */
export type Place = Omit<Sandbox, 'close' | typeof Symbol.asyncDispose>;

/**
 * Starts a sandbox in a process of its own, with the token `durable` and the admin token `admin`.
 *
 * @throws Error with the message of the process, if the sandbox does not start.
 */
export async function startSandboxProcess(
  options: SandboxOptions,
): Promise<{ readonly child: ChildProcess; readonly place: Place }> {
  const script = new URL('./sandbox-process.ts', import.meta.url);
  const child = trackProcess(fork(script, [JSON.stringify(options)], { execArgv: [], stdio: 'pipe' }));
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The sandbox ended with ${code}`);
  });
  ended.catch(() => undefined);
  const [{ error, ...place }] = await Promise.race([once(child, 'message'), ended]);
  if (error !== undefined) throw new Error(error);
  return { child, place };
}

/** What a worker of {@link killUnderLoad} sees of the process. */
export interface Load {
  /** Whether the process was killed: from now on, requests fail. */
  readonly isKilled: boolean;
  /** Counts an acknowledged change. */
  acknowledge(): void;
}

/**
 * Lets workers make changes in a process, and kills it as soon as a number of changes is acknowledged, whatever the
 * other workers do at that moment. Requests in flight at the kill fail; nothing may fail before it.
 */
export async function killUnderLoad(
  child: ChildProcess,
  changes: number,
  workers: readonly ((load: Load) => Promise<void>)[],
): Promise<void> {
  let acknowledged = 0;
  let isKilled = false;
  const load: Load = {
    get isKilled() {
      return isKilled;
    },
    acknowledge() {
      acknowledged += 1;
      if (acknowledged !== changes) return;
      isKilled = true;
      child.kill('SIGKILL');
    },
  };
  const work = async (worker: (load: Load) => Promise<void>): Promise<void> => {
    try {
      await worker(load);
    } catch (error) {
      if (!isKilled) throw error;
    }
  };
  await Promise.all(workers.map(work));
  await kill(child);
}
