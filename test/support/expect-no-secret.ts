import { inspect } from 'node:util';
import { expect } from 'vitest';

/** Looks for a secret wherever an error or a log could carry it: text, JSON, inspection, stack, and every cause. */
export function expectNoSecret(value: unknown, secret: string): void {
  expect(
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null }),
  ).not.toContain(secret);
  expect(JSON.stringify(value) ?? '').not.toContain(secret);
  expect(String(value)).not.toContain(secret);
  if (value instanceof Error) {
    expect(value.stack).not.toContain(secret);
    if (value.cause !== undefined) expectNoSecret(value.cause, secret);
  }
}
