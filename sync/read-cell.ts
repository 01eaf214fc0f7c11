import { fill } from '../schemas/fill.ts';
import type { Attribute } from '../scim/schema/attribute.ts';
import type { Column } from './column-map.ts';
import { planTexts } from './plan-texts.ts';

/** A value that was read, or why it cannot be. */
export type ReadCell = { readonly value: unknown } | { readonly problem: string };

/** Characters that nobody sees: zero-width ones, and marks of the writing direction. */
const invisible = '\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff';
const invisibleEnds = new RegExp(`^[${invisible}\\s]+|[${invisible}\\s]+$`, 'gu');
const invisibleInside = new RegExp(`[${invisible}\\p{Cc}]`, 'u');

const plainText = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** Text as it is compared and sent: without blanks and invisible characters around it, and in the composed form. */
export function cleanText(text: string): string {
  // Most cells have nothing to clean.
  if (plainText.test(text)) return text;
  return text.replaceAll(invisibleEnds, '').normalize('NFC');
}

/** What a spreadsheet writes in place of a value that it could not compute. */
const spreadsheetError = /^#(N\/A|REF!|VALUE!|NAME\?|DIV\/0!|NULL!|NUM!|SPILL!|CALC!)$/i;
/** A long number that a spreadsheet has rounded, such as `1.23457E+11`. */
const rounded = /^\d([.,]\d+)?E\+\d+$/i;

/** Reads the text of a cell as the type of an attribute. @param text as {@link cleanText} returns it, not empty */
export function readCell(attribute: Attribute, text: string): ReadCell {
  if (spreadsheetError.test(text)) return problem(text, planTexts.spreadsheetError);
  switch (attribute.type) {
    case 'boolean':
      return readFlag(text);
    case 'integer':
      return /^-?\d{1,15}$/.test(text) ? { value: Number(text) } : problem(text, planTexts.notWhole);
    case 'decimal':
      return /^-?\d+(\.\d+)?$/.test(text) ? { value: Number(text) } : problem(text, planTexts.notDecimal);
    case 'dateTime':
      return readTime(text);
    default:
      return readText(attribute, text);
  }
}

/** The words for true and false that people write, and those that spreadsheets show in other languages. */
const trueWords: ReadonlySet<string> = new Set(
  'true yes y 1 active enabled on wahr vrai verdadero vero waar verdadeiro'.split(' '),
);
const falseWords: ReadonlySet<string> = new Set(
  'false no n 0 inactive disabled off falsch faux falso onwaar'.split(' '),
);

function readFlag(text: string): ReadCell {
  const word = text.toLowerCase();
  if (trueWords.has(word)) return { value: true };
  if (falseWords.has(word)) return { value: false };
  return problem(text, planTexts.notAFlag);
}

/** Days since 1899, which a spreadsheet shows in place of a date if the column has no format. */
const serialDate = /^\d{5}(\.\d+)?$/;

/** RFC 7643 §2.3.5; a date is the beginning of its day in UTC. In other formats, day and month can be mixed up. */
function readTime(text: string): ReadCell {
  if (serialDate.test(text)) return problem(text, planTexts.serialDate);
  const [, date = '', time = 'T00:00:00Z'] = /^(\d{4}-\d\d-\d\d)([T ]\d\d:\d\d.*)?$/.exec(text) ?? [];
  const value = `${date}${time.replace(' ', 'T')}`;
  const isExact = /T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value));
  return isExact ? { value } : problem(text, planTexts.notADate);
}

const identifiers: ReadonlySet<string> = new Set([
  'userName',
  'externalId',
  'emails.value',
  'employeeNumber',
]);

function readText({ label }: Attribute, text: string): ReadCell {
  if (rounded.test(text)) return problem(text, planTexts.rounded);
  if (!identifiers.has(label)) return { value: text };
  const odd = invisibleInside.exec(text)?.[0];
  if (odd !== undefined) {
    const code = (odd.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return problem(text, fill(planTexts.invisible, { code }));
  }
  if (label === 'emails.value' && !/^[^\s@]+@[^\s@]+$/.test(text)) return problem(text, planTexts.notAnEmail);
  return { value: text };
}

/** The value of a text, as the rule of its column says. */
export function mappedValue({ values }: Pick<Column, 'values'>, text: string): unknown {
  const texts = Object.keys(values);
  if (texts.length === 0) return text;
  if (Object.hasOwn(values, text)) return values[text];
  const folded = texts.find((key) => key.toLowerCase() === text.toLowerCase());
  if (folded !== undefined) return values[folded];
  return Object.hasOwn(values, '*') ? values['*'] : text;
}

/** The values in one cell. */
export function splitCell(text: string, separator: string): readonly string[] {
  return text
    .split(separator)
    .map(cleanText)
    .filter((part) => part !== '');
}

/** The longest value that a message shows. */
const longest = 60;

function problem(text: string, reason: string): ReadCell {
  const shown = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return { problem: fill(planTexts.cell, { text: shown, reason }) };
}
