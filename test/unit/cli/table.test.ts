import { expect, it } from 'vitest';
import { table } from '../../../cli/table.ts';

const rows = [['create_user', 'Creates a user. Fails if the username already exists.']];
const heads = ['action', 'description'];
const whole = [
  'action       description',
  'create_user  Creates a user. Fails if the username already exists.',
];

it('truncates the last column to the width of the terminal', () => {
  expect(table(heads, rows, 30)).toEqual(['action       description', 'create_user  Creates a user. …']);
});

it.each([0, 1, 200])('shows whole rows on a terminal that reports %i columns', (columns) => {
  expect(table(heads, rows, columns)).toEqual(whole);
});
