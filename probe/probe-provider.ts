import type { Connection } from '../connector/connection.ts';
import type { ConnectorDefinition, ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { Platform } from '../connector/platform.ts';
import { resourcePath } from '../connector/provider/resource-path.ts';
import { type Check, type Facts, type Finding, notTried, type ProbeContext } from './check.ts';
import { filterChecks } from './checks/filters.ts';
import { groupChecks } from './checks/groups.ts';
import { listChecks } from './checks/lists.ts';
import { ownChangeChecks } from './checks/own-changes.ts';
import { ownGroupChecks } from './checks/own-groups.ts';
import { ownLifecycleChecks } from './checks/own-lifecycle.ts';
import { ownUserChecks } from './checks/own-users.ts';
import { pagingChecks } from './checks/paging.ts';
import { resourceChecks, unknownId } from './checks/resources.ts';
import { discoveryChecks, transportChecks } from './checks/service.ts';
import { totalChecks } from './checks/totals.ts';
import { type Leftovers, openOwnResources } from './own-resources.ts';
import { createProbeClient, type ProbeClient } from './probe-client.ts';
import { readShownList, statusText } from './read-answer.ts';
import {
  type CheckedFinding,
  createReport,
  type LeftBehind,
  type ProbeReport,
  type Written,
} from './report.ts';
import type { WriteCheck, WriteContext } from './write-context.ts';

/**
 * Options of a probe.
 *
 * @example
 * ```ts
 * const options: ProbeOptions = { write: true, signal: AbortSignal.timeout(120_000) };
 * const report = await connector.probe(options);
 * ```
 */
export interface ProbeOptions {
  /**
   * Whether to try changes, too, on users and groups of the probe's own, which it removes. Default: false, so that
   * nothing is changed.
   */
  readonly write?: boolean | undefined;
  /** Stops the probe. It then removes what it has created, and the report has what was found so far. */
  readonly signal?: AbortSignal | undefined;
  /** Stops the removal as well. The report then says what is left. */
  readonly cleanupSignal?: AbortSignal | undefined;
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
  ...pagingChecks,
  ...totalChecks,
  ...groupChecks,
  ...filterChecks,
  ...resourceChecks,
];

const writeChecks: readonly WriteCheck[] = [
  ...ownUserChecks,
  ...ownChangeChecks,
  ...ownGroupChecks,
  ...ownLifecycleChecks,
];

/** What a probe asks, in order, and whether it needs to write. */
export const probeQuestions: readonly (Pick<Check, 'key' | 'question' | 'reference'> & {
  readonly writes: boolean;
})[] = [
  ...readChecks.map((check) => ({ ...check, writes: false })),
  ...writeChecks.map((check) => ({ ...check, writes: true })),
  ...transportChecks.map((check) => ({ ...check, writes: false })),
];

/**
 * Finds out what a provider can do, and where it deviates from the standards. It only reads, unless it may write.
 *
 * @throws ConnectorError if neither users nor groups can be listed
 */
export async function probeProvider(
  { definition, connection, platform }: ProbeSetup,
  { write = false, signal, cleanupSignal }: ProbeOptions = {},
): Promise<ProbeReport> {
  const client = createProbeClient(connection, platform, signal);
  const facts: Facts = { listQuery: {}, reads: [], groupReads: [], tried: new Map(), filters: new Map() };
  const users = requireResource(definition, 'User');
  const groups = requireResource(definition, 'Group');
  const context: ProbeContext = { client, platform, facts, users, groups };
  signal?.throwIfAborted();
  await requireAnyList(client, [users, groups]);

  const findings: CheckedFinding[] = [];
  const run = async <Context>(
    checks: readonly (Omit<Check, 'run'> & { run(context: Context): Promise<Finding> })[],
    given: Context,
  ): Promise<void> => {
    for (const check of checks)
      findings.push({ check, finding: await runCheck(() => check.run(given), signal) });
  };
  await run(readChecks, context);
  const written = write ? await writeAndRemove(context, run, signal, cleanupSignal) : nothingWritten;
  await run(transportChecks, context);
  return createReport(client, facts, findings, {
    auth: connection.auth.type,
    mode: write ? 'write' : 'read',
    ...written,
    stopped: signal?.aborted === true,
  });
}

const nothingWritten: Written = { removedLeftovers: [], leftoverSearch: 'none', leftBehind: [] };

/** Runs the checks that write, and removes what they have created, whatever happens. */
async function writeAndRemove(
  context: ProbeContext,
  run: (checks: readonly WriteCheck[], context: WriteContext) => Promise<void>,
  signal: AbortSignal | undefined,
  cleanupSignal: AbortSignal | undefined,
): Promise<Written> {
  const own = openOwnResources(context, cleanupSignal);
  const written: WriteContext = { ...context, own, made: {} };
  let leftovers: Leftovers = { removed: [], search: 'none' };
  const removable = await runCheck(() => requireDelete(written), signal);
  if (removable.outcome !== 'as_specified') {
    const blocked = async (): Promise<Finding> => notTried(removable.found);
    await run(
      writeChecks.map((check) => ({ ...check, run: blocked })),
      written,
    );
    return nothingWritten;
  }
  let leftBehind: readonly LeftBehind[] = [];
  try {
    await runCheck(async () => {
      leftovers = await own.removeLeftovers();
      return notTried('');
    }, signal);
    await run(writeChecks, written);
  } finally {
    leftBehind = await own.removeAll();
  }
  return { removedLeftovers: leftovers.removed, leftoverSearch: leftovers.search, leftBehind };
}

/** Without a DELETE, the probe could not remove what it creates. */
async function requireDelete(context: WriteContext): Promise<Finding> {
  const path = resourcePath(context.users, unknownId(context));
  const answer = await context.client.ask({ method: 'DELETE', path });
  return [401, 403, 405, 501].includes(answer.status)
    ? notTried(
        `A DELETE gets ${statusText(answer)}, so the probe could not remove what it creates, and creates nothing.`,
      )
    : { outcome: 'as_specified', found: 'DELETE is there.' };
}

/** Runs a check. A request without an answer fails this check only. */
async function runCheck(check: () => Promise<Finding>, signal: AbortSignal | undefined): Promise<Finding> {
  const isStopped = (): boolean => signal?.aborted === true;
  if (isStopped()) return notTried('The probe was stopped.');
  try {
    return await check();
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
    // Some providers show no list to a request without `startIndex`.
    for (const query of [{ count: '1' }, { count: '1', startIndex: '1' }]) {
      const answer = await client.ask({ path: endpoint, query });
      if (readShownList(answer) !== undefined) return;
      first ??= answer.error ?? new ConnectorError('provider_fault', noList(endpoint));
    }
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
