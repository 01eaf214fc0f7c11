import { describe, expect, it } from 'vitest';
import { compileAttributes } from '../../../scim/schema/attribute.ts';
import { readCell } from '../../../sync/read-cell.ts';

const { list } = compileAttributes([
  { name: 'active', type: 'boolean' },
  { name: 'hired', type: 'dateTime' },
  { name: 'title', type: 'string' },
]);
const read = (name: string, text: string): unknown => {
  const found = list.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no attribute ${name}`);
  return readCell(found, text);
};

describe('a cell', () => {
  it.each(['TRUE', 'WAHR', 'VRAI', 'VERDADERO', 'VERO', 'WAAR', '1', 'yes'])('with %s is true', (text) => {
    expect(read('active', text)).toEqual({ value: true });
  });

  it.each(['FALSE', 'FALSCH', 'FAUX', 'FALSO', 'ONWAAR', '0', 'no'])('with %s is false', (text) => {
    expect(read('active', text)).toEqual({ value: false });
  });

  it.each([
    ['active', '2', '"2" is not true or false. The map can say what it means, with "values".'],
    [
      'hired',
      '45321',
      '"45321" is the number that a spreadsheet has for a date. Format the column so that it shows a date such as 2026-12-31.',
    ],
    ['hired', '30.01.2024', '"30.01.2024" is not a date such as 2026-12-31.'],
    ['title', '1.23E+05', '"1.23E+05" looks like a number that a spreadsheet has rounded.'],
    ['title', '1,23E+11', '"1,23E+11" looks like a number that a spreadsheet has rounded.'],
  ])('for %s with %s is refused', (name, text, message) => {
    expect(read(name, text)).toEqual({ problem: message });
  });
});
