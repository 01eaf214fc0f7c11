import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectorError } from '../../runtime/index.ts';
import type { Fault } from '../support/fault.ts';
import { type FaultBench, openFaultBench } from '../support/open-fault-bench.ts';
import { essence, foldEvents, type Knowledge, stateOf } from '../support/oracles/fold-events.ts';
import { changeSomething, seededRandom } from '../support/random-changes.ts';

// Users change at the provider while a trigger polls it through a proxy that resets, cuts, and answers for itself.

const faults: readonly Fault[] = [
  { acts: false, kind: 'reset' },
  { acts: true, kind: 'reset' },
  { acts: true, kind: 'cut', how: 'length' },
  { acts: true, kind: 'cut', how: 'json' },
  { acts: false, kind: 'answer', status: 503 },
  { acts: false, kind: 'answer', status: 401 },
  { acts: false, kind: 'answer', status: 404, body: '<html>Not found</html>' },
  { acts: false, kind: 'answer', status: 200, body: '<html>Sign in</html>' },
];
/** The one that cannot be distinguished from the truth: it may hide someone, but must not make anyone leave. */
const lie: Fault = { acts: false, kind: 'answer', status: 200, body: '{"totalResults":0,"Resources":[]}' };

/** The safeguard has tests of its own: here, any number of users may leave in a day. */
const input = { pageSize: 5, massChangeLimit: 1000 };

let bench: FaultBench;
let random: () => number;
let mayLie: boolean;
let hasLied: boolean;

beforeEach(async () => {
  // The deadline is shorter than the wait before a retry, so that many polls break off in the middle.
  bench = await openFaultBench({ connection: { deadlineInMs: 50 } });
  bench.setPlan(() => {
    if (random() >= 0.15) return undefined;
    const fault = faults[Math.floor(random() * (faults.length + 1))];
    if (fault !== undefined || !mayLie) return fault;
    hasLied = true;
    return lie;
  });
});

afterEach(() => bench.close());

describe('polling a provider with faulty responses', () => {
  it.each([1, 2, 3, 4])('reports every change and no other (seed %i)', async (seed) => {
    random = seededRandom(seed);
    const { direct, poll, clock } = bench;
    const change = async (): Promise<void> => {
      await clock.sleep(10);
      await changeSomething(direct, random);
    };
    for (let step = 0; step < 30; step += 1) await change();
    let cursor: unknown;
    let known: Knowledge | undefined;
    let brokenOff = 0;
    for (let round = 0; round < 40; round += 1) {
      if (known !== undefined) await change();
      const truth = await stateOf(direct);
      mayLie = known !== undefined;
      hasLied = false;
      try {
        const polled = await poll('provisioning_event', input, cursor);
        ({ cursor } = polled);
        known = known === undefined ? truth : foldEvents(known, polled.events);
        for (const { type, resource, subject } of polled.events)
          if (type === 'delete') expect(truth.has(`${resource}/${subject.id}`)).toBe(false);
        // A missing user who cannot be read stays known until a later poll.
        const isOpen = JSON.stringify(cursor).includes('missing_users_not_verified');
        if (!hasLied && !isOpen) expect(essence(known)).toEqual(essence(truth));
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        brokenOff += 1;
      }
    }
    bench.setPlan(() => undefined);
    const { events } = await poll('provisioning_event', input, cursor);
    const truth = await stateOf(direct);
    expect(essence(foldEvents(known ?? truth, events))).toEqual(essence(truth));
    expect(brokenOff).toBeGreaterThan(5);
    expect(brokenOff).toBeLessThan(40);
  });
});
