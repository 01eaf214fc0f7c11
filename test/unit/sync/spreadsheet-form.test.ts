import { describe, expect, it } from 'vitest';
import { isSpreadsheetForm } from '../../../sync/spreadsheet-form.ts';

describe('a value as a spreadsheet writes it', () => {
  it.each<[unknown, unknown]>([
    ['00123', '123'],
    ['000', '0'],
    ['4130.10', '4130.1'],
    ['12.00', '12'],
    ['+49 30 1234', '49301234'],
    ['(030) 12-34', '301234'],
    ['2024-01-30', '45321'],
    ['2024-01-30T00:00:00Z', '45321'],
    ['2024-01-30', '43859'],
    [[{ value: '0301', type: 'work' }], [{ value: '301', type: 'work' }]],
  ])('is recognized: %j → %j', (before, after) => {
    expect(isSpreadsheetForm(before, after)).toBe(true);
  });

  it.each<[unknown, unknown]>([
    ['123', '00123'],
    ['00123', '124'],
    ['00123', '00123'],
    ['100', '1'],
    ['A00123', 'A123'],
    ['12-34', '1234'],
    ['2024-01-30', '45322'],
    [null, '123'],
    [['00123'], ['124']],
    [true, '1'],
  ])('is not %j → %j', (before, after) => {
    expect(isSpreadsheetForm(before, after)).toBe(false);
  });
});
