import { InvalidArgumentError } from 'commander';

const unitsInMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const longestInMs = 24 * 3_600_000;

/** Reads a time span, such as `500ms`, `30s`, `5m` or `1h`, in milliseconds. @throws InvalidArgumentError */
export function readDuration(text: string): number {
  const [, digits, unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(digits) * (unitsInMs[unit] ?? Number.NaN);
  if (ms > 0 && ms <= longestInMs) return ms;
  throw new InvalidArgumentError(
    'A time is a number with its unit, such as 500ms, 30s, 5m or 1h, up to 24h.',
  );
}
