import { ConnectorError } from '../../connector/errors.ts';
import type { ProvisioningEvent } from '../../connector/event.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { type DeliveryFailure, defaultSink, type EventSelection, type IngestBatch } from './watch-store.ts';

// What every store does in the same way, wherever it keeps its data.

/** The events that a store has seen, as {@link deduplicate} reads and updates them. */
export interface EventMemory {
  hasSeen(dedupeKey: string): boolean;
  markSeen(dedupeKey: string): void;
  /** When the newest event about a resource occurred, in milliseconds since 1970. */
  newestAtInMs(resource: string): number | undefined;
  setNewest(resource: string, atInMs: number): void;
}

/**
 * The events of a batch to deliver: each one once, and marked as late if a newer event about the same resource came
 * before it, even one that is not delivered. Each trigger has its own memory. What was seen without a trigger, when the
 * state served only one, counts for every trigger.
 */
export function deduplicate(
  { trigger, events, shouldDeliver }: IngestBatch,
  memory: EventMemory,
): readonly ProvisioningEvent[] {
  if (shouldDeliver === undefined) return events;
  const scope = trigger === undefined ? '' : `${trigger}\n`;
  return events.flatMap((event) => {
    const isLate = isOlderThanNewest(scope, event, memory);
    const key = scope + event.dedupeKey;
    // An event that is not delivered leaves no key behind: if it repeats, it is not delivered either.
    if (!shouldDeliver(event) || memory.hasSeen(key) || memory.hasSeen(event.dedupeKey)) return [];
    memory.markSeen(key);
    return [{ ...event, isLate }];
  });
}

function isOlderThanNewest(
  scope: string,
  { resource, subject, occurredAt }: ProvisioningEvent,
  memory: EventMemory,
): boolean {
  const unscoped = `${resource}/${subject.id}`;
  const name = `${scope}${unscoped}`;
  const atInMs = Date.parse(occurredAt);
  const newestInMs = memory.newestAtInMs(name) ?? memory.newestAtInMs(unscoped);
  if (newestInMs !== undefined && newestInMs > atInMs) return true;
  if (newestInMs !== atInMs && !Number.isNaN(atInMs)) memory.setNewest(name, atInMs);
  return false;
}

/**
 * The triggers that a store belongs to once these claim it.
 *
 * @throws ConnectorError `invalid_input` if it belongs to a trigger that is not among them.
 */
export function claimTriggers(owners: readonly string[], triggers: readonly string[]): readonly string[] {
  const other = owners.find((owner) => !triggers.includes(owner));
  if (other === undefined) return [...new Set(triggers)];
  const names = triggers.map((trigger) => `"${trigger}"`).join(' and ');
  throw new ConnectorError('invalid_input', {
    what: `The state belongs to the trigger "${other}", not to ${names}.`,
    nextStep: 'Use a separate state for each trigger.',
  });
}

/** Whether a sink receives an event. */
export function isSelected(
  { triggers, types }: EventSelection,
  { type }: Pick<ProvisioningEvent, 'type'>,
  trigger = '',
): boolean {
  const isOf = (named: string): boolean => trigger === named || trigger.endsWith(`/${named}`);
  return (triggers?.some(isOf) ?? true) && (types?.includes(type) ?? true);
}

/** The names of the sinks of subscriptions begin with this. No other name of the command line has a slash. */
const subscriptionPrefix = 'subscription/';

/** The name of the sink of a subscription. */
export function sinkOfSubscription(id: string): string {
  return subscriptionPrefix + id;
}

/** Whether a sink is that of a subscription. */
export function isSubscription(sink: string): boolean {
  return sink.startsWith(subscriptionPrefix);
}

/** How the sinks of a store change once these claim it. */
export interface SinkClaim {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Whether the added sinks take over the deliveries of {@link defaultSink}. */
  readonly takesOver: boolean;
}

/**
 * The sinks that a store has once these claim it.
 *
 * @param busy - the known sinks with undelivered events.
 * @throws ConnectorError `invalid_input` if one of those is not among the claimed ones.
 */
export function claimSinks(
  known: readonly string[],
  busy: readonly string[],
  claimed: readonly string[],
): SinkClaim {
  const removed = known.filter((name) => !claimed.includes(name));
  const added = [...new Set(claimed)].filter((name) => !known.includes(name));
  // A watch of one sink needs no name for it, and it can be given one later.
  const [own, ...others] = known.filter((name) => !isSubscription(name));
  const takesOver = own === defaultSink && others.length === 0 && removed.includes(own) && added.length > 0;
  const left = removed.find((name) => busy.includes(name));
  if (takesOver || left === undefined) return { added, removed, takesOver };
  throw new ConnectorError('invalid_input', {
    what: `The state has undelivered events for the sink "${left}", which is not one of this watch's sinks.`,
    nextStep: `Add the sink, or give these events up with "rolecall state skip FILE --sink ${left} --all".`,
  });
}

/**
 * What an event must keep its order with: the user or group that it is about, by each ID and name that belongs to one of
 * them at a time, and the members that join or leave. Two events that share a key are delivered in their order: a user's
 * events, the deletion of a user before the creation of the next one with that name, and a membership with its user.
 */
export function laneKeys({ resource, subject, changes }: ProvisioningEvent): ReadonlySet<string> {
  const keys = new Set<string>();
  const add = (kind: string, value: unknown): void => {
    if (typeof value === 'string' && value !== '') keys.add(`${kind}/${value.toLowerCase()}`);
  };
  const nameOf = resource === 'User' ? 'userName' : 'displayName';
  add(`${resource}/id`, subject.id);
  add(`${resource}/name`, subject[nameOf]);
  add(`${resource}/externalId`, subject.externalId);
  for (const { path, from, to } of changes) {
    // A renamed user had another name until now.
    if (path === nameOf) for (const name of [from, to]) add(`${resource}/name`, name);
    if (path === 'externalId') for (const id of [from, to]) add(`${resource}/externalId`, id);
    if (path.startsWith('members')) for (const id of memberIds(path, from, to)) add('User/id', id);
  }
  return keys;
}

/** The members that a change of `members`, or of one of them, is about. */
function memberIds(path: string, ...values: readonly unknown[]): readonly unknown[] {
  const [, quoted] = /^members\[value eq "((?:[^"\\]|\\.)*)"\]/.exec(path) ?? [];
  return [
    ...(quoted === undefined ? [] : [quoted.replace(/\\(.)/g, '$1')]),
    ...values.flat().map((member) => (isRecord(member) ? member.value : undefined)),
  ];
}

/** Why a delivery is a dead letter that was skipped before any attempt failed. */
export function skippedDelivery(nowInMs: number): DeliveryFailure {
  return {
    code: 'skipped',
    message: 'It was skipped by a command.',
    attempts: 0,
    firstFailedAtInMs: nowInMs,
    lastFailedAtInMs: nowInMs,
    refusedForInMs: 0,
    nextAttemptAtInMs: nowInMs,
  };
}
