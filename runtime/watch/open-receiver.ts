import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { invalidInput } from '../../connector/errors.ts';
import type { Platform } from '../../connector/platform.ts';
import { check } from '../../schemas/check.ts';
import type { PushReceiver } from '../../triggers/sources/source.ts';
import { sources } from '../../triggers/sources/sources.ts';
import { notDeclared } from '../prepare.ts';
import type { EventPipeline } from './event-pipeline.ts';
import { readEvents } from './read-events.ts';
import { withEnrichment } from './with-enrichment.ts';

/**
 * Opens what receives the requests of one sender. It keeps nothing: the events it gives may come again, under the same
 * `dedupeKey`.
 *
 * @param reading of the trigger that the events are for; left out: every event is given, as it came.
 * @throws ConnectorError `invalid_input` when there is no such source, when it is one that does not send, or when a
 *   setting is not right.
 */
export function openReceiver(
  definition: ConnectorDefinition,
  platform: Platform,
  type: string,
  settings: Readonly<Record<string, unknown>>,
  reading: EventPipeline | undefined,
): PushReceiver {
  const declared = definition.sources.filter((one) => sources[one.type].delivery === 'push');
  const chosen = declared.find((one) => one.type === type);
  if (chosen === undefined)
    throw notDeclared(
      'source that sends',
      type,
      declared.map((one) => one.type),
    );
  const problems = check(chosen.settings, settings);
  if (problems.length > 0) throw invalidInput(problems);
  const source = sources[chosen.type];
  if (source.delivery !== 'push') throw new TypeError(`${type} does not send`);
  const receiver = source.open({ definition, platform }, settings);
  if (reading === undefined) return receiver;
  return withEnrichment(receiver, (events, signal) => readEvents(reading, source, events, signal));
}
