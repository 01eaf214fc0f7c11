import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRecords } from '../../../../runtime/node/desired/parse-records.ts';

function recordsOf(text: string, separator: string): readonly (readonly string[])[] {
  const records: (readonly string[])[] = [];
  parseRecords(text, separator, 'people.csv', (cells) => records.push(cells));
  return records;
}

/** Text of what separates cells and rows, of what is trimmed, and of letters. */
const cellTexts = fc
  .array(fc.constantFrom('a', 'ü', '|', ',', ';', '\t', ' ', '\u00A0', '\uFEFF', "'", '#'), { maxLength: 6 })
  .map((characters) => characters.join(''));

describe('parseRecords', () => {
  it('splits a sheet without quotation marks as the parser reads one with them', () => {
    fc.assert(
      fc.property(
        fc.array(cellTexts, { maxLength: 8 }),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.boolean(),
        (lines, separator, lineBreak, endsWithBreak) => {
          const rest = [...lines, 'end'].join(lineBreak) + (endsWithBreak ? lineBreak : '');
          const plain = recordsOf(`name${lineBreak}${rest}`, separator);
          const parsed = recordsOf(`"name"${lineBreak}${rest}`, separator);
          expect(plain).toEqual(parsed);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each(['\uFEFFname,title\nada,', 'name,title\r\n\r\nada,\r\n', 'name\n\n\n'])(
    'keeps empty cells and rows, and no byte order mark: %j',
    (text) => {
      const quoted = text.replace('name', '"name"');
      expect(recordsOf(text, ',')).toEqual(recordsOf(quoted, ','));
      expect(recordsOf(text, ',')[0]?.[0]).toBe('name');
    },
  );

  it('says in which line a quotation mark has no partner', () => {
    expect(() => recordsOf('name\nada\n"bob\n', ',')).toThrow(
      'people.csv is not a sheet that can be read: Quote Not Closed: the parsing is finished with an opening quote at line 3.',
    );
  });
});
