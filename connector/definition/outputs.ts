import type { JsonSchema } from '../../schemas/json-schema.ts';
import type { Operation } from '../manifest/manifest.zod.ts';
import type { ResourceDefinition } from './definition.ts';

const anything: JsonSchema = {};
const text: JsonSchema = { type: 'string' };
const flag: JsonSchema = { type: 'boolean' };
const count: JsonSchema = { type: 'integer', minimum: 0 };

/** What an operation gives, as JSON Schema. */
export function outputOf(operation: Operation, resource: ResourceDefinition | undefined): JsonSchema {
  switch (operation.type) {
    case 'create':
    case 'read':
    case 'patch':
    case 'replace':
      return resource?.output ?? anything;
    case 'search':
      return object(`${resource?.name}List`, {
        totalResults: {
          ...count,
          title: 'Total results',
          description: 'How many there are at the provider.',
        },
        truncated: {
          ...flag,
          title: 'Truncated',
          description: 'Whether there are more than were read, because of "limit".',
        },
        resources: {
          type: 'array',
          title: 'Results',
          description: 'What was found.',
          items: resource?.output ?? anything,
        },
      });
    case 'delete':
      return object('Deleted', {
        id: {
          type: ['string', 'null'],
          title: 'SCIM ID',
          description: 'The id of what was deleted; null when a look-up found nothing.',
        },
        deleted: { ...flag, title: 'Deleted', description: 'Always true: it is gone.' },
        alreadyGone: { ...flag, title: 'Already gone', description: 'Whether it was gone before this step.' },
      });
    case 'members':
      return object('MembersChanged', {
        id: { ...text, title: 'SCIM ID', description: 'The id of the group.' },
        members: {
          type: 'array',
          title: 'Members',
          description: 'Those who were added or taken out.',
          items: object('ChangedMember', {
            value: { ...text, title: 'SCIM ID', description: 'The id of the member.' },
          }),
        },
        requests: { ...count, title: 'Requests', description: 'In how many requests it was done.' },
      });
    case 'bulk':
      return object('BulkResult', {
        succeeded: { ...count, title: 'Succeeded', description: 'How many rows were done.' },
        failed: { ...count, title: 'Failed', description: 'How many rows were not done.' },
        results: {
          type: 'array',
          title: 'Results',
          description: 'One result for each row, in the order of the rows.',
          items: rowResult,
        },
      });
    case 'discover':
      return object('Discovery', {
        serviceProviderConfig: {
          type: ['object', 'null'],
          title: 'Configuration',
          description: 'What the provider says it supports; null where it does not say.',
        },
        resourceTypes: {
          type: 'array',
          title: 'Resource types',
          description: 'The kinds of resource it has.',
          items: { type: 'object' },
        },
        schemas: {
          type: 'array',
          title: 'Schemas',
          description: 'The schemas of its resources.',
          items: { type: 'object' },
        },
      });
    case 'request':
      return object('RawAnswer', {
        status: { ...count, title: 'Status', description: 'The HTTP status.' },
        headers: { type: 'object', title: 'Headers', description: 'The headers, by name in lower case.' },
        body: {
          title: 'Body',
          description: 'The body: JSON where it is JSON, else text; null when there is none.',
        },
      });
  }
}

/** A sample of what an operation gives, where it follows from a sample of the resource. */
export function sampleOf(operation: Operation, resource: ResourceDefinition | undefined): unknown {
  return operation.type === 'search'
    ? { totalResults: 1, truncated: false, resources: [resource?.sample] }
    : resource?.sample;
}

const rowResult = object(
  'RowResult',
  {
    row: { ...count, title: 'Row', description: 'The number of the row, from 0.' },
    ok: { ...flag, title: 'OK', description: 'Whether the row was done.' },
    id: { ...text, title: 'SCIM ID', description: 'The id of the resource, where it is known.' },
    output: { title: 'Output', description: 'What the action gave, when the row was done.' },
    error: {
      ...object('RowError', { code: text, message: text }),
      title: 'Error',
      description: 'What went wrong, when the row was not done.',
    },
  },
  ['row', 'ok'],
);

function object(
  name: string,
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = Object.keys(properties),
): JsonSchema {
  return { type: 'object', 'x-name': name, properties, required };
}
