import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCell, withoutGuard } from '../../../report/sheet-cell.ts';

/** Texts that begin as formulas, guards, and others do. */
const text = fc
  .tuple(fc.constantFrom('', "'", "''", '=', '+', '-', '@', '＝', '\t', '\r', "'=", "''@", 'a'), fc.string())
  .map((parts) => parts.join(''));

describe('a cell of an exported sheet', () => {
  it('never begins as a formula does, and is read back as the same text', () => {
    fc.assert(
      fc.property(text, (value) => {
        const cell = toCell([value]);
        expect(cell).not.toMatch(/^[=+\-@＝＋－＠\t\r\n]/u);
        expect(withoutGuard(cell)).toBe(value);
      }),
    );
  });

  it.each([
    ['a formula', ['=1+1'], "'=1+1"],
    ['a negative number', [-5], "'-5"],
    ['a phone number', ['+49 30 1234'], "'+49 30 1234"],
    ['a guard that the provider has', ["'=1"], "''=1"],
    ['an apostrophe in a name', ["'O'"], "'O'"],
    ['a list', ['a', 'b'], 'a;b'],
    ['nothing', [], ''],
    ['false', [false], 'false'],
    ['an object', [{ a: 1 }], '{"a":1}'],
  ])('has %s as text', (_, values, cell) => {
    expect(toCell(values)).toBe(cell);
  });
});
