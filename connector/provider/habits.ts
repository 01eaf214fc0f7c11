import type { ResourceDefinition } from '../definition/definition.ts';
import type { LogEntry, Platform } from '../platform.ts';
import type { TraitName } from '../traits.ts';

/** The traits that were logged already, or that the profile states. */
export interface NoticedHabits {
  noted?: readonly TraitName[];
}

/**
 * How one provider pages the lists of one resource type, as far as Rolecall noticed. It is plain JSON, so that a cursor
 * can carry it from one poll to the next.
 */
export interface ListHabits extends NoticedHabits {
  /** What `totalResults` counts: all results, as RFC 7644 §3.4.2 says, or only those on the page. */
  totalCounts?: 'all' | 'page';
  /** Whether the first page comes only to a request that has `startIndex`. */
  needsStartIndex?: boolean;
  /** Whether pages after the first come only to a request that has `cursor` (RFC 9865). */
  needsCursor?: boolean;
  /** Whether every request returns the first page, whatever its `startIndex`. */
  ignoresStartIndex?: boolean;
  /** The largest total after which nothing more came, where full pages end: up to it, totals are believed. */
  believedTotal?: number;
  /** The largest `count` that is sent, because a larger one was rejected; 0: requests have none. */
  largestCount?: number;
  /** The attribute to sort by, because the order changes from request to request without `sortBy`. */
  sortBy?: string | undefined;
}

/**
 * Whether a filter on an attribute finds what it should; `same case`: only if the letters have the same case, so that it
 * proves no absence where case does not matter.
 */
export type FilterWorks = boolean | 'same case';

/** What one connection has noticed of how its provider handles changes and lookups. */
export interface ChangeHabits {
  /** The resource types whose PATCH is rejected, so that their changes go by GET and PUT. */
  readonly withoutPatch: Set<string>;
  /** The largest number of members that one request was seen to have accepted; undefined until a larger one was rejected. */
  membersPerRequest: number | undefined;
  /** The resource types of which some resource was seen with members, or with groups, so that one without them has none. */
  readonly showsMembers: Set<string>;
  /** The resource types that showed no members even after one was added, so that nothing shows whether a change was made. */
  readonly hidesMembers: Set<string>;
  /** Whether a filter on an attribute finds what it should, by `Users/userName`; undefined until it was tried. */
  readonly filterWorks: Map<string, FilterWorks>;
  /** Whether a change with a filter in a path goes by GET and PUT, because PATCH rejects such paths. */
  rejectsFilterPaths: boolean;
  /** Whether members are set by their differences, because the whole list is rejected. */
  setsMembersByDifference: boolean;
  /** Whether every version counts as stale. */
  rejectsVersions: boolean;
  /** Whether the limits of bulk requests need not be requested, because there are no bulk requests. */
  readonly withoutBulk: boolean;
  /** Whether created users are invited, so that a rejected change of a user may be early. */
  readonly invitesUsers: boolean;
  /** Logs a trait, the first time that it is noticed. */
  notice(trait: TraitName, details?: LogDetails): void;
}

/**
 * What a profile states before the client notices it. A preset skips an attempt that is known to fail, never a check: at a
 * provider without the trait, the result is the same, or an error.
 */
export interface Preset {
  /** The habits of the lists of every resource type. */
  readonly lists?: ListHabits;
  readonly changes?: ChangePreset;
  readonly polls?: PollPreset;
}

/** What is known of changes and lookups. */
export interface ChangePreset {
  /** No resource type has PATCH: changes go by GET and PUT. */
  readonly withoutPatch?: true;
  /** PATCH rejects a filter in a path, such as `members[value eq "…"]`: such changes go by GET and PUT. */
  readonly rejectsFilterPaths?: true;
  /** Members are set by their differences. */
  readonly setsMembersByDifference?: true;
  /** The largest number of members that one request may have. */
  readonly membersPerRequest?: number;
  /** Every version counts as stale: changes that are safe to repeat are sent without one. */
  readonly rejectsVersions?: true;
  /** Rows are sent one by one, without a request for the limits of bulk requests. */
  readonly withoutBulk?: true;
  /** Created users are invited. Only the words of an error depend on it. */
  readonly invitesUsers?: true;
  /** The only attributes that can be filtered; others are compared with the list. */
  readonly filterable?: readonly string[];
  /** Attributes that cannot be filtered, with their sub-attributes. */
  readonly notFilterable?: readonly string[];
}

/** What is known of polls. */
export interface PollPreset {
  /** The filter on `meta.lastModified` is not tried. */
  readonly canAskSince?: false;
  /** Timestamps do not show every change, so that only full reads can be relied on. */
  readonly stampsUnreliable?: true;
  /** Lists do not show all members, so that every group is read by ID. */
  readonly readsMembersById?: true;
}

type LogDetails = Readonly<Record<string, unknown>> & { readonly level?: LogEntry['level'] };

/** Starts with what the profile of the provider says, or without any assumption. */
export function createChangeHabits(
  log: Platform['log'],
  resources: readonly ResourceDefinition[],
  { lists, changes }: Required<Preset>,
): ChangeHabits {
  const noticed: NoticedHabits = { ...(lists.noted && { noted: lists.noted }) };
  return {
    withoutPatch: new Set(changes.withoutPatch === true ? resources.map(({ name }) => name) : []),
    membersPerRequest: changes.membersPerRequest,
    showsMembers: new Set(),
    hidesMembers: new Set(),
    filterWorks: new Map(resources.flatMap((resource) => notFilterable(resource, changes))),
    rejectsFilterPaths: changes.rejectsFilterPaths === true,
    setsMembersByDifference: changes.setsMembersByDifference === true,
    rejectsVersions: changes.rejectsVersions === true,
    withoutBulk: changes.withoutBulk === true,
    invitesUsers: changes.invitesUsers === true,
    notice: (trait, details) => noticeTrait(log, noticed, trait, details),
  };
}

/** What is known so far, to add to without the connection knowing. */
export function copyHabits(habits: ChangeHabits): ChangeHabits {
  return {
    ...habits,
    withoutPatch: new Set(habits.withoutPatch),
    showsMembers: new Set(habits.showsMembers),
    hidesMembers: new Set(habits.hidesMembers),
    filterWorks: new Map(habits.filterWorks),
  };
}

/** The attributes of the lookups of a resource that cannot be filtered. */
function notFilterable(
  { name, lookupKeys }: ResourceDefinition,
  { filterable, notFilterable: rejected = [] }: ChangePreset,
): readonly (readonly [string, false])[] {
  const paths = new Set(lookupKeys.flatMap(({ attributes }) => attributes));
  const cannot = (path: string): boolean =>
    filterable?.includes(path) === false ||
    rejected.some((one) => path === one || path.startsWith(`${one}.`));
  return [...paths].filter(cannot).map((path) => [`${name}/${path}`, false]);
}

/** Logs a trait of the provider, unless it was logged already. */
export function noticeTrait(
  log: Platform['log'],
  noticed: NoticedHabits,
  trait: TraitName,
  details: LogDetails = {},
): void {
  if (noticed.noted?.includes(trait) === true) return;
  noticed.noted = [...(noticed.noted ?? []), trait];
  log({ level: 'info', event: 'provider_habit_noticed', trait, ...details });
}
