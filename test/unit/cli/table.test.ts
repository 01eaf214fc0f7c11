import { describe, expect, it } from 'vitest';
import { table } from '../../../cli/table.ts';
import { statusLine } from '../../../cli/terminal.ts';
import { widthOf } from '../../../cli/text-width.ts';

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

  it.each([`a${'\u200d'.repeat(20)}`, '\u1100'.repeat(30), `${'\u0915\u094d'.repeat(20)}\u0915`])(
    'ends with %j, a letter that is wider than its column',
    (name) => {
      const lines = table(['name', 'description'], [[`${name}${'b'.repeat(40)}`, 'x '.repeat(40)]], 40);
      expect(lines.join('')).toContain('b');
    },
  );

  it('aligns columns by what a terminal shows of letters that are wide, combined, or escaped', () => {
    const cells = ['山田 太郎', 'Zoe\u0308', '👩‍👩‍👧', 'a\u202eb', 'Ada'];
    const lines = table(
      ['name', 'role'],
      cells.map((name) => [name, 'Admin']),
      80,
    );
    expect(lines.map((line) => widthOf(line.replace(/(role|Admin)$/, '')))).toEqual(Array(6).fill(11));
  });

  it('wraps a text without blanks between its letters', () => {
    expect(table(['', ''], [['a'.repeat(12), '山田太郎'.repeat(4)]], 27)[1]).toBe(
      `${'a'.repeat(12)}  ${'山田太郎山田'}`,
    );
  });

  it('keeps a readable width for each column of a narrow terminal', () => {
    const lines = table(heads, [['a'.repeat(30), 'b'.repeat(30)]], 20);
    expect(lines[1]).toBe(`${'a'.repeat(12)}  ${'b'.repeat(12)}`);
  });
});

describe('statusLine', () => {
  it.each([
    [0, 'whole'],
    [3, 'whole'],
    [80, 'whole'],
  ])('shows a whole status on a terminal that reports %i columns', (columns, line) => {
    expect(statusLine(line, columns)).toBe(line);
  });

  it('keeps a status on one line', () => {
    expect(statusLine('x'.repeat(100), 40)).toBe('x'.repeat(39));
  });
});
