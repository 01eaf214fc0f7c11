/** What a promise gives, unless the signal is aborted first: then its reason is thrown, and `abandon` gets what comes too late. */
export function untilAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
  abandon: (late: Value) => void = () => undefined,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason);
      promise.then(abandon, () => undefined);
    };
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
