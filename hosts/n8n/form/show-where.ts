import type { DisplayConditions, N8nProperty } from './n8n-property.ts';

/** The same parameter, shown only where others have certain values. */
export function showWhere(property: N8nProperty, show: DisplayConditions): N8nProperty {
  return { ...property, displayOptions: { show: { ...show, ...property.displayOptions?.show } } };
}
