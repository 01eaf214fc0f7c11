/**
 * What may go wrong with an answer. `lose`: the request never arrives. `drop`: it is acted on, but the connection
 * closes without an answer. `cut`: the answer ends in the middle. `delay`: it comes late. `duplicate`: the request
 * arrives twice, as from a proxy that repeats it, and the first answer is sent.
 */
export type FaultKind = 'lose' | 'drop' | 'cut' | 'delay' | 'duplicate';

/** How often each fault happens, from 0 to 1, and how long a delay is. */
export interface FaultRates {
  readonly rates: Readonly<Partial<Record<FaultKind, number>>>;
  readonly delayInMs: number;
}

const kinds: readonly FaultKind[] = ['lose', 'drop', 'cut', 'delay', 'duplicate'];
const defaultDelayInMs = 1000;

/**
 * Reads `drop=0.05,cut=0.01,delay=0.2:300`: rates from 0 to 1, a delay with its length in milliseconds.
 *
 * @throws RangeError that says what a rate looks like.
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
        `"${part}" is no fault. Give rates from 0 to 1, such as drop=0.05,delay=0.2:300; the faults are ${kinds.join(', ')}.`,
      );
    }
    rates[kind] = value;
    if (length !== undefined) delayInMs = Number(length);
  }
  const sum = Object.values(rates).reduce((total, rate) => total + rate, 0);
  if (sum > 1)
    throw new RangeError(
      `The rates add up to ${sum}: a request has one fault at most, so give 1 or less in all.`,
    );
  return { rates, delayInMs };
}
