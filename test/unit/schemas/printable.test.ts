import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableLine } from '../../../schemas/printable.ts';

describe('printable text', () => {
  it.each([
    ['an escape sequence', 'a\u001b[2Jb', 'a\\u001b[2Jb'],
    ['a C1 control', '\u009b31m', '\\u009b31m'],
    ['a carriage return', 'ok\rno', 'ok\\u000dno'],
    ['a change of direction', '\u202egnp.exe', '\\u202egnp.exe'],
    ['a mark without width', 'pay\u200bpal', 'pay\\u200bpal'],
  ])('escapes %s', (_, text, escaped) => {
    expect(printable(text)).toBe(escaped);
  });

  it('keeps letters of any script, tabs and line breaks', () => {
    const text = 'Zoë\tعمر\nЮлия 山田';

    expect(printable(text)).toBe(text);
  });

  it('keeps a line one line, whatever a name has', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const line = printableLine(`- delete  ${name}\n- delete  other`);
        expect(line).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
        expect(line).toMatch(/\\u000a- delete {2}other$/);
      }),
    );
  });

  it('keeps the meaning of JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(JSON.parse(printable(JSON.stringify(text)))).toBe(text);
      }),
    );
  });
});
