import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import { createSafeguard, withEnrichment } from '../../../runtime/watch/event-pipeline.ts';
import type { PushReply, PushRequest } from '../../../triggers/sources/source.ts';
import { isFieldOfSource } from '../form/trigger-properties.ts';
import { guardPushed, type LossMemory } from './guard-events.ts';
import type { N8nReleaseFunctions, N8nWebhookFunctions } from './n8n-functions.ts';
import { readNodeState, writeNodeState } from './node-state.ts';
import { type PipelineOpener, requirePushed, type SourceOpener } from './open-source.ts';
import { readTriggerForm } from './read-form.ts';

/**
 * Receives one message and returns the events that start the workflow. n8n responds when the execution is
 * stored. Returns null if there are no events; the response is then already sent.
 */
export type ReceiveWebhook = (functions: N8nWebhookFunctions) => Promise<readonly object[] | null>;

/** Creates the receiver of the webhook node. */
export function createWebhookReceiver(
  definition: ConnectorDefinition,
  openSource: SourceOpener,
  openPipeline: PipelineOpener,
): ReceiveWebhook {
  return async (functions) => {
    const form = readTriggerForm(definition, functions, isFieldOfSource);
    const { receiver } = requirePushed(await openSource(functions));
    const pipeline = await openPipeline(functions, form);
    const received = await withEnrichment(receiver, pipeline.run).receive(await readRequest(functions));
    if (received.kind === 'refused') {
      const { code, transient, message } = received.reason;
      functions.logger.warn(`SCIM: a message was rejected (${code}). ${message}`, {});
      // A sender that is asked to retry would do so forever: the workflow's owner must see the error.
      if (received.reply.status === 503 && !transient) throw received.reason;
    } else if (received.events.length > 0) {
      // One item that is no event: a workflow cannot act on it if the events are held.
      return [{ pushed: received.events } satisfies PushedItem];
    }
    reply(functions, received.reply);
    return null;
  };
}

/** The item with which an execution begins: what one message has pushed. */
interface PushedItem {
  readonly pushed: readonly ProvisioningEvent[];
}

/** The items with which an execution that a message has started goes on. */
export type ReleaseEvents = (
  functions: N8nReleaseFunctions,
  items: readonly object[],
) => Promise<readonly object[]>;

/**
 * Creates what the webhook node runs first in an execution. n8n saves the state of the node with the execution, and not
 * reliably with the request.
 */
export function createEventRelease(definition: ConnectorDefinition): ReleaseEvents {
  return async (functions, items) => {
    const read = {
      getNodeParameter: (name: string, fallback: unknown) => functions.getNodeParameter(name, 0, fallback),
    };
    const { input } = readTriggerForm(definition, read, isFieldOfSource);
    const events = items.flatMap((item) => ('pushed' in item ? (item as PushedItem).pushed : []));
    // A person who builds the workflow sees each event, and nothing of it counts.
    if (functions.getMode() === 'manual') return events;
    const { approve } = input;
    const guard = { ...createSafeguard(definition, input), approve, nowInMs: Date.now() };
    const before = readNodeState(functions);
    const memory: LossMemory = { ...before };
    try {
      return guardPushed(events, memory, guard);
    } finally {
      // Also what was held counts.
      if (memory.losses !== before.losses || memory.holds !== before.holds)
        writeNodeState(functions, { ...memory });
    }
  };
}

async function readRequest(functions: N8nWebhookFunctions): Promise<PushRequest> {
  const request = functions.getRequestObject();
  // A body that n8n cannot read counts as missing: the response describes the expected format.
  if (request.rawBody === undefined) await request.readRawBody().catch(() => undefined);
  const headers = Object.entries(request.headersDistinct).flatMap(([name, values]) =>
    values === undefined ? [] : [[name, values] as const],
  );
  return {
    method: request.method ?? 'POST',
    headers: Object.fromEntries(headers),
    body: functions.getRequestObject().rawBody ?? new Uint8Array(),
  };
}

function reply(functions: N8nWebhookFunctions, { status, headers, body }: PushReply): void {
  const response = functions.getResponseObject();
  response.writeHead(status, headers);
  response.end(body);
}
