import { type ChildProcess, fork } from 'node:child_process';
import type { Sandbox, SandboxOptions } from '../../../../sandbox/index.ts';

/** Where a workspace is that runs in a process of its own. */
export type Place = Omit<Sandbox, 'close'>;

const children = new Set<ChildProcess>();

/** Starts a workspace in a process of its own, with the token `durable` and the admin token `admin`. */
export function startDurable(
  options: SandboxOptions,
): Promise<{ readonly child: ChildProcess; readonly place: Place }> {
  const child = fork(new URL('./durable-workspace.ts', import.meta.url), [JSON.stringify(options)], {
    execArgv: [],
    stdio: 'pipe',
  });
  children.add(child);
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The workspace ended with ${code}`)));
    child.once('message', (place: Place) => {
      child.removeAllListeners('exit');
      resolve({ child, place });
    });
  });
}

/** Kills a workspace, and resolves when it is gone. */
export function killDurable(child: ChildProcess): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

/** Kills all that are left. */
export async function killAllDurable(): Promise<void> {
  for (const child of children) await killDurable(child);
}
