import type { Field } from '../../../connector/definition/definition.ts';
import { fieldProperty, sorted } from './field-property.ts';
import type { N8nProperty } from './n8n-property.ts';

const placeholders = {
  'Additional Fields': 'Add Field',
  'Update Fields': 'Add Field',
  Filters: 'Add Filter',
  Options: 'Add Option',
} as const;

/** The optional fields of a form; undefined for a form without any. */
export function collectionProperty(
  fields: readonly Field[],
  name: string,
  displayName: keyof typeof placeholders,
): readonly N8nProperty[] {
  if (fields.length === 0) return [];
  const placeholder = placeholders[displayName];
  const options = sorted(fields.map((field) => fieldProperty(field)));
  return [{ displayName, name, type: 'collection', placeholder, default: {}, options }];
}
