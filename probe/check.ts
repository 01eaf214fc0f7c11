import type { ResourceDefinition } from '../connector/definition/definition.ts';
import type { Platform } from '../connector/platform.ts';
import type { TraitName } from '../connector/traits.ts';
import type { ProbeClient } from './probe-client.ts';
import type { Shown, ShownList } from './read-answer.ts';

/**
 * What a check found out.
 *
 * - `as_specified`: the provider does what the standard says.
 * - `deviates`: it does something else. The finding says what.
 * - `unsupported`: it does not offer something that is optional.
 * - `undetermined`: the answers prove neither.
 * - `not_tried`: the check was not run, for the reason in the finding.
 * - `failed`: a request of the check got no usable answer.
 *
 * @example
 * ```ts
 * const isOpen = (outcome: Outcome): boolean => ['undetermined', 'not_tried', 'failed'].includes(outcome);
 * ```
 */
export type Outcome = 'as_specified' | 'deviates' | 'unsupported' | 'undetermined' | 'not_tried' | 'failed';

/** The result of a check. */
export interface Finding {
  readonly outcome: Outcome;
  /** What the provider answered, in one or more sentences. */
  readonly found: string;
  /** The traits that the answers prove. */
  readonly traits?: readonly TraitName[];
  /** What follows for actions and triggers, for a deviation without a trait. */
  readonly consequence?: string;
}

/** One question to the provider. */
export interface Check {
  readonly key: string;
  /** What the check finds out, as a question. */
  readonly question: string;
  /** The section that says what a provider should do. */
  readonly reference: string;
  /** @throws ConnectorError if a request gets no answer */
  readonly run: (context: ProbeContext) => Promise<Finding>;
}

/** What earlier checks have found out, for later ones. */
export interface Facts {
  /** `/ServiceProviderConfig`; undefined if it cannot be read. */
  config?: Shown;
  /** The URNs of the schemas that the provider declares for users; undefined if it does not say. */
  userSchemas?: ReadonlySet<string>;
  /** The first page of users, in the order in which the provider shows them. */
  users?: ShownList;
  /** All users, if they were all listed. */
  allUsers?: readonly Shown[];
  /** The first page of groups; undefined if the provider has no groups. */
  groups?: ShownList;
  /** Parameters without which lists are empty or unordered. */
  readonly listQuery: Record<string, string>;
  /** Whether a list has the same order each time; with `listQuery`, if that has `sortBy`. */
  isOrderStable?: boolean;
  /** The meaning of `startIndex`. */
  startIndex?: StartIndexMeaning;
  repeatsEntries?: boolean;
  /** Users as a list shows them, each with the same user read by ID. */
  readonly reads: { readonly entry: Shown; readonly read: Shown }[];
  /** Groups read by ID. */
  readonly groupReads: Shown[];
  /** The features that were tried, and whether they work. */
  readonly tried: Map<Capability, boolean>;
  /** Whether filters find what they should, by attribute; `ignored` if they have no effect. */
  readonly filters: Map<string, boolean>;
}

/**
 * A feature that actions and triggers use.
 *
 * @example
 * ```ts
 * const needed: readonly Capability[] = ['patch', 'groups'];
 * ```
 */
export type Capability =
  | 'users'
  | 'groups'
  | 'filter'
  | 'sort'
  | 'index_paging'
  | 'cursor_paging'
  | 'versions'
  | 'create'
  | 'patch'
  | 'put'
  | 'bulk'
  | 'deactivate'
  | 'delete';

/** What a provider takes `startIndex` for. */
export type StartIndexMeaning = 'position' | 'positionFromZero' | 'pageNumber' | 'ignored';

/** Everything that a check can use. */
export interface ProbeContext {
  readonly client: ProbeClient;
  readonly users: ResourceDefinition;
  readonly groups: ResourceDefinition;
  readonly platform: Platform;
  readonly facts: Facts;
}

/** The provider does what the standard says. */
export function asSpecified(found: string): Finding {
  return { outcome: 'as_specified', found };
}

/** The answers prove neither. */
export function undetermined(found: string): Finding {
  return { outcome: 'undetermined', found };
}

/** The check was not run. */
export function notTried(why: string): Finding {
  return { outcome: 'not_tried', found: why };
}

/** The provider does not offer something that is optional. */
export function unsupported(found: string, ...traits: readonly TraitName[]): Finding {
  return { outcome: 'unsupported', found, traits };
}

/** The provider deviates, which proves traits. */
export function deviates(found: string, ...traits: readonly TraitName[]): Finding {
  return { outcome: 'deviates', found, traits };
}

/** The provider deviates in a way that has no name. */
export function deviatesSo(found: string, consequence: string): Finding {
  return { outcome: 'deviates', found, consequence };
}

/** Deviations that one check found, each with its trait; as specified without deviations. */
export function findingOf(
  deviations: readonly (readonly [found: string, trait: TraitName] | undefined)[],
  otherwise: string,
): Finding {
  const proved = deviations.filter((one) => one !== undefined);
  if (proved.length === 0) return asSpecified(otherwise);
  return deviates(proved.map(([found]) => found).join(' '), ...proved.map(([, trait]) => trait));
}
