import type { Connection } from '../connector/connection.ts';
import type { ConnectorDefinition, ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { Platform } from '../connector/platform.ts';
import { type Check, type Facts, type Finding, notTried, type ProbeContext } from './check.ts';
import { filterChecks } from './checks/filters.ts';
import { groupChecks } from './checks/groups.ts';
import { listChecks } from './checks/lists.ts';
import { resourceChecks } from './checks/resources.ts';
import { discoveryChecks, transportChecks } from './checks/service.ts';
import { createProbeClient, type ProbeClient } from './probe-client.ts';
import { readShownList } from './read-answer.ts';
import { type CheckedFinding, createReport, type ProbeReport } from './report.ts';

/**
 * Options of a probe.
 *
 * @example
 * ```ts
 * const options: ProbeOptions = { signal: AbortSignal.timeout(120_000) };
 * const report = await connector.probe(options);
 * ```
 */
export interface ProbeOptions {
  /** Stops the probe. The report then has what was found so far. */
  readonly signal?: AbortSignal | undefined;
}

/** What a probe needs. */
export interface ProbeSetup {
  readonly definition: ConnectorDefinition;
  readonly connection: Connection;
  readonly platform: Platform;
}

const readChecks: readonly Check[] = [
  ...discoveryChecks,
  ...listChecks,
  ...groupChecks,
  ...filterChecks,
  ...resourceChecks,
];

/**
 * Finds out what a provider can do, and where it deviates from the standards. It only reads.
 *
 * @throws ConnectorError if neither users nor groups can be listed
 */
export async function probeProvider(
  { definition, connection, platform }: ProbeSetup,
  { signal }: ProbeOptions = {},
): Promise<ProbeReport> {
  const client = createProbeClient(connection, platform, signal);
  const facts: Facts = { listQuery: {}, reads: [], groupReads: [], tried: new Map(), filters: new Map() };
  const users = requireResource(definition, 'User');
  const groups = requireResource(definition, 'Group');
  const context: ProbeContext = { client, platform, facts, users, groups };
  signal?.throwIfAborted();
  await requireAnyList(client, [users, groups]);

  const findings: CheckedFinding[] = [];
  for (const check of [...readChecks, ...transportChecks])
    findings.push({ check, finding: await runCheck(check, context, signal) });
  return createReport(client, facts, findings, {
    mode: 'read',
    removedLeftovers: [],
    leftBehind: [],
    stopped: signal?.aborted === true,
  });
}

/** Runs a check. A request without an answer fails this check only. */
async function runCheck(
  check: Check,
  context: ProbeContext,
  signal: AbortSignal | undefined,
): Promise<Finding> {
  const isStopped = (): boolean => signal?.aborted === true;
  if (isStopped()) return notTried('The probe was stopped.');
  try {
    return await check.run(context);
  } catch (error) {
    if (isStopped()) return notTried('The probe was stopped.');
    if (!(error instanceof ConnectorError)) throw error;
    return { outcome: 'failed', found: `${error.code}: ${error.message}` };
  }
}

/** Verifies that there is a SCIM service that the credential can read. @throws ConnectorError */
async function requireAnyList(client: ProbeClient, resources: readonly ResourceDefinition[]): Promise<void> {
  let first: ConnectorError | undefined;
  for (const { endpoint } of resources) {
    const answer = await client.ask({ path: endpoint, query: { count: '1' } });
    if (readShownList(answer) !== undefined) return;
    first ??= answer.error ?? new ConnectorError('provider_fault', noList(endpoint));
  }
  throw first ?? new TypeError('The definition has no resources');
}

function noList(endpoint: string): { readonly what: string; readonly nextStep: string } {
  return {
    what: `The response for ${endpoint} is not a SCIM list.`,
    nextStep: 'Check the base URL of the SCIM service.',
  };
}

function requireResource({ resources }: ConnectorDefinition, name: string): ResourceDefinition {
  const resource = resources[name];
  if (resource === undefined) throw new TypeError(`The definition has no resource ${name}`);
  return resource;
}
