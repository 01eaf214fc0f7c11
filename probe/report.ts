import type { AuthType } from '../connector/manifest/connection.zod.ts';
import { type TraitName, traits } from '../connector/traits.ts';
import type { Capability, Check, Facts, Finding, Outcome } from './check.ts';
import { readDeclared } from './checks/service.ts';
import { consequences } from './consequences.ts';

/**
 * What is known of a capability.
 *
 * - `works`: it was tried, and works.
 * - `fails`: it was tried, and does not work.
 * - `declared`: the provider says that it has it; it was not tried.
 * - `declared_missing`: the provider says that it does not have it; it was not tried.
 * - `unknown`: it was not tried, and the provider does not say.
 *
 * @example
 * ```ts
 * const isProved = (state: CapabilityState): boolean => state === 'works' || state === 'fails';
 * ```
 */
export type CapabilityState = 'works' | 'fails' | 'declared' | 'declared_missing' | 'unknown';

/**
 * The result of one check of a probe.
 *
 * @example
 * ```ts
 * const line = ({ question, found }: ProbeCheck): string => `${question} ${found}`;
 * ```
 */
export interface ProbeCheck {
  readonly key: string;
  /** What the check asked. */
  readonly question: string;
  /** The section of the standard that says what a provider should do. */
  readonly reference: string;
  readonly outcome: Outcome;
  /** What the provider answered. */
  readonly found: string;
  /** The traits that the answers prove. */
  readonly traits: readonly TraitName[];
  /** What follows for actions and triggers. */
  readonly consequences: readonly string[];
}

/**
 * A trait that a probe proved.
 *
 * @example
 * ```ts
 * const names = (report: ProbeReport): string[] => report.traits.map(({ name }: ProbedTrait) => name);
 * ```
 */
export interface ProbedTrait {
  readonly name: TraitName;
  /** What the provider does. */
  readonly summary: string;
  /** What follows for actions and triggers. */
  readonly consequence: string;
}

/**
 * A resource that a probe created and could not remove.
 *
 * @example
 * ```ts
 * const remove = ({ path }: LeftBehind): string => `DELETE ${path}`;
 * ```
 */
export interface LeftBehind {
  /** `User` or `Group`. */
  readonly type: string;
  /** Its `userName` or `displayName`. */
  readonly name: string;
  /** Undefined if the provider never showed it. */
  readonly id?: string;
  /** The path to send a DELETE to; undefined without an ID. */
  readonly path?: string;
  /** Why it could not be removed. */
  readonly reason: string;
}

/**
 * The report of a probe.
 *
 * @example
 * ```ts
 * const { capabilities, deviations }: ProbeReport = await connector.probe();
 * if (capabilities.patch === 'fails') console.log(deviations.map(({ found }) => found));
 * ```
 */
export interface ProbeReport {
  readonly baseUrl: string;
  /** The authentication method of the connection. */
  readonly auth: AuthType;
  /** `read`: nothing was changed. `write`: resources of the probe's own were created, changed, and removed. */
  readonly mode: 'read' | 'write';
  /** The number of requests that the provider received. */
  readonly requests: number;
  readonly capabilities: Readonly<Record<Capability, CapabilityState>>;
  /** Every check, in order. */
  readonly checks: readonly ProbeCheck[];
  /** The checks in which the provider deviates. */
  readonly deviations: readonly ProbeCheck[];
  /** The proved traits, sorted by name. */
  readonly traits: readonly ProbedTrait[];
  /** What follows for actions and triggers, each sentence once. */
  readonly consequences: readonly string[];
  /** Leftovers of earlier probes that were removed. */
  readonly removedLeftovers: readonly string[];
  /**
   * How leftovers were searched for: in the whole lists, or only with a filter, which some providers ignore. `none`: not
   * at all.
   */
  readonly leftoverSearch: 'list' | 'filter' | 'none';
  /** What the probe created and could not remove. */
  readonly leftBehind: readonly LeftBehind[];
  /** Whether the probe was stopped before its last check. */
  readonly stopped: boolean;
}

/** What a probe that writes did with resources of its own. */
export type Written = Pick<ProbeReport, 'removedLeftovers' | 'leftoverSearch' | 'leftBehind'>;

/** A check with its finding. */
export interface CheckedFinding {
  readonly check: Pick<Check, 'key' | 'question' | 'reference'>;
  readonly finding: Finding;
}

/** Puts the findings of a probe together. */
export function createReport(
  { baseUrl, requests }: Pick<ProbeReport, 'baseUrl' | 'requests'>,
  facts: Facts,
  findings: readonly CheckedFinding[],
  rest: Pick<ProbeReport, 'auth' | 'mode' | keyof Written | 'stopped'>,
): ProbeReport {
  const checks = findings.map(({ check: { key, question, reference }, finding }): ProbeCheck => {
    const { outcome, found, traits: proved = [], consequence } = finding;
    const own = consequence === undefined ? [] : [consequence];
    return {
      key,
      question,
      reference,
      outcome,
      found,
      traits: proved,
      consequences: [...proved.map((trait) => consequences[trait]), ...own],
    };
  });
  const proved = [...new Set(checks.flatMap((check) => check.traits))].sort();
  return {
    baseUrl,
    requests,
    capabilities: capabilitiesOf(facts),
    checks,
    deviations: checks.filter(({ outcome }) => outcome === 'deviates'),
    traits: proved.map((name) => ({ name, summary: traits[name], consequence: consequences[name] })),
    consequences: [...new Set(checks.flatMap((check) => check.consequences))],
    ...rest,
  };
}

function capabilitiesOf({ config, tried }: Facts): ProbeReport['capabilities'] {
  const declared = config === undefined ? undefined : readDeclared(config);
  const state = (capability: Capability, says?: boolean): CapabilityState => {
    const works = tried.get(capability);
    if (works !== undefined) return works ? 'works' : 'fails';
    return says === undefined ? 'unknown' : says ? 'declared' : 'declared_missing';
  };
  return {
    users: state('users'),
    groups: state('groups'),
    filter: state('filter', declared?.filter),
    sort: state('sort', declared?.sort),
    index_paging: state('index_paging', declared?.index),
    cursor_paging: state('cursor_paging', declared?.cursor),
    versions: state('versions', declared?.etag),
    create: state('create'),
    patch: state('patch', declared?.patch),
    put: state('put'),
    bulk: state('bulk', declared?.bulk),
    deactivate: state('deactivate'),
    delete: state('delete'),
  };
}
