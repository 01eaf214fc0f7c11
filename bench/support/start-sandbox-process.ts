import { type ChildProcess, fork } from 'node:child_process';

/** A sandbox in a separate process, so that it does not share an event loop or heap with the measured code. */
export interface SandboxProcess {
  readonly baseUrl: string;
  readonly token: string;
  /** Sets how old resources look that are written from now on. */
  setAge(ageInMs: number): Promise<void>;
  stop(): Promise<void>;
}

const token = 'bench-token';

/** Starts an empty sandbox. */
export function startSandboxProcess(): Promise<SandboxProcess> {
  const child = fork(new URL('sandbox-entry.ts', import.meta.url), [token], { execArgv: [] });
  return new Promise((resolve, reject) => {
    const fail = (code: number | null): void => reject(new Error(`The sandbox ended with code ${code}`));
    child.once('exit', fail);
    child.once('message', (baseUrl) => {
      child.off('exit', fail);
      resolve({
        baseUrl: String(baseUrl),
        token,
        setAge: (ageInMs) => setAge(child, ageInMs),
        stop: () => stop(child),
      });
    });
  });
}

function setAge(child: ChildProcess, ageInMs: number): Promise<void> {
  return new Promise((resolve) => {
    child.once('message', () => resolve());
    child.send(ageInMs);
  });
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.disconnect();
  });
}
