import type { N8nProperty } from './n8n-property.ts';

/** A number that may be left out: 0 stands for that, for n8n has no empty one. */
export function leftOutAsZero(property: N8nProperty, description: string): N8nProperty {
  return { ...property, typeOptions: { ...property.typeOptions, minValue: 0 }, default: 0, description };
}
