import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { withFieldNames } from '../../../hosts/workato/field-names.ts';
import { ConnectorError } from '../../../runtime/index.ts';
import { type FaultedAction, faultedActions, type World } from '../../faults/actions-under-fault.ts';
import { type FaultRow, faultTable } from '../../faults/fault-table.ts';
import { expectNoSecret } from '../../support/expect-no-secret.ts';
import { masked } from '../../support/masked.ts';
import { type FaultBench, openFaultBench } from '../../support/open-fault-bench.ts';
import { definition } from '../../support/open-test-session.ts';
import { asJobError, readJobError } from './job-error.ts';
import type { Outcome } from './run-both.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

let ruby: RubyConnector;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});

afterAll(() => ruby.close());

const timeoutInMs = 20_000;
const limits = { deadlineInMs: 60_000, timeoutInMs, maxResponseBytes: 50_000 };

/** Ruby spends the time of a timeout: short, but not so short that a busy machine exceeds it. */
const limitsOfRuby = ({ fault: { kind } }: FaultRow) =>
  kind === 'silent' || kind === 'trickle' ? { ...limits, timeoutInMs: 1_000 } : limits;

type RunUnderFault = (bench: FaultBench, row: FaultRow, key: string, input: unknown) => Promise<Outcome>;

const onNode: RunUnderFault = async (bench, _, key, input) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    return { output: withFieldNames(await bench.run(key, input)) };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return asJobError(error, definition);
  } finally {
    vi.useRealTimers();
  }
};

const onRuby: RunUnderFault = async (bench, row, key, input) => {
  await ruby.ask({ do: 'reset' });
  const settings = { baseUrl: `${bench.proxy.origin}/scim/v2`, token: bench.token, ...limitsOfRuby(row) };
  const { value, error } = await ruby.ask({ do: 'execute', key, input, settings });
  return error === undefined ? { output: value } : readJobError(error);
};

/** Runs an action under a fault, and tells what came of it, what it did, and how often each request was sent. */
async function endOf(row: FaultRow, action: FaultedAction, run: RunUnderFault): Promise<unknown> {
  const bench = await openFaultBench({
    connection: limits,
    // The time of Node passes at once.
    onSilence: () => void (vi.isFakeTimers() && vi.advanceTimersByTime(timeoutInMs)),
  });
  try {
    const ada = await bench.direct.actions.create_user({ userName: 'ada@example.com', title: 'Old' });
    const group = await bench.direct.actions.create_group({ displayName: 'Engineering' });
    const world: World = { adaId: ada.id, groupId: group.id };
    let struck = 0;
    bench.setPlan((request) => {
      if (!action.isMain(request) || (row.strikes === 'once' && struck > 0)) return undefined;
      struck += 1;
      return row.fault;
    });
    const outcome = await run(bench, row, action.key, action.input(world));
    expectNoSecret(outcome, bench.token);
    const changes = await action.changesSeen(bench.direct, world);
    const sent = bench.proxy.seen.map(({ method, path }) => `${method} ${path}`);
    const end = masked({ outcome, changes, sent }) as { readonly sent: readonly string[] };
    // Node runs rows side by side, Workato one after the other.
    return { ...end, sent: end.sent.toSorted() };
  } finally {
    await bench.close();
  }
}

describe.each(faultTable)('$name', (row) => {
  it.each(faultedActions)('ends $key with the same outcome on Node and on Ruby', async (action) => {
    expect(await endOf(row, action, onRuby)).toEqual(await endOf(row, action, onNode));
  });
});
