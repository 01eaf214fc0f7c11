import type { ResourceDefinition } from '../definition/definition.ts';
import type { EventChange, EventSubject, EventType } from '../event.ts';

/** What the safeguard counts: users deactivated or deleted, users who lost a role, members who left, groups deleted. */
export const lossKinds = ['users', 'roles', 'members', 'groups'] as const;

/** A kind of loss. */
export type LossKind = (typeof lossKinds)[number];

/** What one user or group loses by a change. */
export interface Loss {
  readonly kind: LossKind;
  /** The user or group. */
  readonly subject: LossSubject;
  /** What it had: `active`, `workato_role: Admin`, `members: 15`. */
  readonly before: string;
  /** What is left: `inactive`, `none`, `6`. */
  readonly after: string;
  /** Each single thing that is lost, such as the paths of members. Omitted: `before` is one thing. */
  readonly items?: readonly string[] | undefined;
}

/** The user or group that loses something. */
export interface LossSubject {
  /** The resource type. */
  readonly resource: string;
  readonly id: string;
  /** The username, or the name of a group. */
  readonly name: string;
}

/** The limits in the input. */
export interface LossLimits {
  /** The number of losses of one kind; it replaces the default number. */
  readonly number?: number | undefined;
  /** The share of what is known, in percent. Default: 10, or nothing if the number is given. */
  readonly percent?: number | undefined;
}

/** The losses of one kind: the hour since 1970 in which they were reported, their number, and how many were known then. */
type LossesInHour = readonly [hour: number, count: number, known: number];

/** The losses that were reported in the past day, oldest first. */
export type RecentLosses = { readonly [Kind in LossKind]?: readonly LossesInHour[] };

/** The number of losses of each kind. */
export type LossCounts = ReadonlyMap<LossKind, number>;

/** How many users, groups or memberships are known; a kind without a number is unknown. */
export type KnownCounts = { readonly [Kind in LossKind]?: number | undefined };

/** A kind of which too much would be lost. */
export interface ExceededLimit {
  readonly kind: LossKind;
  /** The losses in question, and those of the past day. */
  readonly count: number;
  /** Those that were reported in the past day. */
  readonly earlier: number;
  /** The number known now or in the past day, whichever is larger; undefined if it is unknown. */
  readonly known: number | undefined;
  readonly limit: number;
}

/** The default number of losses in a day, unless the share is more. A user has several memberships. */
const most: Readonly<Record<LossKind, number>> = { users: 20, roles: 20, groups: 20, members: 50 };
/** The default share of what is known, in percent. */
const defaultPercent = 10;
/** In a small directory, the number is half of what is known, but no less than this. */
const fewest = 3;
/** No default limit is lower than this. */
const lowestLimit = 2;

/**
 * The maximum number of losses of one kind in a day: the larger of the number and the share. In a small directory, the
 * default number is half of what is known, and the limit never all of three or more. If it is not known how much there
 * is, the default is half of the usual number.
 */
export function lossLimit(
  kind: LossKind,
  known: number | undefined,
  { number, percent = number === undefined ? defaultPercent : 0 }: LossLimits = {},
): number {
  const share = Math.floor(((known ?? 0) * percent) / 100);
  if (number !== undefined) return Math.max(number, share);
  if (known === undefined) return Math.floor(most[kind] / 2);
  const limit = Math.max(Math.min(most[kind], Math.max(fewest, Math.ceil(known / 2))), share);
  return known < fewest ? limit : Math.min(limit, known - 1);
}

/** Counts losses by kind. */
export function countLosses(losses: Iterable<Loss>): LossCounts {
  const counts = new Map<LossKind, number>();
  for (const { kind, items } of losses) counts.set(kind, (counts.get(kind) ?? 0) + (items?.length ?? 1));
  return counts;
}

/** The kinds of which more would be lost in a day than the limits allow, with the losses that were reported already. */
export function exceededLimits(
  counts: LossCounts,
  known: KnownCounts,
  {
    limits,
    recent = {},
    nowInMs,
  }: { limits: LossLimits; recent?: RecentLosses | undefined; nowInMs: number },
): readonly ExceededLimit[] {
  return lossKinds.flatMap((kind) => {
    const now = counts.get(kind) ?? 0;
    if (now === 0) return [];
    const past = inPastDay(recent[kind], nowInMs);
    const earlier = lossesInPastDay(past, nowInMs);
    // 0 stands for an unknown number: of nothing, nothing is lost.
    const mostKnown = Math.max(known[kind] ?? 0, ...past.map(([, , before]) => before)) || undefined;
    const limit = lossLimit(kind, mostKnown, limits);
    return earlier + now > limit ? [{ kind, count: earlier + now, earlier, known: mostKnown, limit }] : [];
  });
}

/** What the safeguard of one poll needs to know. */
export interface SafeguardOptions {
  readonly limits: LossLimits;
  readonly recent: RecentLosses | undefined;
  readonly nowInMs: number;
  /** The number of users or groups known before. */
  readonly known: number;
  /** The number of memberships known before. Called only if it matters, because it reads all of them. */
  countMembers(): Promise<number>;
  /** Whether a loss was approved: then it counts for nothing. */
  isApproved(loss: Loss): boolean;
}

/** Weighs the losses of one poll against what is known, and against those of the past day. */
export class Safeguard {
  readonly #options: SafeguardOptions;
  #members: number | undefined;

  constructor(options: SafeguardOptions) {
    this.#options = options;
  }

  /** The limits that these losses exceed. */
  async excessOf(losses: readonly Loss[]): Promise<readonly ExceededLimit[]> {
    const counts = this.#count(losses);
    return counts.size === 0 ? [] : exceededLimits(counts, await this.#knownFor(counts), this.#options);
  }

  /** The losses of the past day, with these. */
  async recentWith(reported: readonly Loss[]): Promise<RecentLosses> {
    const counts = this.#count(reported);
    const { recent = {}, nowInMs } = this.#options;
    return addLosses(recent, counts, counts.size === 0 ? {} : await this.#knownFor(counts), nowInMs);
  }

  #count(losses: readonly Loss[]): LossCounts {
    return countLosses(losses.filter((loss) => !this.#options.isApproved(loss)));
  }

  async #knownFor(counts: LossCounts): Promise<KnownCounts> {
    const { known, limits, recent, nowInMs, countMembers } = this.#options;
    const members = (counts.get('members') ?? 0) + lossesInPastDay(recent?.members, nowInMs);
    if (members > (limits.number ?? lowestLimit)) this.#members ??= await countMembers();
    return { users: known, roles: known, groups: known, members: this.#members };
  }
}

const hourInMs = 3_600_000;

/** Adds losses to those of the past day, and drops older ones. */
export function addLosses(
  recent: RecentLosses,
  counts: LossCounts,
  known: KnownCounts,
  nowInMs: number,
): RecentLosses {
  const hour = Math.floor(nowInMs / hourInMs);
  const kinds = lossKinds.map((kind) => {
    const past = inPastDay(recent[kind], nowInMs);
    const count = counts.get(kind) ?? 0;
    if (count === 0) return [kind, past] as const;
    const [same] = past.filter(([one]) => one === hour);
    const all = (same?.[1] ?? 0) + count;
    const mostKnown = Math.max(known[kind] ?? 0, same?.[2] ?? 0);
    return [kind, [...past.filter((one) => one !== same), [hour, all, mostKnown] as const]] as const;
  });
  return Object.fromEntries(kinds.filter(([, past]) => past.length > 0));
}

/** The number of losses in the past day. */
export function lossesInPastDay(losses: readonly LossesInHour[] | undefined, nowInMs: number): number {
  return inPastDay(losses, nowInMs).reduce((sum, [, count]) => sum + count, 0);
}

/** The losses of at least the past 24 hours: an hour counts until its end is a day ago. */
function inPastDay(losses: readonly LossesInHour[] = [], nowInMs: number): readonly LossesInHour[] {
  const oldest = Math.floor(nowInMs / hourInMs) - 24;
  return losses.filter(([hour]) => hour >= oldest);
}

/** An event, as far as it can take something away. */
export interface LosingEvent {
  readonly type: EventType;
  readonly subject: EventSubject;
  readonly changes: readonly EventChange[];
}

/** The losses of an event. @param members the number of members before and after, where it is known */
export function lossesOfEvent(
  { name: resource, attributes, roles }: Pick<ResourceDefinition, 'name' | 'attributes' | 'roles'>,
  { type, subject: { id, userName, displayName }, changes }: LosingEvent,
  members?: () => { readonly before: number; readonly after: number },
): readonly Loss[] {
  const subject = { resource, id, name: userName ?? displayName ?? id };
  const kind = attributes.some(({ name }) => name === 'active') ? 'users' : 'groups';
  if (type === 'delete') return [{ kind, subject, before: 'known', after: 'deleted' }];
  if (type === 'deactivate') return [{ kind, subject, before: 'active', after: 'inactive' }];
  const lostRoles = roles.flatMap((path) => roleLost(path, changes));
  const left = changes.filter(({ path, to, toKnown }) => isMembers(path) && toKnown && isNothing(to));
  const counts = left.length === 0 ? undefined : members?.();
  return [
    ...(lostRoles.length === 0
      ? []
      : [{ kind: 'roles' as const, subject, before: lostRoles.join(', '), after: 'none' }]),
    ...(left.length === 0
      ? []
      : [
          {
            kind: 'members' as const,
            subject,
            before: `members: ${counts?.before ?? left.length}`,
            after: `${counts?.after ?? `without ${left.length}`}`,
            items: left.map(({ path }) => path).toSorted(),
          },
        ]),
  ];
}

function isMembers(path: string): boolean {
  return path === 'members' || path.startsWith('members[');
}

/** A role that was removed, or is now empty. A role in place of another is not lost. */
function roleLost(path: string, changes: readonly EventChange[]): readonly string[] {
  const own = changes.filter((change) => change.path === path || change.path.startsWith(`${path}[`));
  if (own.length === 0 || own.some(({ to, toKnown }) => !toKnown || !isNothing(to))) return [];
  const values = own.map(({ from, fromKnown }) =>
    fromKnown ? String(Object(from).value ?? from) : 'a role',
  );
  return [`${path.slice(path.lastIndexOf(':') + 1)}: ${values.join(', ')}`];
}

/** Whether a value says nothing: absent, empty text, or an empty list. */
function isNothing(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
