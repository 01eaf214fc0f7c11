import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { workatoLog } from '../../triggers/sources/providers/workato-activity-log.ts';
import { workosLog } from '../../triggers/sources/providers/workos-events-api.ts';
import { type FetchedType, fetchedSources, secretName } from './event-sources.ts';
import { eventMappingData } from './pushed-event-data.ts';

type Data = Readonly<Record<string, unknown>>;

/** What differs between the logs. */
const logs: Readonly<Record<FetchedType, Data>> = {
  workato_activity_log: { ...workatoLog, eventParameter: 'include_event_types[]', timeName: 'timestamp' },
  workos_events: { ...workosLog, eventParameter: 'events[]', timeName: 'created_at' },
};

/** The data of the trigger that fetches events. */
export function fetchedEventData(definition: ConnectorDefinition): Readonly<Record<string, Data>> {
  return {
    ...eventMappingData(definition),
    logs: Object.fromEntries(
      fetchedSources(definition).map((source) => {
        const [secret] = source.fields.filter((field) => field.secret);
        if (secret === undefined) throw new Error(`The source ${source.type} has no secret.`);
        return [source.type, { ...logs[source.type], secret: secretName(source, secret) }];
      }),
    ),
  };
}
