import type { ProvisioningEvent } from '../connector/event.ts';
import type { SourceTraits } from '../triggers/sources/source.ts';
import type { EventReading } from './event-reading.ts';

/**
 * The events of a source as a trigger reads them: those it starts with, with their resources where there is a provider
 * that can be asked for them.
 *
 * @throws ConnectorError when one cannot be read, or judged, now.
 */
export async function readEvents(
  { complete, openSelector }: EventReading,
  { idsAreScim }: Pick<SourceTraits, 'idsAreScim'>,
  events: readonly ProvisioningEvent[],
  signal?: AbortSignal,
): Promise<readonly ProvisioningEvent[]> {
  if (events.length === 0) return events;
  const whole = idsAreScim && complete !== undefined ? await complete(events, signal) : events;
  return whole.filter(await openSelector());
}
