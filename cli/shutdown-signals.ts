/** How a process is asked to end: first kindly, then in a abort. */
export interface ShutdownSignals {
  /** SIGINT or SIGTERM came: nothing new is begun. */
  readonly stop: AbortSignal;
  /** What is still under way some seconds later, or at the second signal, is given up. */
  readonly abort: AbortSignal;
  /** Lets the signals do what they did before. */
  release(): void;
}

// Less than the ten seconds after which most supervisors kill.
const graceInMs = 5_000;

/** Listens for the signals that end a process. */
export function listenForStop(): ShutdownSignals {
  const stop = new AbortController();
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onSignal = (): void => {
    if (stop.signal.aborted) abort.abort(new Error('It was stopped.'));
    stop.abort(new Error('It was stopped.'));
    timer ??= setTimeout(() => abort.abort(new Error('It was stopped.')), graceInMs);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    stop: stop.signal,
    abort: abort.signal,
    release() {
      clearTimeout(timer);
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    },
  };
}
