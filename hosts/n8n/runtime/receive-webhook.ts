import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { withEnrichment } from '../../../runtime/watch/event-pipeline.ts';
import type { PushReply, PushRequest } from '../../../triggers/sources/source.ts';
import { isFieldOfSource } from '../form/trigger-properties.ts';
import type { N8nWebhookFunctions } from './n8n-functions.ts';
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
      return received.events;
    }
    reply(functions, received.reply);
    return null;
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
