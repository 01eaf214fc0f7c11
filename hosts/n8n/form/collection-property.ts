import type { Field } from '../../../connector/definition/definition.ts';
import { parameterLabels, parameterNames } from '../parameter-names.ts';
import { fieldProperty, sorted } from './field-property.ts';
import type { N8nProperty } from './n8n-property.ts';

const placeholders = {
  additionalFields: 'Add Field',
  updateFields: 'Add Field',
  filters: 'Add Filter',
  options: 'Add Option',
} as const;

/** The optional fields of a form; none for a form without any. */
export function collectionProperty(
  fields: readonly Field[],
  parameter: keyof typeof placeholders,
): readonly N8nProperty[] {
  if (fields.length === 0) return [];
  return [
    {
      displayName: parameterLabels[parameter],
      name: parameterNames[parameter],
      type: 'collection',
      placeholder: placeholders[parameter],
      default: {},
      options: sorted(fields.map((field) => withoutBlank(fieldProperty(field)))),
    },
  ];
}

/** A number or a list has no blank value in n8n: it is omitted from the collection instead. */
function withoutBlank(property: N8nProperty): N8nProperty {
  const { type, description } = property;
  if (description === undefined || (type !== 'number' && type !== 'options')) return property;
  return { ...property, description: description.replace('Leave blank', 'Leave out') };
}
