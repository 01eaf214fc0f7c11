import type { N8nProperty } from './n8n-property.ts';

/** A parameter for an optional number, in which 0 means omitted: n8n has no blank number. */
export function omittedAsZero(property: N8nProperty, description: string): N8nProperty {
  return { ...property, typeOptions: { ...property.typeOptions, minValue: 0 }, default: 0, description };
}
