import type { N8nProperty } from './n8n-property.ts';

/** An optional number: 0 stands for a blank field, since n8n has no blank number. */
export function leftOutAsZero(property: N8nProperty, description: string): N8nProperty {
  return { ...property, typeOptions: { ...property.typeOptions, minValue: 0 }, default: 0, description };
}
