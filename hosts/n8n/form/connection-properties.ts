import type { Field } from '../../../connector/definition/definition.ts';
import { fieldProperty } from './field-property.ts';
import type { N8nProperty } from './n8n-property.ts';

/** The parameters of the credential. A number that may be left out is 0, for n8n has no empty one. */
export function connectionProperties(fields: readonly Field[]): readonly N8nProperty[] {
  return fields.map((field) => {
    const property = fieldProperty(field);
    if (property.type !== 'number' || field.default !== undefined) return property;
    return {
      ...property,
      typeOptions: { ...property.typeOptions, minValue: 0 },
      default: 0,
      description: `${property.description}`.replace('Left out:', '0:'),
    };
  });
}
