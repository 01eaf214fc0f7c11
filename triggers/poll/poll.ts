import type { TriggerDefinition } from '../../connector/definition/definition.ts';
import { errorTexts, fillError } from '../../connector/error-texts.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { ProvisioningEvent } from '../../connector/event.ts';
import type { PollResult, SnapshotPages } from '../poll-result.ts';
import { createSelector } from '../select/event-selector.ts';
import { createScopeFilter } from '../select/scope-filter.ts';
import type { TriggerContext, TriggerInput } from '../trigger-context.ts';
import type { Strategy } from './changed-since.ts';
import { newPollCursor, type PollCursor, type ResourceCursor, readPollCursor } from './poll-cursor.ts';
import { pollResource, type ResourcePollResult } from './poll-resource.ts';

/** How the state of a poll is stored. */
export interface PollOptions {
  /** The pages stored with the cursor. Default: the cursor contains everything itself. */
  readonly pages?: SnapshotPages | undefined;
  /** Without `pages`: the maximum size of the cursor as JSON, in characters. Default: 1,048,576. */
  readonly cursorLimit?: number | undefined;
}

const defaultCursorLimit = 1_048_576;
/** The maximum number of events per poll. The rest is left to the next poll, to limit memory use. */
const mostEvents = 10_000;

/**
 * Polls a provider once, and returns the events since the cursor. Pure: it changes nothing, and the same responses of
 * the same provider result in the same events with the same keys.
 *
 * @param input is valid for the trigger's fields.
 * @throws ConnectorError; the previous cursor then stays valid.
 */
export async function poll(
  context: TriggerContext,
  trigger: TriggerDefinition,
  input: TriggerInput,
  kept: unknown,
  options: PollOptions = {},
): Promise<PollResult> {
  const { definition, platform } = context;
  const resources = trigger.detect.resources.flatMap((name) => definition.resources[name] ?? []);
  const { baseUrl } = context.reader(resources[0] ?? noResource(trigger)).client.connection;
  const before = readPollCursor(kept, baseUrl) ?? newPollCursor(baseUrl, platform.random);
  const selects = createSelector(definition, trigger, input);
  const scopeFilter = await createScopeFilter(context, trigger, input);
  const pages = options.pages ?? inlinePages(before);
  const events: ProvisioningEvent[] = [];
  const results = new Map<string, ResourcePollResult>();
  const unsupported: string[] = [];
  for (const resource of resources) {
    const cursor = before.resources[resource.name];
    const polled = await pollResource({
      context,
      definition: resource,
      cursor,
      pages,
      strategy: strategyOf(input),
      needsDeletions: trigger.detect.types.includes('delete'),
      fromBeginning: input.startFrom === 'beginning',
      massChangeLimit: input.massChangeLimit as number | undefined,
      fullReadIntervalInMs: numberIn(input, 'fullReadIntervalInMinutes') * 60_000,
      lookBackInMs: numberIn(input, 'lookBackInSeconds') * 1_000,
      pageSize: input.pageSize as number | undefined,
      limit: mostEvents - events.length,
      round: `${before.epoch}.${before.sequence + 1}`,
      matches: (one) => scopeFilter.fits(resource, one),
      selects,
    }).catch((error: unknown) => {
      // Many providers have no groups: a trigger on everything then covers users.
      const isLeft = unsupported.length + 1 < resources.length;
      if (!isLeft || cursor !== undefined || !isAbsent(error)) throw error;
      return undefined;
    });
    if (polled === undefined) {
      unsupported.push(resource.name);
      if (before.unsupported?.includes(resource.name) !== true)
        platform.log({ level: 'warn', event: 'resource_type_unsupported', resource: resource.name });
      continue;
    }
    results.set(resource.name, polled);
    events.push(...polled.events);
  }
  return finish({ ...before, unsupported }, results, orderEvents(events), options);
}

function finish(
  before: PollCursor,
  results: ReadonlyMap<string, ResourcePollResult>,
  events: readonly ProvisioningEvent[],
  { pages: kept, cursorLimit = defaultCursorLimit }: PollOptions,
): PollResult {
  const polled = [...results.values()];
  const changed = new Map(polled.flatMap(({ pages }) => [...pages]));
  const resources: Record<string, ResourceCursor> = { ...before.resources };
  for (const [name, { cursor }] of results) resources[name] = cursor;
  const { pages: inline = {}, ...rest } = before;
  const sequence = before.sequence + (changed.size > 0 || events.length > 0 ? 1 : 0);
  const cursor: PollCursor = { ...rest, sequence, resources };
  const more = polled.some((one) => one.more);
  if (kept !== undefined) return { events, cursor, more, pages: changed };
  const all = Object.entries({ ...inline, ...Object.fromEntries(changed) });
  const whole = { ...cursor, pages: Object.fromEntries(all.filter(([, page]) => page !== null)) };
  const length = JSON.stringify(whole).length;
  if (length > cursorLimit) throw tooLarge(resources, length, cursorLimit);
  return { events, cursor: whole, more, pages: new Map() };
}

/**
 * Orders the events of a poll as they happened; events of one time stay in the order in which they were found. When a
 * deletion happened is not known, but a name belongs to one resource at a time: the deletion of the resource that had it
 * comes before the events of the one that has it now.
 */
function orderEvents(events: readonly ProvisioningEvent[]): readonly ProvisioningEvent[] {
  const ordered = events.toSorted((one, other) => Date.parse(one.occurredAt) - Date.parse(other.occurredAt));
  const deletions = new Map<string, ProvisioningEvent>();
  for (const event of ordered)
    if (event.type === 'delete') for (const name of namesOf(event)) deletions.set(name, event);
  if (deletions.size === 0) return ordered;
  const placed = new Set<ProvisioningEvent>();
  for (const event of ordered) {
    if (event.type !== 'delete')
      for (const name of namesOf(event)) {
        const deletion = deletions.get(name);
        if (deletion !== undefined) placed.add(deletion);
      }
    // A deletion that was moved before its time is not placed again.
    placed.add(event);
  }
  return [...placed];
}

/** The names and IDs that one resource has at a time. */
function namesOf({ resource, subject }: ProvisioningEvent): readonly string[] {
  const { id, userName, displayName, externalId } = subject;
  const name = resource === 'User' ? userName : displayName;
  return [
    `${resource}/id/${id}`,
    ...(name === null ? [] : [`${resource}/name/${name.toLowerCase()}`]),
    ...(externalId === null ? [] : [`${resource}/externalId/${externalId}`]),
  ];
}

function inlinePages({ pages = {} }: PollCursor): SnapshotPages {
  return { read: async (name) => pages[name] };
}

function strategyOf({ strategy }: TriggerInput): Strategy | undefined {
  return strategy === 'changed_since' || strategy === 'snapshot' ? strategy : undefined;
}

/** A number in the input; 0 if the trigger has no such field. */
function numberIn(input: TriggerInput, name: string): number {
  return Number(input[name] ?? 0);
}

/** Whether the provider has no such resource type. Without a status, the input asks for what the provider cannot do. */
function isAbsent(error: unknown): boolean {
  if (!(error instanceof ConnectorError)) return false;
  const { code, status } = error;
  return (code === 'provider_fault' && status === 404) || (code === 'unsupported' && status !== undefined);
}

function tooLarge(
  resources: Readonly<Record<string, ResourceCursor>>,
  length: number,
  limit: number,
): ConnectorError {
  const known = Object.values(resources).reduce((sum, { size }) => sum + size, 0);
  return new ConnectorError(
    'unsupported',
    fillError(errorTexts.stateTooLarge, { known, size: length, limit }),
  );
}

function noResource({ key }: TriggerDefinition): never {
  throw new TypeError(`The trigger ${key} declares no resource`);
}
