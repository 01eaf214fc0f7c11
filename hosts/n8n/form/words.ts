import type { Field } from '../../../connector/definition/definition.ts';
import { labelWithUnit } from '../../kit/label-with-unit.ts';
import { singular, titleCase } from '../../kit/title-case.ts';

/** n8n's terms that differ from those of the manifest. */
const n8nWords: readonly (readonly [RegExp, string])[] = [
  [/^Maximum\b/, 'Max'],
  [/^Attributes\b/, 'Fields'],
];

/** The unit that n8n's linter accepts in its short form, since only credentials have it. */
const shortUnits: Readonly<Record<string, string>> = { milliseconds: 'ms' };

/** The label of a field: "Maximum token age" in seconds → "Max Token Age (Seconds)". */
export function labelOf({ title, unit }: Pick<Field, 'title' | 'unit'>): string {
  const label = titleCase(n8nWords.reduce((text, [word, own]) => text.replace(word, own), title));
  return labelWithUnit(
    label,
    unit && (shortUnits[unit] ?? titleCase(unit.charAt(0).toUpperCase() + unit.slice(1))),
  );
}

/** A help text in n8n's style: one sentence has no period, several have. */
export function helpText(text: string): string {
  const isOne = !/[.?!]['")]?\s/.test(text.slice(0, -1));
  return isOne ? text.replace(/\.$/, '') : text;
}

/** The help of a switch, which must begin with "Whether" in n8n. */
export function switchText(text: string): string {
  if (/^whether /i.test(text)) return helpText(text);
  return helpText(`Whether to ${text.charAt(0).toLowerCase()}${text.slice(1)}`);
}

/** `scim_role` → `scimRole`. */
export function camelCase(text: string): string {
  return text
    .replace(/[^A-Za-z0-9]+(.)?/g, (_, letter: string | undefined) => (letter ?? '').toUpperCase())
    .replace(/^./, (first) => first.toLowerCase());
}

/** The value of the parameter "resource" for a group of actions: "Users" → `user`. */
export function resourceValue(group: string): string {
  return camelCase(singular(group));
}
