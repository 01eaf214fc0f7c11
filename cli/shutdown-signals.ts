import { exitStatus } from './errors.ts';

/** The two stages of a shutdown. */
export interface ShutdownSignals {
  /** Aborted by SIGINT or SIGTERM: start nothing new. */
  readonly drain: AbortSignal;
  /** Aborted some seconds later, or by the second signal: cancel the work in progress. */
  readonly abort: AbortSignal;
  /** Restores the default handling of the signals. */
  release(): void;
}

// Less than the ten seconds after which most supervisors send SIGKILL.
const graceInMs = 5_000;

/** Listens for the signals that stop a process. */
export function listenForShutdown(): ShutdownSignals {
  const drain = new AbortController();
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onSignal = (): void => {
    if (drain.signal.aborted) abort.abort(new Error('It was stopped.'));
    drain.abort(new Error('It was stopped.'));
    timer ??= setTimeout(() => abort.abort(new Error('It was stopped.')), graceInMs);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    drain: drain.signal,
    abort: abort.signal,
    release() {
      clearTimeout(timer);
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    },
  };
}

/** How often the parent is looked for. */
const checkEveryInMs = 250;

/**
 * Makes sure that a signal reaches this process, and ends it if no command listens.
 *
 * - npm and npx run a command in a shell. They pass SIGTERM to the shell, which dies of it and leaves the command running
 *   as an orphan. So the command stops once its parent is gone.
 * - As process 1 of a container, a process ignores a signal without a listener.
 */
export function receiveSignals(): void {
  let isSignaled = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    isSignaled = true;
    // The exit code is that of a command that listens and is stopped: scripts need not know which ones do.
    if (process.listenerCount(signal) === 1) process.exit(exitStatus.stopped);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  // Ctrl+C in a terminal reaches the shell as well: its end is no second signal.
  if (process.env.npm_lifecycle_event !== undefined)
    whenParentEnds(() => isSignaled || process.kill(process.pid, 'SIGTERM'));
}

function whenParentEnds(onEnd: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onEnd();
  }, checkEveryInMs).unref();
}
