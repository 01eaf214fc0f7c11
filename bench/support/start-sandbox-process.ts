import { type ChildProcess, fork } from 'node:child_process';

/** A sandbox that runs in a process of its own, so that it shares no event loop and no heap with what is measured. */
export interface SandboxProcess {
  readonly baseUrl: string;
  readonly token: string;
  stop(): Promise<void>;
}

const token = 'bench-token';

/** Starts a sandbox that holds nobody. */
export function startSandboxProcess(): Promise<SandboxProcess> {
  const child = fork(new URL('sandbox-entry.ts', import.meta.url), [token], { execArgv: [] });
  return new Promise((resolve, reject) => {
    const fail = (code: number | null): void => reject(new Error(`The sandbox ended with code ${code}`));
    child.once('exit', fail);
    child.once('message', (baseUrl) => {
      child.off('exit', fail);
      resolve({ baseUrl: String(baseUrl), token, stop: () => stop(child) });
    });
  });
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.disconnect();
  });
}
