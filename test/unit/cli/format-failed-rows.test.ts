import { expect, it } from 'vitest';
import { formatFailedRows } from '../../../cli/format-failed-rows.ts';
import { formatResults } from '../../../cli/format-plan.ts';
import type { ChangeResult } from '../../../sync/apply-result.ts';
import { actionOf } from '../../support/open-test-session.ts';

const failed = (row: number, code: string, message = `Why ${row}.`) => ({
  row,
  user: `u${row}@example.com`,
  ok: false,
  error: { code, message },
});

it('sums failed rows up by kind, the most frequent one first, with their numbers, users, and reasons', () => {
  const results = [
    failed(1, 'conflict'),
    { row: 2, user: 'ok@example.com', ok: true, id: '2' },
    { row: 3, ok: false, error: { code: 'invalid_input', message: 'No user.' } },
    ...[4, 5, 6, 7, 8, 9].map((row) => failed(row, 'invalid_input')),
  ];
  expect(formatFailedRows(actionOf('bulk_users'), { succeeded: 1, failed: 8, results })).toEqual([
    '8 of 9 rows failed. The output has the error of each. Correct what the errors name, and run these rows again.',
    '  invalid_input: 7 rows',
    '    row 3: No user.',
    ...[4, 5, 6, 7].map((row) => `    row ${row} (u${row}@example.com): Why ${row}.`),
    '    … and 2 more',
    '  conflict: 1 row',
    '    row 1 (u1@example.com): Why 1.',
  ]);
});

it('has nothing to say if no row failed, and about other actions', () => {
  expect(formatFailedRows(actionOf('bulk_users'), { results: [{ row: 1, ok: true }] })).toEqual([]);
  expect(formatFailedRows(actionOf('get_user'), { results: [failed(1, 'conflict')] })).toEqual([]);
});

it.each([
  ['rate_limited', 'Lower `requestsPerMinute`.', 'Lower --set requestsPerMinute.'],
  ['provider_fault', 'Check that `baseUrl` is right.', 'Check that --base-url is right.'],
  ['invalid_input', '`profile` is not a known field.', '`profile` is not a known field.'],
  [
    'provider_fault',
    'It failed. Provider message: `baseUrl` is odd. Wait.',
    'It failed. Provider message: `baseUrl` is odd. Wait.',
  ],
])(
  'names the flags of connection fields, but quotes rows and providers: %s, %s',
  (code, message, expected) => {
    const lines = formatFailedRows(actionOf('bulk_users'), { results: [failed(1, code, message)] });
    expect(lines.at(-1)).toBe(`    row 1 (u1@example.com): ${expected}`);
    const change = { id: '1', kind: 'delete', user: { id: 'u1' }, attributes: [] } as const;
    const results = [{ change, outcome: 'failed', code, message } as unknown as ChangeResult];
    expect(formatResults(results, false).join('')).toContain(`: ${expected}`);
  },
);
