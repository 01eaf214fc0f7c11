import type { ResourceRecord } from '../scim/resource/resource-record.ts';
import type { Interceptors } from '../scim/service/interceptors.ts';

/** What a quirk can see in addition to the message that it changes. */
export interface QuirkContext {
  readonly now: () => Date;
  /** All users, or all groups, in the order of their creation. */
  readonly list: (type: 'User' | 'Group') => readonly ResourceRecord[];
}

/**
 * What a quirk is about. Two quirks of one aspect contradict each other, such as two forms of `totalResults`, so that a
 * sandbox plays one of them at most.
 *
 * @example
 * ```ts
 * const aboutTotals = quirks.filter(({ aspect }) => aspect === ('totalResults' satisfies Aspect));
 * ```
 */
export type Aspect =
  | 'totalResults'
  | 'paging'
  | 'page size'
  | 'listed members'
  | 'filters'
  | 'form of ids'
  | 'stamps'
  | 'emails'
  | 'version checks'
  | 'PATCH support'
  | 'PATCH response'
  | 'create response'
  | 'deactivation'
  | 'removal of non-members';

/**
 * A quirk of real providers in which they deviate from the RFCs, or from what clients expect.
 *
 * @example
 * ```ts
 * const explain = ({ name, sources }: Quirk): string => `${name}: ${sources.join(', ')}`;
 * ```
 */
export interface Quirk<Name extends string = string> {
  /** Its name in kebab case, for `--quirk`. */
  readonly name: Name;
  /** What the provider does, in one sentence. */
  readonly summary: string;
  /** The products in which it was seen. */
  readonly seenAt: readonly string[];
  /** The public reports and pages that show it. */
  readonly sources: readonly string[];
  /** What it is about, where another quirk is about the same. */
  readonly aspect?: Aspect;
  /** Further quirks together with which it makes no sense, since one of the two would never show. */
  readonly excludes?: readonly string[];
  /** Begins to play it. Whatever it has to remember, it remembers in what it returns. */
  readonly play: (context: QuirkContext) => Interceptors;
}

/** Defines a quirk. */
export function defineQuirk<const Name extends string>(quirk: Quirk<Name>): Quirk<Name> {
  return Object.freeze(quirk);
}
