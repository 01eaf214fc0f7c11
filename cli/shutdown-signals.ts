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
