import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectorError } from '../../runtime/index.ts';
import { expectNoSecret } from '../support/expect-no-secret.ts';
import { type FaultBench, openFaultBench } from '../support/open-fault-bench.ts';
import {
  countNamed,
  type FaultedAction,
  faultedActions,
  newName,
  type World,
} from './actions-under-fault.ts';
import { type FaultRow, faultTable, type Outcome } from './fault-table.ts';

const timeoutInMs = 20_000;
let bench: FaultBench | undefined;

// A timeout falls due once the provider is silent, and never because the machine is busy.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));

afterEach(async () => {
  vi.useRealTimers();
  await bench?.close();
  bench = undefined;
});

async function prepare({ direct }: FaultBench): Promise<World> {
  const ada = await direct.actions.create_user({ userName: 'ada@example.com', title: 'Old' });
  const group = await direct.actions.create_group({ displayName: 'Engineering' });
  return { adaId: ada.id, groupId: group.id };
}

function strike(bench: FaultBench, { fault, strikes }: FaultRow, { isMain }: FaultedAction): void {
  let struck = 0;
  bench.setPlan((request) => {
    if (!isMain(request) || (strikes === 'once' && struck > 0)) return undefined;
    struck += 1;
    return fault;
  });
}

interface Ending {
  readonly outcome: Outcome;
  readonly said: unknown;
}

/** Runs it; the results of rows count as one when they are anyway. */
async function end(run: Promise<unknown>): Promise<Ending> {
  try {
    const output = await run;
    const rows = (output as { results?: readonly { error?: { code: Outcome } }[] } | null)?.results;
    const codes = new Set(rows?.map(({ error }) => error?.code ?? 'done'));
    return { outcome: codes.size === 1 ? ([...codes][0] ?? 'done') : 'done', said: output };
  } catch (error) {
    expect(error).toBeInstanceOf(ConnectorError);
    return { outcome: (error as ConnectorError).code, said: error };
  }
}

describe.each(faultTable)('$name', (row) => {
  it.each(faultedActions)('ends $key with the correct outcome', async (action) => {
    bench = await openFaultBench({
      connection: { deadlineInMs: 60_000, timeoutInMs, maxResponseBytes: 50_000 },
      onSilence: () => vi.advanceTimersByTime(timeoutInMs),
    });
    const world = await prepare(bench);
    strike(bench, row, action);

    const { outcome, said } = await end(bench.run(action.key, action.input(world)));

    expect(outcome).toBe(row.except?.[action.key] ?? row.expected);
    const seen = await action.changesSeen(bench.direct, world);
    if (outcome === 'done' || row.fault.acts) expect(seen).toBe(action.whole);
    else expect(seen).toBe(0);
    expect(await countNamed(bench.direct, newName)).toBeLessThan(2);
    expectNoSecret(said, bench.token);
    expectNoSecret(bench.logged, bench.token);
  });
});
