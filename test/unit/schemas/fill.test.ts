import { expect, it } from 'vitest';
import { fill } from '../../../schemas/fill.ts';

it('fills each placeholder', () => {
  expect(fill('{count} of {total} rows', { count: 1, total: 2 })).toBe('1 of 2 rows');
});

it('escapes quotation marks of a value in quotation marks', () => {
  expect(fill('eq "{value}", {value}', { value: 'a "b"' })).toBe('eq "a \\"b\\"", a "b"');
});
