import type { ProvisioningEvent } from '../../connector/event.ts';
import type { SourceTraits } from '../../triggers/sources/source.ts';
import type { EventPipeline } from './event-pipeline.ts';

/**
 * The events of a source as a trigger reads them: those it starts with, with their resources where there is a provider
 * that can be asked for them.
 *
 * @throws ConnectorError when one cannot be read, or judged, now.
 */
export async function readEvents(
  { enrich, openSelector }: EventPipeline,
  { usesScimIds }: Pick<SourceTraits, 'usesScimIds'>,
  events: readonly ProvisioningEvent[],
  signal?: AbortSignal,
): Promise<readonly ProvisioningEvent[]> {
  if (events.length === 0) return events;
  const whole = usesScimIds && enrich !== undefined ? await enrich(events, signal) : events;
  return whole.filter(await openSelector());
}
