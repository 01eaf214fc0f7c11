import { parameterNames } from '../parameter-names.ts';
import type { N8nOption, N8nProperty } from './n8n-property.ts';

/** The expression of a node's subtitle: what the selected operation does, as in the list of actions. */
export function subtitleOf(properties: readonly N8nProperty[]): string {
  const texts = properties
    .filter(({ name }) => name === parameterNames.operation)
    .flatMap(({ displayOptions, options = [] }) => {
      const [resource] = displayOptions?.show?.[parameterNames.resource] ?? [];
      return (options as readonly N8nOption[]).map(({ value, action }) => [`${resource}:${value}`, action]);
    });
  const { resource, operation } = parameterNames;
  return `={{ ${JSON.stringify(Object.fromEntries(texts))}[$parameter["${resource}"] + ":" + $parameter["${operation}"]] }}`;
}
