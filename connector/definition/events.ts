import type { JsonSchema } from '../../schemas/json-schema.ts';
import type { EventSubject, ProvisioningEvent } from '../event.ts';
import type { TriggerDeclaration } from '../manifest/manifest.zod.ts';
import type { ResourceDefinition } from './definition.ts';

const text: JsonSchema = { type: 'string' };
const textOrNull: JsonSchema = { type: ['string', 'null'] };
const flag: JsonSchema = { type: 'boolean' };

/** The form of the events about these kinds of resource, as JSON Schema. */
export function eventSchema(resources: readonly ResourceDefinition[]): JsonSchema {
  const [only, ...others] = resources;
  const anyResource = { ...object('AnyResource', { id: text }), required: ['id'] };
  const output: JsonSchema = only !== undefined && others.length === 0 ? only.output : anyResource;
  return object(others.length === 0 ? `${only?.name}Event` : 'ProvisioningEvent', {
    id: { ...text, title: 'Event ID', description: "The source's own id of the event." },
    type: {
      ...text,
      title: 'Type',
      description: 'What happened, in the words of RFC 9967.',
      enum: ['create', 'patch', 'put', 'delete', 'activate', 'deactivate'],
    },
    occurredAt: {
      ...text,
      format: 'date-time',
      title: 'Occurred at',
      description: 'When it happened, as far as the source says, else when it was seen.',
    },
    resource: {
      ...text,
      title: 'Resource',
      description: 'The kind of resource.',
      enum: resources.map(({ name }) => name),
    },
    subject: {
      ...object('EventSubject', {
        id: {
          ...text,
          title: 'SCIM ID',
          description: 'The SCIM id; of a source that knows none, its own id.',
        },
        externalId: { ...textOrNull, title: 'External ID', description: 'The id in the identity provider.' },
        userName: { ...textOrNull, title: 'User name', description: 'The name a user signs in with.' },
        displayName: { ...textOrNull, title: 'Display name', description: 'The name shown to people.' },
      }),
      title: 'Subject',
      description: 'Whom or what it is about.',
    },
    changes: {
      type: 'array',
      title: 'Changes',
      description: 'What is not what it was. When created or deleted, only the members of a group.',
      items: object('EventChange', {
        path: { ...text, title: 'Attribute', description: 'The SCIM path of the attribute.' },
        from: {
          title: 'From',
          description: 'The value before; null when there was none, or it is not known.',
        },
        to: { title: 'To', description: 'The value after; null when there is none, or it is not known.' },
        fromKnown: { ...flag, title: 'From is known', description: 'Whether the value before is known.' },
        toKnown: { ...flag, title: 'To is known', description: 'Whether the value after is known.' },
      }),
    },
    data: {
      ...output,
      type: ['object', 'null'],
      title: 'Data',
      description: 'The resource as it then was, or as it is now; null when it was deleted or is not known.',
    },
    source: { ...text, title: 'Source', description: 'The way it came: how it was polled, or who sent it.' },
    cause: {
      ...textOrNull,
      title: 'Cause',
      description: "What made the change, in the source's own words, such as scim_auto_sync.",
    },
    isLate: {
      ...flag,
      title: 'Is late',
      description: 'Whether a newer event about the same resource was given before this one.',
    },
    dedupeKey: {
      ...text,
      title: 'Dedupe key',
      description: 'The same whenever the same event is given again.',
    },
  });
}

/** An event as it really looks, made of what a trigger declares of it and of the resource's own sample. */
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

/** The names that a resource shows of itself. */
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

// Only attributes at the top, and those of an extension, differ from the resource's own sample.
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
