import { describe, expect, it } from 'vitest';
import { table } from '../../../cli/table.ts';
import { firstColumns } from '../../../cli/terminal.ts';

const rows = [['create_user', 'Creates a user. Fails if the username already exists.']];
const heads = ['action', 'description'];
const whole = [
  'action       description',
  'create_user  Creates a user. Fails if the username already exists.',
];

describe('table', () => {
  it('wraps the widest column between words to the width of the terminal', () => {
    expect(table(heads, rows, 40)).toEqual([
      'action       description',
      'create_user  Creates a user. Fails if',
      '             the username already',
      '             exists.',
    ]);
  });

  it.each([0, 1, 200])('shows whole rows on a terminal that reports %i columns', (columns) => {
    expect(table(heads, rows, columns)).toEqual(whole);
  });

  it('loses no character, and writes no line past the last column', () => {
    const cells = ['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User', 'two words', 'a'.repeat(70)];
    const lines = table(['one', 'two', 'three'], [cells], 60);
    expect(lines.every(({ length }) => length <= 60)).toBe(true);
    expect(lines.map((line) => line.slice(-25).trim()).join('')).toContain('a'.repeat(25));
    const letters = (text: string): string => [...text.replace(/\s/g, '')].sort().join('');
    expect(letters(lines.join(''))).toBe(letters(`one two three ${cells.join('')}`));
  });

  it('keeps a readable width for each column of a narrow terminal', () => {
    const lines = table(heads, [['a'.repeat(30), 'b'.repeat(30)]], 20);
    expect(lines[1]).toBe(`${'a'.repeat(12)}  ${'b'.repeat(12)}`);
  });
});

describe('firstColumns', () => {
  it.each([
    [0, 'whole'],
    [3, 'whole'],
    [80, 'whole'],
  ])('shows a whole status on a terminal that reports %i columns', (columns, line) => {
    expect(firstColumns(line, columns)).toBe(line);
  });

  it('keeps a status on one line', () => {
    expect(firstColumns('x'.repeat(100), 40)).toBe('x'.repeat(39));
  });
});
