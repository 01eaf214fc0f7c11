import type { Field } from '../../../connector/definition/definition.ts';
import { fieldProperty } from './field-property.ts';
import type { N8nProperty } from './n8n-property.ts';
import { omittedAsZero } from './omitted-as-zero.ts';

/** The parameters of the credential. */
export function connectionProperties(fields: readonly Field[]): readonly N8nProperty[] {
  return fields.map((field) => {
    const property = fieldProperty(field);
    if (property.type !== 'number' || field.default !== undefined) return property;
    return omittedAsZero(property, `${property.description}`.replace('Leave blank', 'Set to 0'));
  });
}
