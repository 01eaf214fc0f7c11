import { type HeldLosses, holdLosses } from './hold.ts';
import {
  addLosses,
  countLosses,
  exceededLimits,
  type Loss,
  type LossCounts,
  type LossLimits,
  type RecentLosses,
} from './safeguard.ts';

/** What weighing a batch needs to know. */
export interface WeighOptions {
  readonly limits: LossLimits;
  /** The losses of the past day that were reported. */
  readonly recent?: RecentLosses | undefined;
  /** The losses that are held already, and count until they are approved. */
  readonly waiting?: LossCounts | undefined;
  readonly nowInMs: number;
}

/** What the safeguard decides on a batch. */
export interface WeighedBatch {
  /** What is held, of the kinds that exceed a limit. Undefined: nothing is. */
  readonly held: HeldLosses | undefined;
  /** The losses of the past day, once the losses that are not held are reported. */
  readonly recent: RecentLosses;
}

/**
 * Weighs the losses of events that a host stores as one: what one message or one fetch of a source brings. How many
 * users and groups there are is not known.
 */
export function weighBatch(
  losses: readonly Loss[],
  { limits, recent = {}, waiting = new Map(), nowInMs }: WeighOptions,
): WeighedBatch {
  const counts = countLosses(losses);
  const all = new Map([...counts].map(([kind, count]) => [kind, count + (waiting.get(kind) ?? 0)]));
  const excess = exceededLimits(all, {}, { limits, recent, nowInMs });
  const kinds = new Set(excess.map(({ kind }) => kind));
  const reported = countLosses(losses.filter(({ kind }) => !kinds.has(kind)));
  return {
    held: excess.length === 0 ? undefined : holdLosses(losses, excess),
    recent: addLosses(recent, reported, {}, nowInMs),
  };
}
