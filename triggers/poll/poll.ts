import type { TriggerDefinition } from '../../connector/definition/definition.ts';
import { errorTexts, fillError } from '../../connector/error-texts.ts';
import { ConnectorError } from '../../connector/errors.ts';
import type { ProvisioningEvent } from '../../connector/event.ts';
import { type HeldLosses, holdIds, massChangeBlocked, orderHeld } from '../../connector/safeguard/hold.ts';
import type { LossLimits } from '../../connector/safeguard/safeguard.ts';
import type { PollResult, SnapshotPages } from '../poll-result.ts';
import { createScopeFilter, createSelector } from '../select/event-selector.ts';
import type { TriggerContext, TriggerInput } from '../trigger-context.ts';
import type { Strategy } from './changed-since.ts';
import type { PolledTrigger, SelectedEvent } from './collect-differences.ts';
import { DirectoryHeld } from './mass-change.ts';
import { newPollCursor, type PollCursor, type ResourceCursor, readPollCursor } from './poll-cursor.ts';
import { pollResource, type ResourcePollResult } from './poll-resource.ts';

/** How the state of a poll is stored. */
export interface PollOptions {
  /** The pages stored with the cursor. Default: the cursor contains everything itself. */
  readonly pages?: SnapshotPages | undefined;
  /** Without `pages`: the maximum size of the cursor as JSON, in characters. Default: 1,048,576. */
  readonly cursorLimit?: number | undefined;
  /**
   * The keys of the losses that were approved. Given: losses beyond the limits are held, and the result names them; all
   * other events are reported. Omitted: a poll with such losses fails.
   */
  readonly approvedLosses?: ReadonlySet<string> | undefined;
  /**
   * Whether to compare what the provider shows of its account with the last poll, at the price of one request per
   * session. Default: false.
   */
  readonly checksAccount?: boolean | undefined;
  /** The keys of the losses that were held before, and not approved, in that order: the ID of a hold names them first. */
  readonly heldLosses?: readonly string[] | undefined;
  /**
   * How a person approves a hold, as the end of a sentence that begins with "If it is,". Default: by `approve` in the
   * input.
   */
  readonly howToApprove?: ((id: string) => string) | undefined;
}

const defaultCursorLimit = 1_048_576;
/** The maximum number of events per poll. The rest is left to the next poll, to limit memory use. */
const mostEvents = 10_000;

/** A trigger with an input that is valid for its fields. */
export interface TriggerWithInput {
  readonly trigger: TriggerDefinition;
  readonly input: TriggerInput;
}

/** What one read of a provider returns for several triggers. */
export interface SharedPollResult extends Omit<PollResult, 'events'> {
  /** In order of delivery, each with the triggers that report it. */
  readonly events: readonly SelectedEvent[];
  /** The errors of the resource types that could not be read. The cursor leaves those where they were. */
  readonly failures: readonly ConnectorError[];
}

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
  const { events, ...result } = await pollShared(context, trigger.key, [{ trigger, input }], kept, options);
  return { ...result, events: events.map(({ event }) => event) };
}

/**
 * Polls a provider once for several triggers, whose inputs agree in all fields about polling: each resource type is read
 * once, with one snapshot. Each trigger reports the events that it would report alone. One that the cursor does not
 * serve yet reports changes from now on.
 *
 * @param owner the key of the trigger that the cursor was created for.
 * @param isPartial whether to return what was read if a resource type cannot be read.
 * @throws ConnectorError if nothing could be read; the previous cursor then stays valid.
 */
export async function pollShared(
  context: TriggerContext,
  owner: string,
  triggers: readonly TriggerWithInput[],
  kept: unknown,
  options: PollOptions = {},
  isPartial = false,
): Promise<SharedPollResult> {
  const { approvedLosses = new Set<string>(), heldLosses, howToApprove } = options;
  const read = (approved: ReadonlySet<string>): Promise<GuardedRead> =>
    readProvider(context, owner, triggers, kept, { ...options, approved, isPartial });
  let { held, ...result } = await read(approvedLosses);
  if (held.losses.length === 0) return result;
  // An ID in the input approves losses, and only a read finds out which.
  const keysOf = ({ losses }: HeldLosses): readonly string[] =>
    orderHeld(losses, heldLosses).map(({ key }) => key);
  const approvedIds = triggers.map(({ input }) => input.approve);
  const approved = holdIds(keysOf(held)).findLastIndex((id) => approvedIds.includes(id)) + 1;
  if (approved > 0)
    ({ held, ...result } = await read(new Set([...approvedLosses, ...keysOf(held).slice(0, approved)])));
  if (held.losses.length === 0) return result;
  const areOthersReported = options.approvedLosses !== undefined;
  const id = holdIds(keysOf(held)).at(-1) ?? '';
  const error = massChangeBlocked(held, id, { howToApprove, areOthersReported });
  if (!areOthersReported) throw error;
  return { ...result, held: { losses: held.losses, error } };
}

/** What one read returns, and what of it is held. */
type GuardedRead = Omit<SharedPollResult, 'held'> & { readonly held: HeldLosses };

async function readProvider(
  context: TriggerContext,
  owner: string,
  triggers: readonly TriggerWithInput[],
  kept: unknown,
  {
    approved,
    isPartial,
    ...options
  }: PollOptions & { readonly approved: ReadonlySet<string>; readonly isPartial: boolean },
): Promise<GuardedRead> {
  const { definition, platform } = context;
  const [{ input = {} } = {}] = triggers;
  const names = new Set(triggers.flatMap(({ trigger }) => trigger.detect.resources));
  const resources = [...names].flatMap((name) => definition.resources[name] ?? []);
  const { baseUrl } = context.reader(resources[0] ?? noResource(owner)).client.connection;
  const before = readPollCursor(kept, baseUrl) ?? newPollCursor(baseUrl, platform.random);
  const account = options.checksAccount === true ? await shownAccount(context) : undefined;
  const isOtherAccount = isOther(before.account, account);
  const polled = new Map<string, PolledTrigger>();
  for (const one of triggers) polled.set(one.trigger.key, await openPolledTrigger(context, one));
  const pages = options.pages ?? inlinePages(before);
  const results = new Map<string, ResourcePollResult>();
  const unsupported: string[] = [];
  const failures: ConnectorError[] = [];
  let room = mostEvents;
  for (const resource of resources) {
    const wanted = triggers.filter(({ trigger }) => trigger.detect.resources.includes(resource.name));
    const cursor = before.resources[resource.name];
    const served = cursor === undefined ? [] : (cursor.triggers ?? [owner]);
    const keys = [...new Set([...served, ...wanted.map(({ trigger }) => trigger.key)])];
    try {
      const { cursor: next, ...result } = await pollResource({
        context,
        definition: resource,
        cursor,
        pages,
        strategy: strategyOf(input),
        needsDeletions: wanted.some(({ trigger }) => trigger.detect.types.includes('delete')),
        hasNewTrigger: keys.length > served.length,
        isOtherAccount,
        fromBeginning: input.startFrom === 'beginning',
        limits: lossLimitsOf(input),
        approved,
        fullReadIntervalInMs: numberIn(input, 'fullReadIntervalInMinutes') * 60_000,
        lookBackInMs: numberIn(input, 'lookBackInSeconds') * 1_000,
        pageSize: input.pageSize as number | undefined,
        limit: room,
        round: `${before.epoch}.${before.sequence + 1}`,
        triggers: keys.map((key) => polled.get(key)),
        started: new Set(cursor === undefined ? keys : served),
      });
      room -= result.events.length;
      // A trigger that is added reports changes once the snapshot is complete.
      const serves = cursor === undefined || result.isComplete ? keys : served;
      const isOwnOnly = serves.length === 1 && serves[0] === owner;
      results.set(resource.name, { ...result, cursor: isOwnOnly ? next : { ...next, triggers: serves } });
    } catch (error) {
      // Nothing of the read can be believed: it may be the directory of another tenant.
      if (error instanceof DirectoryHeld)
        return { events: [], failures, cursor: before, more: false, pages: new Map(), held: error };
      if (!(error instanceof ConnectorError)) throw error;
      const isOptional = wanted.every(({ trigger }) => hasOther(trigger, resource.name, unsupported));
      if (!isOptional || cursor !== undefined || !isAbsent(error)) {
        if (!isPartial) throw error;
        failures.push(error);
        continue;
      }
      // Many providers have no groups: a trigger on everything then covers users.
      unsupported.push(resource.name);
      if (before.unsupported?.includes(resource.name) !== true)
        platform.log({ level: 'warn', event: 'resource_type_unsupported', resource: resource.name });
    }
  }
  const [failure] = failures;
  if (failure !== undefined && results.size === 0) throw failure;
  const next = { ...before, unsupported };
  // Until every resource type is read, it stays the account of the others.
  if (account === undefined || failure !== undefined) return { ...finish(next, results, options), failures };
  if (isOtherAccount)
    platform.log({ level: 'warn', event: 'account_changed', from: before.account, to: account });
  return { ...finish({ ...next, account }, results, options), failures };
}

/** What the provider shows of its account, as far as it says so now: a poll needs no more of its configuration. */
async function shownAccount({ capabilities }: TriggerContext): Promise<string | undefined> {
  try {
    return (await capabilities()).account;
  } catch (error) {
    if (error instanceof ConnectorError) return undefined;
    throw error;
  }
}

function isOther(before: string | undefined, now: string | undefined): boolean {
  return before !== undefined && now !== undefined && before !== now;
}

/** Whether a trigger covers another resource type, which the provider may have. */
function hasOther({ detect }: TriggerDefinition, name: string, unsupported: readonly string[]): boolean {
  return detect.resources.some((other) => other !== name && !unsupported.includes(other));
}

async function openPolledTrigger(
  context: TriggerContext,
  { trigger, input }: TriggerWithInput,
): Promise<PolledTrigger> {
  const selects = createSelector(context.definition, trigger, input);
  const { fits } = await createScopeFilter(context, trigger, input);
  return { key: trigger.key, matches: fits, selects };
}

function finish(
  before: PollCursor,
  results: ReadonlyMap<string, ResourcePollResult>,
  { pages: kept, cursorLimit = defaultCursorLimit }: PollOptions,
): Omit<GuardedRead, 'failures'> {
  const polled = [...results.values()];
  const events = orderEvents(polled.flatMap((one) => one.events));
  const changed = new Map(polled.flatMap(({ pages }) => [...pages]));
  const resources: Record<string, ResourceCursor> = { ...before.resources };
  for (const [name, { cursor }] of results) resources[name] = cursor;
  const { pages: inline = {}, ...rest } = before;
  const sequence = before.sequence + (changed.size > 0 || events.length > 0 ? 1 : 0);
  const cursor: PollCursor = { ...rest, sequence, resources };
  const more = polled.some((one) => one.more);
  const held = {
    losses: polled.flatMap((one) => one.held.losses),
    reasons: polled.flatMap((one) => one.held.reasons),
  };
  if (kept !== undefined) return { events, cursor, more, pages: changed, held };
  const all = Object.entries({ ...inline, ...Object.fromEntries(changed) });
  const whole = { ...cursor, pages: Object.fromEntries(all.filter(([, page]) => page !== null)) };
  const length = JSON.stringify(whole).length;
  if (length > cursorLimit) throw tooLarge(resources, length, cursorLimit);
  return { events, cursor: whole, more, pages: new Map(), held };
}

/**
 * Orders the events of a poll as they happened; events of one time stay in the order in which they were found. When a
 * deletion happened is not known, but a name belongs to one resource at a time: the deletion of the resource that had it
 * comes before the events of the one that has it now.
 */
function orderEvents(events: readonly SelectedEvent[]): readonly SelectedEvent[] {
  const ordered = events.toSorted(
    (one, other) => Date.parse(one.event.occurredAt) - Date.parse(other.event.occurredAt),
  );
  const deletions = new Map<string, SelectedEvent>();
  for (const one of ordered)
    if (one.event.type === 'delete') for (const name of namesOf(one.event)) deletions.set(name, one);
  if (deletions.size === 0) return ordered;
  const placed = new Set<SelectedEvent>();
  for (const one of ordered) {
    if (one.event.type !== 'delete')
      for (const name of namesOf(one.event)) {
        const deletion = deletions.get(name);
        if (deletion !== undefined) placed.add(deletion);
      }
    // A deletion that was moved before its time is not placed again.
    placed.add(one);
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

/** The limits of losses in an input. */
export function lossLimitsOf({ massChangeLimit, massChangePercent }: TriggerInput): LossLimits {
  return {
    number: massChangeLimit as number | undefined,
    percent: massChangePercent as number | undefined,
  };
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

function noResource(key: string): never {
  throw new TypeError(`The trigger ${key} declares no resource`);
}
