import type { JsonSchema } from '../../schemas/json-schema.ts';
import { type EventSubject, eventTypes, type ProvisioningEvent } from '../event.ts';
import type { TriggerDeclaration } from '../manifest/trigger.zod.ts';
import type { ResourceDefinition } from './definition.ts';

const text: JsonSchema = { type: 'string' };
const textOrNull: JsonSchema = { type: ['string', 'null'] };
const flag: JsonSchema = { type: 'boolean' };

/** The JSON Schema of events about these resource types. */
export function eventSchema(resources: readonly ResourceDefinition[]): JsonSchema {
  const [only, ...others] = resources;
  const anyResource = { ...object('AnyResource', { id: text }), required: ['id'] };
  const output: JsonSchema = only !== undefined && others.length === 0 ? only.output : anyResource;
  const name = others.length === 0 ? only?.name : undefined;
  const description = `A change of a ${name?.toLowerCase() ?? 'resource'}.`;
  const event = object(name === undefined ? 'ProvisioningEvent' : `${name}Event`, {
    id: { ...text, title: 'Event ID', description: 'ID that the source assigned to the event.' },
    type: {
      ...text,
      title: 'Type',
      description: 'What happened, as an event type of RFC 9967.',
      enum: eventTypes,
    },
    occurredAt: {
      ...text,
      format: 'date-time',
      title: 'Occurred at',
      description: 'When the change was made, or when it was detected if the source does not say.',
    },
    resource: {
      ...text,
      title: 'Resource',
      description: 'Type of the resource.',
      enum: resources.map(({ name }) => name),
    },
    subject: {
      ...object('EventSubject', {
        id: {
          ...text,
          title: 'ID',
          description: "SCIM ID, or the source's own ID if it has no SCIM ID.",
        },
        externalId: { ...textOrNull, title: 'External ID', description: 'ID in the identity provider.' },
        userName: { ...textOrNull, title: 'Username', description: 'Name that the user signs in with.' },
        displayName: { ...textOrNull, title: 'Display name', description: 'Name shown to other people.' },
      }),
      title: 'Subject',
      description: 'User or group that the event is about.',
    },
    changes: {
      type: 'array',
      title: 'Changes',
      description: 'Attributes that changed. For created and deleted resources, only the members of a group.',
      items: object('EventChange', {
        path: { ...text, title: 'Attribute', description: 'SCIM path of the attribute.' },
        from: {
          title: 'Previous value',
          description: 'Value before the change. Null if the attribute had no value, or it is unknown.',
        },
        to: {
          title: 'New value',
          description: 'Value after the change. Null if the attribute has no value, or it is unknown.',
        },
        fromKnown: {
          ...flag,
          title: 'Previous value available',
          description: 'Whether the previous value is known.',
        },
        toKnown: { ...flag, title: 'New value available', description: 'Whether the new value is known.' },
      }),
    },
    data: {
      ...output,
      type: ['object', 'null'],
      title: 'Data',
      description: 'The resource at the time of the event or later. Null if it was deleted or is unknown.',
    },
    source: { ...text, title: 'Source', description: 'How the event was detected, or which source sent it.' },
    cause: {
      ...textOrNull,
      title: 'Cause',
      description: 'What caused the change, as reported by the source, such as scim_auto_sync.',
    },
    isLate: {
      ...flag,
      title: 'Arrived out of order',
      description: 'Whether a newer event about the same resource was delivered before this one.',
    },
    dedupeKey: {
      ...text,
      title: 'Deduplication key',
      description: 'Identifies the event: the same each time the event is delivered.',
    },
  });
  return { ...event, description };
}

/** A realistic event, composed of the trigger's sample and the resource's own sample. */
export function eventSample(
  { name, sample }: ResourceDefinition,
  { type, changes }: TriggerDeclaration['sample'],
): ProvisioningEvent {
  const meta = sample.meta as { readonly lastModified?: string } | undefined;
  const dedupeKey = `${name}/${sample.id}/${type}/7.h3Jd9aQ1`;
  return {
    id: dedupeKey,
    type,
    occurredAt: meta?.lastModified ?? '2026-05-13T04:42:34.000Z',
    resource: name,
    subject: subjectOf(sample),
    changes: changes.map(({ path, from = null, to = null }) => ({
      path,
      from,
      to,
      fromKnown: true,
      toKnown: true,
    })),
    data: type === 'delete' ? null : (withChanges(sample, changes) as ProvisioningEvent['data']),
    source: 'snapshot',
    cause: null,
    isLate: false,
    dedupeKey,
  };
}

/** The identifying attributes of a resource. */
export function subjectOf(resource: Readonly<Record<string, unknown>>): EventSubject {
  const name = (key: string): string | null => {
    const value = resource[key];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    id: name('id') ?? '',
    externalId: name('externalId'),
    userName: name('userName'),
    displayName: name('displayName'),
  };
}

// Only top-level and extension attributes differ from the resource's own sample.
function withChanges(
  sample: ResourceDefinition['sample'],
  changes: TriggerDeclaration['sample']['changes'],
): Record<string, unknown> {
  const data: Record<string, unknown> = { ...sample };
  for (const { path, to } of changes) {
    const at = path.lastIndexOf(':');
    const extension = path.slice(0, Math.max(at, 0));
    if (path.includes('[')) continue;
    if (at < 0) data[path] = to;
    else data[extension] = { ...(data[extension] as object | undefined), [path.slice(at + 1)]: to };
  }
  return data;
}

function object(name: string, properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', 'x-name': name, properties, required: Object.keys(properties) };
}
