import type { Field } from '../../../connector/definition/definition.ts';
import { labelWithUnit } from '../../kit/label-with-unit.ts';
import { titleCase } from '../../kit/title-case.ts';

/** The label of a field: "Maximum token age" in seconds → "Maximum Token Age (seconds)". */
export function labelOf({ title, unit }: Pick<Field, 'title' | 'unit'>): string {
  return labelWithUnit(titleCase(title), unit);
}

/** A help text as Markdown: Zapier's review wants every URL to be a link or code. */
export function helpText(text: string): string {
  return text.replace(/https?:\/\/\S*[^\s.,;:)]/g, (url) => `\`${url}\``);
}
