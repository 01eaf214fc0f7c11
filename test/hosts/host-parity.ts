import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { compileManifest } from '../../connector/definition/compile-manifest.ts';
import type { ActionDefinition } from '../../connector/definition/definition.ts';
import { type Connector, ConnectorError, createConnector } from '../../runtime/index.ts';
import { loadManifest } from '../../runtime/load-manifest.ts';
import { type SandboxOptions, startSandbox } from '../../sandbox/index.ts';
import { type HostClock, startHostClock } from '../support/host-clock.ts';
import { listen } from '../support/listen.ts';
import { masked } from '../support/masked.ts';
import { startFaultProxy } from '../support/start-fault-proxy.ts';
import { pageOf } from '../support/start-list-server.ts';
import { type FaultColumn, type FaultStory, faultStories, throttledFor } from './parity-faults.ts';
import { parityStories, populate, type Story } from './parity-stories.ts';
import {
  actionColumns,
  type HostRow,
  hostTable,
  limitColumns,
  type ParityColumn,
  parityColumns,
} from './parity-table.ts';

export type Input = Readonly<Record<string, unknown>>;

/** What came of a step in a host: its result, or the text of its error. */
export type HostOutcome = { readonly result: unknown } | { readonly error: string };

/** The connection of a step, and the limits that a story sets for it. */
export interface HostConnection {
  readonly baseUrl: string;
  readonly token: string;
  readonly timeoutInMs?: number;
  readonly deadlineInMs?: number;
  readonly maxResponseBytes?: number;
}

/** What a poll returned, and what the host stores until the next one. */
export interface HostPoll {
  readonly events: readonly unknown[];
  readonly state: unknown;
  /** Whether the next poll follows immediately. */
  readonly more: boolean;
}

/** How a host takes part in the table: how it runs an action, and what it makes of an input, an output, or an error. */
export interface HostAdapter {
  readonly row: HostRow;
  /** Additions to the manifest that the host has. */
  readonly overlays?: readonly unknown[];
  readonly sandbox?: SandboxOptions;
  /** The input that a form with these values has. Default: the same, as where any input can be sent. */
  inputOf?(action: ActionDefinition, input: Input): unknown;
  /** Runs an action in the host, as a step of its own. */
  run(
    connection: HostConnection,
    action: ActionDefinition,
    input: Input,
    dryRun: boolean,
  ): Promise<HostOutcome>;
  /** What an output of the library is in the host. Default: the same. */
  expectedResult?(action: ActionDefinition, output: unknown, dryRun: boolean): unknown;
  /** The text that an error of an action in the library has in the host. */
  expectedError(error: unknown, action: ActionDefinition): string;
  /** Polls a trigger from its beginning, or goes on from a state. */
  poll?(connection: HostConnection, trigger: string, state: unknown): Promise<HostPoll>;
  /** How many requests the host sends at a time. Default: as many as the library. */
  readonly concurrency?: number;
  /** For a host with a clock of its own: the limits of a connection that must time out. */
  readonly shortTime?: Pick<HostConnection, 'timeoutInMs' | 'deadlineInMs'>;
}

/** The host or the library. */
interface Side {
  readonly run: HostAdapter['run'];
  /** The clock of this process, unless the side has one of its own. */
  openClock(hasTimeouts: boolean): HostClock | undefined;
  readonly deadlineInMs: number;
}

/** Response headers that differ from run to run: the content has the port. */
const ofConnection = new Set([
  'connection',
  'content-length',
  'content_length',
  'date',
  'keep-alive',
  'keep_alive',
]);

/** What a busy machine may take for a request of an action, which is a part of its deadline. */
const toleranceInMs = 10_000;
const requestTimeoutInMs = 30_000;

/** Tests a host in the columns of the table. @param columns those that its suite has. Default: all */
export function describeHostParity(
  host: HostAdapter,
  columns: readonly ParityColumn[] = [...actionColumns, ...limitColumns],
): void {
  const { row, overlays = [], concurrency } = host;
  const definition = compileManifest(loadManifest(overlays));
  /** The steps of the stories, by whether a form can express them. */
  const asked = new Set<string>();
  const unasked = new Set<string>();

  const isCompared = (column: ParityColumn): boolean =>
    columns.includes(column) && row.cannot[column] === undefined;
  const hostSide: Side = {
    run: host.run,
    openClock: (hasTimeouts) => (host.shortTime === undefined ? startHostClock(hasTimeouts) : undefined),
    deadlineInMs: row.deadlineInMs,
  };

  function actionOf(key: string): ActionDefinition {
    const action = definition.actions.find((one) => one.key === key);
    if (action === undefined) throw new Error(`There is no action ${key}`);
    return action;
  }

  /** A form has no unknown fields, and often no null. */
  function isExpressible(action: ActionDefinition, input: Input): boolean {
    try {
      return host.inputOf === undefined || isDeepStrictEqual(host.inputOf(action, input), input);
    } catch {
      return false;
    }
  }

  /** Each step has a connection of its own, as in a host. */
  const inLibrary =
    (failures: unknown[] = []): HostAdapter['run'] =>
    async (connection, action, input, dryRun) => {
      const connector = createConnector({
        ...connection,
        overlays,
        ...(concurrency !== undefined && { concurrency }),
      });
      try {
        const output = await connector.run(action.key, input, dryRun ? { dryRun } : {});
        return { result: host.expectedResult?.(action, output, dryRun) ?? output };
      } catch (error) {
        failures.push(error);
        return { error: host.expectedError(error, action) };
      } finally {
        connector.close();
      }
    };

  /** Runs a story against a sandbox of its own, and returns what its steps came to, and what the directory then has. */
  async function tell(story: Story, run: HostAdapter['run']): Promise<unknown> {
    const sandbox = await startSandbox(host.sandbox);
    const connection = { baseUrl: sandbox.scimBaseUrl, token: sandbox.token };
    const world = createConnector({ ...connection, overlays });
    const outcomes: HostOutcome[] = [];
    try {
      await story(async (key, input, how) => {
        const action = actionOf(key);
        const dryRun = how?.dryRun === true;
        const step = `${key} ${JSON.stringify(input)}`;
        if (!isExpressible(action, input)) {
          unasked.add(step);
          // Both sides go on from the same state.
          await world.run(key, input, dryRun ? { dryRun } : {}).catch(() => undefined);
          return;
        }
        asked.add(step);
        const outcome = await run(connection, action, input, dryRun);
        outcomes.push(outcome);
      }, world);
      return comparable([...outcomes, await directoryOf(world)]);
    } finally {
      world.close();
      await sandbox.close();
    }
  }

  async function expectSame(story: Story): Promise<void> {
    expect(await tell(story, host.run)).toEqual(await tell(story, inLibrary()));
  }

  describe.runIf(isCompared('outputs'))(parityColumns.outputs, () => {
    const worlds = [
      ['an empty directory', async () => undefined],
      ['a directory with its users', populate],
    ] as const;
    const cases = definition.actions.flatMap((action) =>
      worlds.map(([where, prepare]) => [action.key, where, action, prepare] as const),
    );

    it.each(cases)('%s returns the same twice in %s', async (_, __, { key, sampleInput }, prepare) => {
      await expectSame(async (run, world) => {
        await prepare(world);
        await run(key, sampleInput);
        await run(key, sampleInput);
      });
    });

    it.each(cases.filter(([, , { dryRun }]) => dryRun !== undefined))(
      '%s predicts the same in %s, and changes nothing',
      async (_, __, { key, sampleInput }, prepare) => {
        await expectSame(async (run, world) => {
          await prepare(world);
          const before = await directoryOf(world);
          await run(key, sampleInput, { dryRun: true });
          expect(await directoryOf(world)).toEqual(before);
        });
      },
    );
  });

  describe.runIf(isCompared('errors'))(parityColumns.errors, () => {
    it.each(Object.entries(parityStories))('agrees with the library about %s', async (_, story) => {
      await expectSame(async (run, world) => {
        await populate(world);
        await story(run, world);
      });
    });

    it('is asked most steps of the stories: few cannot be expressed in a form', () => {
      expect(unasked.size).toBeLessThan(asked.size / 4);
    });
  });

  const faults = (Object.keys(faultStories) as FaultColumn[]).filter(isCompared);

  it.each(faults.map((column) => [parityColumns[column], column] as const))('%s', async (_, column) => {
    const limits = column === 'payload' ? { maxResponseBytes: 50_000 } : {};
    const inHost = await strike(faultStories[column], hostSide, {
      ...limits,
      ...(column === 'silent' && host.shortTime),
    });
    const failures: unknown[] = [];
    const library = {
      run: inLibrary(failures),
      openClock: startHostClock,
      deadlineInMs: hostTable.node.deadlineInMs,
    };
    const expected = await strike(faultStories[column], library, limits);
    const { code, sent } = faultStories[column];

    expect(inHost).toEqual(expected);
    expect(failures.map((error) => error instanceof ConnectorError && error.code)).toEqual(
      code === undefined ? [] : [code],
    );
    expect(inHost).toMatchObject({ isDone: code === undefined, ...(sent !== undefined && { sent }) });
  });

  it.runIf(isCompared('rows'))(parityColumns.rows, async () => {
    const rows = Array.from({ length: 1_000 }, (_, at) => ({ userName: `user-${at}@example.com` }));
    const input = { action: 'create_user', rows: [...rows, { userName: 'user-7@example.com' }] };
    await expectSame(async (run, world) => {
      await run('bulk_users', input);
      expect((await world.actions.search_users({})).totalResults).toBe(1_000);
    });
  });

  it.runIf(isCompared('deadline'))(`${parityColumns.deadline}: ${row.deadlineInMs} ms`, async () => {
    const { deadlineInMs } = row;
    for (const [waitInMs, outcome] of [
      [deadlineInMs - toleranceInMs, 'result'],
      [deadlineInMs + toleranceInMs, 'error'],
    ] as const)
      expect(await strike(throttledFor(waitInMs), hostSide, {})).toMatchObject({
        outcome: { [outcome]: expect.anything() },
        sent: outcome === 'result' ? 2 : 1,
      });
    // A host with a clock of its own skips waits, but no silence.
    if (host.shortTime !== undefined) return;
    let tookInMs: number | undefined;
    const timed: HostAdapter['run'] = async (...step) => {
      const startedAtInMs = Date.now();
      const outcome = await host.run(...step);
      tookInMs = Date.now() - startedAtInMs;
      return outcome;
    };
    const { outcome } = await strike(faultStories.silent, { ...hostSide, run: timed }, {});
    expect(outcome).toHaveProperty('error');
    expect(tookInMs).toBe(row.deadlineInMs);
  });

  const { poll } = host;

  it.runIf(isCompared('page'))(`${parityColumns.page}: ${row.eventsPerPoll.join(', ')}`, async () => {
    if (poll === undefined) throw new Error(`${row.title} polls, but its adapter does not`);
    await using provider = await startDirectory(2_300);
    const counts: number[] = [];
    const keys = new Set<unknown>();
    for (let polled: HostPoll | undefined; polled?.more !== false; ) {
      polled = await poll(provider, 'user_provisioned', polled?.state);
      counts.push(polled.events.length);
      for (const event of polled.events) keys.add((event as { readonly dedupeKey: string }).dedupeKey);
    }
    expect(counts).toEqual(row.eventsPerPoll);
    expect(keys.size).toBe(counts.reduce((sum, count) => sum + count));
  });

  it.runIf(isCompared('state'))(`${parityColumns.state}: ${row.stateCharacters} characters`, async () => {
    if (poll === undefined) throw new Error(`${row.title} polls, but its adapter does not`);
    // An ID of 300 characters is known once.
    await using small = await startDirectory(Math.floor(row.stateCharacters / 500), 300);
    await using large = await startDirectory(Math.ceil(row.stateCharacters / 300), 300);

    expect((await poll(small, 'user_deprovisioned', undefined)).state).toBeDefined();
    await expect(poll(large, 'user_deprovisioned', undefined)).rejects.toThrow(
      new RegExp(`The state of \\d+ users .+ this host can store only ${row.stateCharacters}\\. .+\\.$`),
    );
  });

  /** Runs the action of a story while its requests go wrong. */
  async function strike(
    { key, input, isMain, fault, times, isDone, sent: countsSent }: FaultStory,
    { run, openClock, deadlineInMs }: Side,
    limits: Partial<HostConnection>,
  ) {
    const sandbox = await startSandbox(host.sandbox);
    const { token } = sandbox;
    let clock: HostClock | undefined;
    let endsAtInMs = 0;
    let sent = 0;
    const proxy = await startFaultProxy({
      upstream: sandbox.origin,
      now: Date.now,
      plan(request) {
        if (!isMain(request)) return undefined;
        sent += 1;
        if (sent > times) return undefined;
        // The sender has set its timeout before. Without one that is due, the action never ends.
        if (fault.kind === 'silent')
          void clock?.advance(Math.min(requestTimeoutInMs, endsAtInMs - Date.now()));
        return fault;
      },
    });
    const world = createConnector({ baseUrl: sandbox.scimBaseUrl, token, overlays });
    try {
      await populate(world);
      const connection = { baseUrl: `${proxy.origin}/scim/v2`, token, ...limits };
      clock = openClock(fault.kind === 'silent');
      endsAtInMs = Date.now() + deadlineInMs;
      const outcome = await run(connection, actionOf(key), input, false).finally(() =>
        clock?.[Symbol.dispose](),
      );
      return {
        outcome: comparable(outcome),
        isDone: await isDone(world),
        ...(countsSent !== undefined && { sent }),
      };
    } finally {
      world.close();
      await proxy.close();
      await sandbox.close();
    }
  }
}

/** Everything in a directory, so that a change is seen. */
async function directoryOf({ actions }: Connector): Promise<unknown> {
  return [await actions.search_users({}), await actions.search_groups({})];
}

/** A provider with some users, whose IDs have a length. */
async function startDirectory(count: number, idLength = 1): Promise<HostConnection & AsyncDisposable> {
  const created = Date.UTC(2026, 0, 1);
  const users = Array.from({ length: count }, (_, at) => ({
    id: `${at}`.padStart(idLength, '0'),
    userName: `user-${at}`,
    active: true,
    meta: { created: new Date(created + at * 1_000).toISOString() },
  }));
  const { origin, close } = await listen((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const [, kind, id] = pathname.split('/');
    const all = kind === 'Users' ? users : [];
    const found =
      id === undefined ? pageOf(all, Object.fromEntries(searchParams)) : all.find((user) => user.id === id);
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/scim+json' });
    response.end(JSON.stringify(found ?? {}));
  });
  return { baseUrl: origin, token: 'token', [Symbol.asyncDispose]: close };
}

/** Without what differs from run to run: headers about the connection, and counts that depend on the time. */
function comparable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(masked(value)), (name, one) => {
    if (ofConnection.has(name)) return undefined;
    // A form has an order of its own, in which its values are set.
    if (name === 'changes' && Array.isArray(one)) return one.toSorted(byText);
    if (typeof one !== 'string') return one;
    return one
      .replace(/\b(?:in )?\d+ (attempt|second)s?\b/g, 'some $1s')
      .replace(/\b\d+ ms\b/g, 'some ms')
      .replace(/"attempts":\d+/g, '"attempts":some');
  });
}

function byText(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
}
