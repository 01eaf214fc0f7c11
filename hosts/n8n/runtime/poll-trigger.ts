import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import type { RecentLosses } from '../../../connector/safeguard/safeguard.ts';
import { sources } from '../../../triggers/sources/sources.ts';
import { credentialTypes, eventsCredentialName } from '../credential-types.ts';
import { isFieldOfSource } from '../form/trigger-properties.ts';
import { logSource, parameterNames, pollingSource } from '../parameter-names.ts';
import { selectedMethod } from './credentials.ts';
import { guardFetched, type LossMemory } from './guard-events.ts';
import type { N8nPollFunctions } from './n8n-functions.ts';
import type { N8nSession } from './n8n-session.ts';
import { readNodeState, writeNodeState } from './node-state.ts';
import type { PipelineOpener, SourceOpener } from './open-source.ts';
import { readTriggerForm } from './read-form.ts';

/**
 * Polls for the calling node; null if nothing happened. A test event that is made up has `isSample`, so that a workflow
 * can skip its changes.
 */
export type PollTrigger = (functions: N8nPollFunctions) => Promise<readonly object[] | null>;

/** The target of a node's polls. */
interface PollTarget {
  /**
   * The provider or the source, with the credential: all Workato workspaces share one base URL. A cursor belongs to one
   * target.
   */
  readonly targetKey: string;
  /** @param losses those of the past day that the source reported */
  poll(
    cursor: unknown,
    losses: RecentLosses | undefined,
  ): Promise<{
    readonly events: readonly ProvisioningEvent[];
    readonly cursor: unknown;
    /** Undefined: the cursor has them. */
    readonly losses?: RecentLosses;
  }>;
}

/**
 * Creates the poll of the trigger node. Its cursor is in the state of the node, which n8n saves when it starts the
 * execution; it is set only after a successful poll. A node that changes its target starts over there: all known users
 * would look deleted. While a poll is in progress, the next one is skipped: both would return the same events.
 */
export function createPollTrigger(
  definition: ConnectorDefinition,
  open: (functions: N8nPollFunctions) => Promise<N8nSession>,
  openSource: SourceOpener,
  openPipeline: PipelineOpener,
): PollTrigger {
  const polling = new Set<string>();

  const openPollTarget = async (functions: N8nPollFunctions): Promise<PollTarget> => {
    if (functions.getNodeParameter(parameterNames.source, pollingSource) === pollingSource) {
      const { trigger, input } = readTriggerForm(definition, functions, () => true);
      const { type } = selectedMethod(definition, functions);
      const { session, baseUrl } = await open(functions);
      return {
        targetKey: `${baseUrl} ${credentialId(functions, credentialTypes[type].name)}`,
        poll: (cursor) => session.poll(trigger.key, input, cursor),
      };
    }
    const form = readTriggerForm(definition, functions, isFieldOfSource);
    const { type, delivery, receiver } = await openSource(functions);
    if (delivery === 'push') {
      throw new ConnectorError('unsupported', {
        what: 'This source pushes its events and cannot be polled.',
        nextStep: 'Use the SCIM Webhook Trigger node, or select another event source in the credential.',
      });
    }
    assertIsSource(functions, type);
    const pipeline = await openPipeline(functions, form);
    return {
      targetKey: `${type} ${credentialId(functions, eventsCredentialName)}`,
      async poll(before, recent) {
        const { events, cursor } = await receiver.poll(before);
        const selected = await pipeline.run(events);
        const { approve } = form.input;
        const guard = { ...pipeline.safeguard, approve, nowInMs: Date.now() };
        return { events: selected, cursor, losses: guardFetched(selected, recent, guard) };
      },
    };
  };

  return async (functions) => {
    const stored = readNodeState(functions);
    const { targetKey, poll } = await openPollTarget(functions);
    const isSame = stored.targetKey === targetKey;
    const before = isSame ? stored.cursor : undefined;
    const recent = isSame ? (stored as LossMemory).losses : undefined;
    // A person who builds the workflow gets an event since the last poll, which a real poll still reports, or a sample.
    if (functions.getMode() === 'manual') {
      const { events } = await poll(before, recent);
      return events.length > 0 ? events.slice(0, 1) : [sampleOf(definition, functions)];
    }
    const node = `${functions.getWorkflow().id}/${functions.getNode().id}`;
    if (polling.has(node)) return null;
    polling.add(node);
    try {
      const { events, cursor, losses } = await poll(before, recent);
      writeNodeState(functions, {
        ...stored,
        targetKey,
        cursor,
        ...(losses !== undefined && { losses }),
      });
      return events.length === 0 ? null : events;
    } finally {
      polling.delete(node);
    }
  };
}

/** @throws ConnectorError `unsupported` if tokens would be read without the provider, and so without values. */
function assertIsSource(functions: N8nPollFunctions, type: string): void {
  const isLog = functions.getNodeParameter(parameterNames.source) === logSource;
  if (!isLog || !Object.values(sources).some((one) => one.type === type && one.usesScimIds)) return;
  throw new ConnectorError('unsupported', {
    what: 'The credential is for a stream of security event tokens, not for a log.',
    nextStep: 'Set Source to Event Stream (RFC 8936), or select another credential.',
  });
}

/** n8n's ID of the chosen credential. It stays the same when the token changes. */
function credentialId(functions: N8nPollFunctions, name: string): string {
  return functions.getNode().credentials?.[name]?.id ?? '';
}

function sampleOf({ triggers }: ConnectorDefinition, functions: N8nPollFunctions): object {
  const key = functions.getNodeParameter(parameterNames.event);
  const sample = triggers.find((trigger) => trigger.key === key)?.sample as object;
  return { isSample: true, ...sample };
}
