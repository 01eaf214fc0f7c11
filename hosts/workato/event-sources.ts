import type { ConnectorDefinition, Field, SourceDefinition } from '../../connector/definition/definition.ts';
import type { SourceType } from '../../connector/manifest/source.zod.ts';

/** The sources that the webhook trigger can receive. For other sources, use `rolecall watch`: see docs/sources.md. */
const pushedTypes = ['security_event_token', 'workato_audit_log'] as const satisfies readonly SourceType[];

/** The sources that the trigger for fetched events can poll. */
const fetchedTypes = ['workato_activity_log', 'workos_events'] as const satisfies readonly SourceType[];

/** The type of a source that can be fetched. */
export type FetchedType = (typeof fetchedTypes)[number];

/** The sources of the webhook trigger. */
export function pushedSources({ sources }: ConnectorDefinition): readonly SourceDefinition[] {
  return sources.filter(({ type }) => pushedTypes.some((one) => one === type));
}

/** The sources of the trigger for fetched events. */
export function fetchedSources({
  sources,
}: ConnectorDefinition): readonly (SourceDefinition & { readonly type: FetchedType })[] {
  return sources.flatMap((source) => {
    const type = fetchedTypes.find((one) => one === source.type);
    return type === undefined ? [] : [{ ...source, type }];
  });
}

/** The secrets of the senders. They are in the connection, because the content of a recipe is visible and exported. */
export function secretFields(definition: ConnectorDefinition): readonly Field[] {
  return sourceTriggers(definition).flatMap(({ title, sources }) =>
    sources.flatMap((source) =>
      source.fields
        .filter(({ secret }) => secret)
        .map((field) => ({
          ...field,
          key: secretName(source, field),
          title: `${source.title}: ${field.title.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())}`,
          help: `For the trigger "${title}". ${field.help}`,
          required: false,
          schema: { type: 'string' },
        })),
    ),
  );
}

/** The fields of a trigger for event sources that belong to the safeguard: those of the polling triggers. */
export function safeguardFields({ triggers }: Pick<ConnectorDefinition, 'triggers'>): readonly Field[] {
  const fields = triggers.flatMap((trigger) => trigger.fields.filter(({ safeguard }) => safeguard));
  return [...new Map(fields.map((field) => [field.key, field])).values()];
}

/** The name of a source's secret in the connection. */
export function secretName({ type }: Pick<SourceDefinition, 'type'>, { key }: Field): string {
  return `${type}_${key}`;
}

/** A trigger for event sources. It shares the form of its events with the polling triggers. */
export interface SourceTrigger {
  readonly key: 'pushed_event' | 'fetched_event';
  readonly title: string;
  readonly description: string;
  readonly sources: readonly SourceDefinition[];
}

/** The triggers for event sources that the connector has. */
export function sourceTriggers(definition: ConnectorDefinition): readonly SourceTrigger[] {
  const all: readonly SourceTrigger[] = [
    {
      key: 'pushed_event',
      title: 'New pushed event',
      description: 'Triggers immediately when an event source pushes an event about a user or group.',
      sources: pushedSources(definition),
    },
    {
      key: 'fetched_event',
      title: 'New fetched event',
      description:
        'Triggers when a poll finds a new event about a user or group in the log of an event source.',
      sources: fetchedSources(definition),
    },
  ];
  return all.filter(
    ({ key, sources }) =>
      definition.triggers.length > 0 &&
      sources.length > 0 &&
      definition.triggers.every((one) => one.key !== key),
  );
}
