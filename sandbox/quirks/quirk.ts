import type { ResourceRecord } from '../scim/resource/resource-record.ts';
import type { Interceptors } from '../scim/service/interceptors.ts';

/** The data that a quirk can use in addition to the message that it changes. */
export interface QuirkContext {
  readonly now: () => Date;
  /** All users, or all groups, in order of creation. */
  readonly list: (type: 'User' | 'Group') => readonly ResourceRecord[];
  /** Whether a user still has to accept an invitation. Default: every user accepts an hour after being created. */
  readonly isInvited?: (user: ResourceRecord) => boolean;
}

/**
 * The subject of a quirk. Two quirks of one aspect contradict each other, such as two forms of `totalResults`, so a
 * sandbox can have only one of them.
 *
 * @example
 * ```ts
 * const aboutTotals = quirkDescriptions.filter(({ aspect }) => aspect === ('totalResults' satisfies Aspect));
 * ```
 */
export type Aspect =
  | 'totalResults'
  | 'paging'
  | 'page size'
  | 'listed members'
  | 'filters'
  | 'form of IDs'
  | 'stamps'
  | 'emails'
  | 'version checks'
  | 'PATCH support'
  | 'PATCH response'
  | 'create response'
  | 'deactivation'
  | 'removal of non-members';

/**
 * A deviation of real providers from the RFCs, or from what clients expect.
 *
 * @example
 * ```ts
 * const explain = ({ name, sources }: QuirkDescription): string => `${name}: ${sources.join(', ')}`;
 * ```
 */
export interface QuirkDescription<Name extends string = string> {
  /** Its name in kebab case, for `--quirk`. */
  readonly name: Name;
  /** What the provider does, in one sentence. */
  readonly summary: string;
  /** The products in which it was seen; a quirk without one says `no named product`, and what kind of server has it. */
  readonly seenAt: readonly string[];
  /** The public reports and pages that show it; for a quirk without a product, the standard that allows or forbids it. */
  readonly sources: readonly string[];
  /** Its aspect, if another quirk has the same one. */
  readonly aspect?: Aspect;
  /** Other quirks that it excludes, because one of the two would hide the other. */
  readonly excludes?: readonly string[];
}

/** A quirk that a sandbox can have. */
export interface Quirk<Name extends string = string> extends QuirkDescription<Name> {
  /** Starts the quirk. Its state is in the returned value. */
  readonly play: (context: QuirkContext) => Interceptors;
}

/** Defines a quirk. */
export function defineQuirk<const Name extends string>(quirk: Quirk<Name>): Quirk<Name> {
  return Object.freeze(quirk);
}
