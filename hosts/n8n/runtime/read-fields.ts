import type { Field } from '../../../connector/definition/definition.ts';
import { readValue } from './read-value.ts';

/** What a credential holds of these fields; n8n adds fields of its own to it. */
export function readFields(
  fields: readonly Field[],
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = fields.flatMap((field) => {
    const value = readValue(field, given[field.key]);
    // n8n's form has no empty number: 0 stands for one that was omitted.
    const isLeftOut = value === undefined || (value === 0 && (field.schema.minimum ?? 0) > 0);
    return isLeftOut ? [] : [[field.key, value]];
  });
  return Object.fromEntries(entries);
}
