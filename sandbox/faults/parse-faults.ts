/**
 * What can go wrong with a response. `lose`: the request never arrives. `drop`: the request is processed, but the
 * connection closes without a response. `cut`: the response ends in the middle. `delay`: the response is late.
 * `duplicate`: the request arrives twice, as from a proxy that retries it, and the first response is sent.
 *
 * @example
 * ```ts
 * const kinds: readonly FaultKind[] = ['lose', 'drop', 'cut', 'delay', 'duplicate'];
 * ```
 */
export type FaultKind = 'lose' | 'drop' | 'cut' | 'delay' | 'duplicate';

/**
 * How often each fault happens, from 0 to 1, and how long a delay is.
 *
 * @example
 * ```ts
 * const faults: FaultRates = { rates: { drop: 0.05, delay: 0.2 }, delayInMs: 300 };
 * await using sandbox = await startSandbox({ faults });
 * ```
 */
export interface FaultRates {
  readonly rates: Readonly<Partial<Record<FaultKind, number>>>;
  readonly delayInMs: number;
}

const kinds: readonly FaultKind[] = ['lose', 'drop', 'cut', 'delay', 'duplicate'];
const defaultDelayInMs = 1000;

/**
 * Parses fault rates such as `drop=0.05,cut=0.01,delay=0.2:300`: rates from 0 to 1, and a delay with its length in
 * milliseconds.
 *
 * @throws RangeError that says what a rate looks like
 *
 * @example
 * ```ts
 * await using sandbox = await startSandbox({ faults: parseFaults('drop=0.05,delay=0.2:300') });
 * ```
 */
export function parseFaults(text: string): FaultRates {
  const rates: Partial<Record<FaultKind, number>> = {};
  let delayInMs = defaultDelayInMs;
  for (const part of text.split(',')) {
    const [, name = '', rate = '', length] = /^\s*(\w+)=([\d.]+)(?::(\d+))?\s*$/.exec(part) ?? [];
    const kind = kinds.find((one) => one === name);
    const value = Number(rate);
    if (
      kind === undefined ||
      rate === '' ||
      !(value >= 0 && value <= 1) ||
      (length !== undefined && kind !== 'delay')
    ) {
      throw new RangeError(
        `"${part}" is not a fault. Use rates from 0 to 1, such as drop=0.05,delay=0.2:300. The faults are ${kinds.join(', ')}.`,
      );
    }
    rates[kind] = value;
    if (length !== undefined) delayInMs = Number(length);
  }
  const sum = Object.values(rates).reduce((total, rate) => total + rate, 0);
  if (sum > 1)
    throw new RangeError(
      `The rates add up to ${sum}: a request has at most one fault, so the sum must not exceed 1.`,
    );
  return { rates, delayInMs };
}
