import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import type { Runtime } from '../../../connector/runtime.ts';
import { readingWithoutProvider } from '../../../runtime/reading-without-provider.ts';
import type { TriggerForm } from './read-trigger-form.ts';

/** The events of a source that a trigger starts with. What does not say enough to be judged passes. */
export async function selectEvents(
  definition: ConnectorDefinition,
  runtime: Runtime,
  { trigger, input }: TriggerForm,
  events: readonly ProvisioningEvent[],
): Promise<readonly ProvisioningEvent[]> {
  const reading = readingWithoutProvider(definition, runtime, trigger.key, input);
  return events.filter(await reading.openSelector());
}
