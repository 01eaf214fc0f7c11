import { expect, it } from 'vitest';
import { formatFailedRows } from '../../../cli/format-failed-rows.ts';
import { actionOf } from '../../support/open-test-session.ts';

const failed = (row: number, code: string) => ({
  row,
  user: `u${row}@example.com`,
  ok: false,
  error: { code, message: `Why ${row}.` },
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
