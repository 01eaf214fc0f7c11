import type { ActionDefinition, ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { formTraits, resourceOfAction } from '../../kit/form-traits.ts';
import { formOf } from '../form/form-of.ts';
import { resourceValue } from '../form/words.ts';
import { createSimplifier } from '../runtime/create-simplifier.ts';
import { outputsOf } from '../runtime/run-items.ts';
import { summaryItem } from '../runtime/sync-items.ts';

/** Where n8n looks up the schemas of version 1 of a node. */
const folder = '__schema__/v1.0.0';

/**
 * The schemas of what the nodes output, by their paths in the package. n8n's editor shows them before a node has run, so
 * that its fields can be mapped in later nodes. They have the fields of the samples.
 */
export function outputSchemas(definition: ConnectorDefinition): ReadonlyMap<string, string> {
  const { actions, triggers } = definition;
  const [event] = triggers;
  return new Map([
    ...actions.map((action) => {
      const path = `${folder}/${resourceValue(action.group)}/${action.key}`;
      return [`nodes/Scim/${path}.json`, schemaText(sampleItem(definition, action))] as const;
    }),
    ...['ScimTrigger', 'ScimWebhookTrigger'].map(
      (node) => [`nodes/${node}/${folder}.json`, schemaText(event?.sample)] as const,
    ),
  ]);
}

/** The first item that an action outputs with the defaults of its form. */
function sampleItem(definition: ConnectorDefinition, action: ActionDefinition): unknown {
  const [item = {}] = outputsOf(action, action.sample);
  const { changes } = formTraits(action);
  // A sync outputs its changes as items of their own.
  if (changes !== undefined)
    return summaryItem(Object.fromEntries(Object.entries(item).filter(([key]) => key !== changes)));
  const resource = resourceOfAction(action, definition);
  return resource !== undefined && formOf(action).returnsResource ? createSimplifier(resource)(item) : item;
}

/** In the format of JSON from the TypeScript compiler. */
function schemaText(sample: unknown): string {
  return `${JSON.stringify(schemaOf(sample), null, 4)}\n`;
}

/** The JSON schema of a sample: n8n reads the types, the properties of objects, and the items of lists. */
function schemaOf(sample: unknown): object {
  if (Array.isArray(sample)) return { type: 'array', items: schemaOf(sample[0]) };
  if (isRecord(sample)) {
    const properties = Object.entries(sample).map(([name, value]) => [name, schemaOf(value)] as const);
    return { type: 'object', properties: Object.fromEntries(properties) };
  }
  return { type: sample === null || sample === undefined ? 'null' : typeof sample };
}
