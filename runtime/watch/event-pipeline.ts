import type { ProvisioningEvent } from '../../connector/event.ts';
import type { Selector } from '../../triggers/select/create-selector.ts';

/** How the events of a source are read for a trigger. */
export interface EventPipeline {
  /** Makes the test of which events are to be delivered, as things stand now. @throws ConnectorError */
  openSelector(): Promise<Selector>;
  /**
   * Reads the resources of those events that came without; left out where there is no provider to ask.
   *
   * @throws ConnectorError when one cannot be read now.
   */
  readonly enrich?: EnrichEvents | undefined;
}

/** Reads what events lack. */
export type EnrichEvents = (
  events: readonly ProvisioningEvent[],
  signal?: AbortSignal,
) => Promise<readonly ProvisioningEvent[]>;
