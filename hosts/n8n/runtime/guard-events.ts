import type { ProvisioningEvent } from '../../../connector/event.ts';
import {
  eventsHeld,
  holdIdOf,
  massChangeBlocked,
  orderHeld,
  toHeldLoss,
} from '../../../connector/safeguard/hold.ts';
import {
  countLosses,
  type LossCounts,
  type LossKind,
  type RecentLosses,
} from '../../../connector/safeguard/safeguard.ts';
import { weighBatch } from '../../../connector/safeguard/weigh-batch.ts';
import type { EventSafeguard } from '../../../runtime/watch/hold-events.ts';

/** What a trigger node keeps in its static data about losses. */
export interface LossMemory {
  /** Those of the past day that were reported. */
  losses?: RecentLosses;
  /** The last holds, in order. */
  holds?: readonly HoldMark[];
}

/** A hold: its ID, its time, and the number of losses of each kind. */
type HoldMark = readonly [id: string, heldAtInMs: number, counts: readonly (readonly [LossKind, number])[]];

/** How a node guards the events of its trigger. */
export interface NodeGuard extends EventSafeguard {
  /** The ID of the approved hold. */
  readonly approve: unknown;
  readonly nowInMs: number;
}

const dayInMs = 86_400_000;

/**
 * Guards what was fetched: all of it is reported, or the poll fails and keeps its cursor, so that the next poll fetches
 * it again.
 *
 * @returns the losses of the past day, for the next poll
 * @throws ConnectorError `mass_change_blocked`
 */
export function guardFetched(
  events: readonly ProvisioningEvent[],
  recent: RecentLosses | undefined,
  { limits, approve, nowInMs, lossesOf }: NodeGuard,
): RecentLosses {
  const weighed = weighBatch(events.flatMap(lossesOf), { limits, recent, nowInMs });
  if (weighed.held === undefined) return weighed.recent;
  const id = holdIdOf(orderHeld(weighed.held.losses));
  if (id === approve) return weighed.recent;
  throw massChangeBlocked(weighed.held, id);
}

/** How many holds a node remembers, so that the ID of the last one approves the earlier ones, too. */
const mostHolds = 1_000;

/**
 * Guards what one message pushes, when its execution begins: the execution goes on with all of it, or fails. n8n keeps the
 * input of a failed execution, so that it can be retried once a person has approved the hold, or a later one. Held losses
 * count until they are approved.
 *
 * @returns the events; those that were held are late, because newer ones may have been reported meanwhile
 * @throws ConnectorError `mass_change_blocked`
 */
export function guardPushed(
  events: readonly ProvisioningEvent[],
  memory: LossMemory,
  { limits, approve, nowInMs, lossesOf }: NodeGuard,
): readonly ProvisioningEvent[] {
  const losses = events.flatMap(lossesOf);
  if (losses.length === 0) return events;
  const holds = memory.holds ?? [];
  const isOpen = ([id, heldAtInMs]: HoldMark, place: number): boolean =>
    place > approved && id !== own && heldAtInMs > nowInMs - dayInMs;
  const approved = holds.findIndex(([id]) => id === approve);
  const own = holdIdOf(orderHeld(losses.map(toHeldLoss)));
  const place = holds.findIndex(([id]) => id === own);
  const wasHeld = place >= 0 || approve === own;
  if (approve === own || (wasHeld && place <= approved)) return events.map(toLate);
  const waiting = sumOf(holds.filter(isOpen).map(([, , counts]) => new Map(counts)));
  const { held, recent } = weighBatch(losses, { limits, recent: memory.losses, waiting, nowInMs });
  if (held === undefined) {
    memory.losses = recent;
    if (!wasHeld) return events;
    // Its ID still approves the earlier ones.
    memory.holds = holds.map((mark) => (mark[0] === own ? [own, mark[1], []] : mark));
    return events.map(toLate);
  }
  const mark: HoldMark = [own, nowInMs, [...countLosses(losses)]];
  if (!wasHeld) memory.holds = [...holds, mark].slice(-mostHolds);
  throw eventsHeld(held, howToApprove(own));
}

function toLate(event: ProvisioningEvent): ProvisioningEvent {
  return { ...event, isLate: true };
}

function howToApprove(id: string): string {
  return `set \`approve\` to "${id}", publish the workflow, and retry this execution with the currently saved workflow: it has these events`;
}

function sumOf(all: readonly LossCounts[]): LossCounts {
  const sum = new Map<LossKind, number>();
  for (const [kind, count] of all.flatMap((counts) => [...counts]))
    sum.set(kind, (sum.get(kind) ?? 0) + count);
  return sum;
}
