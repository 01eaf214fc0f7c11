import type { ConnectorDefinition } from '../../connector/definition/definition.ts';
import { invalidInput } from '../../connector/errors.ts';
import type { SourceTypes } from '../../connector/generated/types.ts';
import type { Platform } from '../../connector/platform.ts';
import type { Session } from '../open-session.ts';
import { createReadPoller, type Poller } from './deliver.ts';
import {
  createOfflinePipeline,
  createSourcePoller,
  createWebhookHandler,
  type EventPipeline,
  type OpenSource,
  openSource,
  type WebhookHandler,
} from './event-pipeline.ts';
import type { Outbox } from './outbox.ts';
import { originOf, planReads, type TriggerInput } from './plan-reads.ts';
import type { WatchObserver } from './watch-observer.ts';
import type { WatchStore } from './watch-store.ts';

/**
 * An event source with its settings.
 *
 * @example
 * ```ts
 * const okta: WatchSource = { type: 'okta_event_hook', settings: { secret: 'a long random secret' } };
 * ```
 */
export type WatchSource = {
  readonly [Type in keyof SourceTypes]: { readonly type: Type; readonly settings: SourceTypes[Type] };
}[keyof SourceTypes];

/** A trigger to watch: its key, or its key with its input. The input is `{}` by default. */
export type WatchedTrigger = string | { readonly key: string; readonly input?: unknown };

/** What a watch runs on. */
export interface WatchContext {
  readonly definition: ConnectorDefinition;
  readonly platform: Platform;
  /** The connection to the provider. Undefined: nothing is polled or enriched. */
  readonly session: Pick<Session, 'prepareSharedPoll' | 'eventPipeline'> | undefined;
}

/** One of the connections of a watch, or sources without one. */
export interface WatchedConnection extends WatchContext {
  /**
   * Its name, which begins the names of its triggers and sources in the state: `workato/user_updated`. Undefined in a
   * watch of one connection.
   */
  readonly name?: string | undefined;
  readonly triggers: readonly WatchedTrigger[];
  readonly sources?: readonly WatchSource[] | undefined;
  /** From the end of one poll to the next, in milliseconds. Default: that of the watch. */
  readonly everyInMs?: number | undefined;
}

/** A connection whose triggers and sources are valid. */
export interface OpenConnection {
  /** The names of its triggers in the state. */
  readonly triggers: readonly string[];
  readonly sources: readonly OpenSource[];
  readonly hasProvider: boolean;
  /** What is polled: the provider, and the sources that are fetched. */
  openPollers(store: WatchStore, observe: WatchObserver | undefined): Promise<readonly Poller[]>;
  /** The handlers of the sources that push, by their path. */
  openHandlers(outbox: Outbox, observe: WatchObserver | undefined): ReadonlyMap<string, WebhookHandler>;
}

/** Opens a connection of a watch. Nothing is sent. @throws ConnectorError `invalid_input`, `unsupported` */
export async function openConnection(connection: WatchedConnection): Promise<OpenConnection> {
  const { definition, platform, session, name, everyInMs } = connection;
  const nameOf = (key: string): string => (name === undefined ? key : `${name}/${key}`);
  const triggers = triggersOf(connection.triggers);
  const pipelines = triggers.map(({ key, input }) => ({
    ...openPipeline(connection, key, input),
    trigger: nameOf(key),
  }));
  // Validates the inputs.
  for (const trigger of triggers) session?.prepareSharedPoll(trigger.key, [trigger]);
  const sources = (connection.sources ?? []).map(({ type, settings }) =>
    openSource({ definition, platform }, type, settings),
  );
  const types = sources.map(({ type }) => type);
  if (new Set(types).size < types.length)
    throw invalidInput([{ path: 'sources', message: 'must not name a source twice' }]);
  if (session === undefined) for (const { openSelector } of pipelines) await openSelector();
  const openReads = async (
    { prepareSharedPoll }: Pick<Session, 'prepareSharedPoll'>,
    store: WatchStore,
  ): Promise<readonly Poller[]> => {
    const reads = await planReads(store, definition, triggers, platform, nameOf);
    return reads.map(({ owner, triggers: members }) =>
      createReadPoller(
        nameOf(originOf(owner)),
        prepareSharedPoll(owner, members),
        name === undefined ? undefined : nameOf,
      ),
    );
  };
  return {
    triggers: triggers.map(({ key }) => nameOf(key)),
    sources,
    hasProvider: session !== undefined,
    async openPollers(store, observe) {
      const polled = session === undefined ? [] : await openReads(session, store);
      const fetched = sources.flatMap(({ type, delivery, receiver }) =>
        delivery === 'pull'
          ? [createSourcePoller(nameOf(type), receiver, pipelines, { store, platform, observe })]
          : [],
      );
      return [...polled, ...fetched].map((poller) => ({ ...poller, everyInMs }));
    },
    openHandlers: (outbox, observe) =>
      new Map(
        sources.flatMap(({ type, delivery, receiver }) => {
          if (delivery !== 'push') return [];
          const origin = nameOf(type);
          return [
            [origin, createWebhookHandler(origin, receiver, pipelines, outbox, platform, observe)] as const,
          ];
        }),
      ),
  };
}

/** @throws ConnectorError `invalid_input` if the list is empty, or has a trigger twice: they would share a cursor. */
function triggersOf(watched: readonly WatchedTrigger[]): readonly TriggerInput[] {
  const triggers = watched.map((one) => {
    const { key, input = {} } = typeof one === 'string' ? { key: one } : one;
    return { key, input };
  });
  const keys = triggers.map(({ key }) => key);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (keys.length > 0 && twice === undefined) return triggers;
  const message =
    twice === undefined ? 'must name a trigger' : `must name "${twice}" once: keep one state for each input`;
  throw invalidInput([{ path: 'triggers', message }]);
}

function openPipeline(
  { definition, platform, session }: WatchContext,
  key: string,
  input: unknown,
): EventPipeline {
  return session === undefined
    ? createOfflinePipeline(definition, platform, key, input)
    : session.eventPipeline(key, input);
}
