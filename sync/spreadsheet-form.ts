import { isRecord } from '../schemas/is-record.ts';

/**
 * Whether a value is what a spreadsheet makes of another one that it mistakes for a number or a date: `00123` becomes `123`,
 * `+49 30 1234` becomes `49301234`, and `2024-01-30` the number of a day. Of lists, the values of their items count.
 */
export function isSpreadsheetForm(before: unknown, after: unknown): boolean {
  if (Array.isArray(before) && Array.isArray(after))
    return after.some((item) => before.some((one) => isSpreadsheetForm(partOf(one), partOf(item))));
  if (typeof before !== 'string' || typeof after !== 'string' || before === after) return false;
  return after === asNumber(before) || after === asPhoneNumber(before) || isDay(before, after);
}

function partOf(item: unknown): unknown {
  return isRecord(item) ? item.value : item;
}

/** A number without the zeros that say nothing, and without its plus. */
function asNumber(text: string): string | undefined {
  if (!/^\+?\d+(\.\d+)?$/.test(text)) return undefined;
  const whole = text.replace(/^\+?0*(?=\d)/, '');
  return whole.includes('.') ? whole.replace(/\.?0+$/, '') : whole;
}

function asPhoneNumber(text: string): string | undefined {
  return /^\(?[+0]/.test(text) ? asNumber(text.replaceAll(/[ ()/-]/g, '')) : undefined;
}

const dayInMs = 86_400_000;
/** The first days of spreadsheets: that of Windows, and the one that older sheets of a Mac have. */
const firstDaysInMs = [Date.UTC(1899, 11, 30), Date.UTC(1904, 0, 1)];

function isDay(before: string, after: string): boolean {
  const [date] = /^\d{4}-\d\d-\d\d/.exec(before) ?? [];
  if (date === undefined || !/^\d{5}$/.test(after)) return false;
  return firstDaysInMs.some((first) => first + Number(after) * dayInMs === Date.parse(`${date}T00:00:00Z`));
}
