import type { ConnectorDefinition, Field, SourceDefinition } from '../../connector/definition/definition.ts';
import type { SourceType } from '../../connector/manifest/source.zod.ts';

/** The sources that the webhook trigger can receive. For other sources, use `rolecall watch`: see docs/sources.md. */
const received: ReadonlySet<SourceType> = new Set(['security_event_token', 'workato_audit_log']);

/** The sources of the webhook trigger. */
export function pushedSources({ sources }: ConnectorDefinition): readonly SourceDefinition[] {
  return sources.filter(({ type }) => received.has(type));
}

/** The secrets of the senders. They are in the connection, because the content of a recipe is visible and exported. */
export function secretFields(definition: ConnectorDefinition): readonly Field[] {
  return pushedSources(definition).flatMap((source) =>
    source.fields
      .filter(({ secret }) => secret)
      .map((field) => ({
        ...field,
        key: secretName(source, field),
        title: `${source.title}: ${field.title.charAt(0).toLowerCase()}${field.title.slice(1)}`,
        help: `For the trigger "${pushedEventTitle}". ${field.help}`,
        required: false,
        schema: { type: 'string' },
      })),
  );
}

/** The name of a source's secret in the connection. */
export function secretName({ type }: SourceDefinition, { key }: Field): string {
  return `${type}_${key}`;
}

/** The key of the webhook trigger. */
export const pushedEventKey = 'pushed_event';
export const pushedEventTitle = 'New pushed event';
export const pushedEventDescription =
  'Triggers immediately when an event source pushes an event about a user or group.';

/** Whether the connector has the trigger. It shares the form of its events with the polling triggers. */
export function hasPushedEvent(definition: ConnectorDefinition): boolean {
  const isKeyTaken = definition.triggers.some(({ key }) => key === pushedEventKey);
  return definition.triggers.length > 0 && pushedSources(definition).length > 0 && !isKeyTaken;
}
