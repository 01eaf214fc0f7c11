import type { SourceType } from '../../connector/manifest/manifest.zod.ts';
import type { PushReply, PushRequest, SourceContext } from '../../triggers/sources/source.ts';
import { sources as allSources } from '../../triggers/sources/sources.ts';
import type { EventPipeline } from './event-pipeline.ts';
import { ingestWebhook } from './ingest-webhook.ts';
import type { Outbox } from './outbox.ts';
import type { Poller } from './poller.ts';
import { withEnrichment } from './with-enrichment.ts';

/** A source that was chosen, with settings that fit its fields. */
export interface SourceSettings {
  readonly type: SourceType;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Whether a source has to be asked; all others send. */
export function isPulled(type: SourceType): boolean {
  return allSources[type].delivery === 'pull';
}

/** What asks those of the sources that have to be asked. */
export function openPollers(
  sources: readonly SourceSettings[],
  context: SourceContext,
  { openSelector, enrich }: EventPipeline,
): readonly Poller[] {
  return sources.flatMap(({ type, settings }) => {
    const source = allSources[type];
    if (source.delivery !== 'pull') return [];
    const receiver = source.open(context, settings);
    return {
      origin: type,
      async poll(cursor: unknown, _: unknown, signal: AbortSignal) {
        const polled = await receiver.poll(cursor, signal);
        const events =
          source.usesScimIds && enrich !== undefined ? await enrich(polled.events, signal) : polled.events;
        return { ...polled, events, shouldDeliver: await openSelector() };
      },
    };
  });
}

/** What receives the requests of those of the sources that send, by their types. */
export function openWebhookHandlers(
  sources: readonly SourceSettings[],
  context: SourceContext,
  { openSelector, enrich }: EventPipeline,
  outbox: Outbox,
): ReadonlyMap<string, (request: PushRequest) => Promise<PushReply>> {
  const webhookHandlers = sources.flatMap(({ type, settings }) => {
    const source = allSources[type];
    if (source.delivery !== 'push') return [];
    const receiver = withEnrichment(source.open(context, settings), source.usesScimIds ? enrich : undefined);
    const intake = { origin: type, receiver, outbox, openSelector };
    return [[type, (request: PushRequest) => ingestWebhook(intake, request, context.platform)] as const];
  });
  return new Map(webhookHandlers);
}
