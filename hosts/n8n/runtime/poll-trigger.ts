import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import { readEvents } from '../../../runtime/watch/read-events.ts';
import { isFieldOfSource } from '../form/trigger-properties.ts';
import { parameterNames, pollingSource } from '../parameter-names.ts';
import { credentialName, eventsCredentialName } from './credential-name.ts';
import type { N8nPollFunctions } from './n8n-functions.ts';
import type { N8nSession } from './n8n-session.ts';
import type { PipelineOpener } from './open-reading.ts';
import type { SourceOpener } from './open-source.ts';
import { readTriggerForm } from './read-trigger-form.ts';

/** Looks for the node that calls; null when nothing happened. */
export type PollTrigger = (functions: N8nPollFunctions) => Promise<readonly object[] | null>;

/** Where a node looks, and how it goes on there. */
interface PollTarget {
  /**
   * The provider or the source, with the credential: all workspaces of Workato have one address. What is remembered of
   * one is nothing to another.
   */
  readonly place: string;
  look(cursor: unknown): Promise<{ readonly events: readonly ProvisioningEvent[]; readonly cursor: unknown }>;
}

/**
 * Makes the poll of the trigger node. What it remembers stands in the node's static data, which n8n writes down when
 * it starts the execution; it is only put there when the poll went well. A node that is turned to another provider
 * begins again there: all that was known would look deleted. A poll that is still under way when the next one is due is
 * not begun a second time: both would give the same events.
 */
export function createPollTrigger(
  definition: ConnectorDefinition,
  open: (functions: N8nPollFunctions) => Promise<N8nSession>,
  openSource: SourceOpener,
  openPipeline: PipelineOpener,
): PollTrigger {
  const underWay = new Set<string>();

  const openPollTarget = async (functions: N8nPollFunctions): Promise<PollTarget> => {
    if (functions.getNodeParameter(parameterNames.source, pollingSource) === pollingSource) {
      const { trigger, input } = readTriggerForm(definition, functions, () => true);
      const { session, baseUrl } = await open(functions);
      return {
        place: `${baseUrl} ${credentialId(functions, credentialName)}`,
        look: (cursor) => session.poll(trigger.key, input, cursor),
      };
    }
    const form = readTriggerForm(definition, functions, isFieldOfSource);
    const source = await openSource(functions);
    if (source.delivery === 'push') {
      throw new ConnectorError('unsupported', {
        what: 'The events of this source are sent, not fetched.',
        nextStep: 'Use the node SCIM Webhook Trigger for it, or choose another source in the credential.',
      });
    }
    const reading = await openPipeline(functions, form);
    return {
      place: `${source.type} ${credentialId(functions, eventsCredentialName)}`,
      async look(before) {
        const { events, cursor } = await source.receiver.poll(before);
        return { events: await readEvents(reading, source, events), cursor };
      },
    };
  };

  return async (functions) => {
    const kept = functions.getWorkflowStaticData('node');
    const { place, look } = await openPollTarget(functions);
    const before = kept.place === place ? kept.cursor : undefined;
    // A person who builds the workflow gets what happened since the last poll, which stays to be told, or a sample.
    if (functions.getMode() === 'manual') {
      const { events } = await look(before);
      return events.length > 0 ? events.slice(0, 1) : [sampleOf(definition, functions)];
    }
    const node = `${functions.getWorkflow().id}/${functions.getNode().id}`;
    if (underWay.has(node)) return null;
    underWay.add(node);
    try {
      const { events, cursor } = await look(before);
      kept.place = place;
      kept.cursor = cursor;
      return events.length === 0 ? null : events;
    } finally {
      underWay.delete(node);
    }
  };
}

/** n8n's name for the credential that was chosen; it stays when the token in it is changed. */
function credentialId(functions: N8nPollFunctions, name: string): string {
  return functions.getNode().credentials?.[name]?.id ?? '';
}

function sampleOf({ triggers }: ConnectorDefinition, functions: N8nPollFunctions): object {
  const key = functions.getNodeParameter(parameterNames.event);
  return triggers.find((trigger) => trigger.key === key)?.sample as object;
}
