import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectorError, createConnector } from '../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../sandbox/index.ts';
import type { Fault } from '../support/fault.ts';
import { essence, foldEvents, type Knowledge, stateOf } from '../support/oracles/fold-events.ts';
import { changeSomething, seededRandom } from '../support/random-changes.ts';
import { type FaultProxy, startFaultProxy } from '../support/start-fault-proxy.ts';

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

let sandbox: Sandbox;
let proxy: FaultProxy;
let random: () => number;
let mayLie: boolean;
let hasLied: boolean;

beforeEach(async () => {
  sandbox = await startSandbox();
  proxy = await startFaultProxy({
    upstream: sandbox.origin,
    now: Date.now,
    plan() {
      if (random() >= 0.12) return undefined;
      const fault = faults[Math.floor(random() * (faults.length + 1))];
      if (fault !== undefined || !mayLie) return fault;
      hasLied = true;
      return lie;
    },
  });
});

afterEach(async () => {
  await proxy.close();
  await sandbox.close();
});

describe('polling a provider whose answers go wrong', () => {
  it.each([1, 2, 3, 4])('reports what happened, and nothing else (seed %i)', async (seed) => {
    random = seededRandom(seed);
    const { scimBaseUrl: baseUrl, token } = sandbox;
    const direct = createConnector({ baseUrl, token });
    // Its deadline is short, so that many polls break off in the middle.
    const polling = createConnector({ baseUrl: `${proxy.origin}/scim/v2`, token, deadlineInMs: 50 });
    const input = { pageSize: 5 };
    for (let step = 0; step < 30; step += 1) await changeSomething(direct, random);
    let cursor: unknown;
    let known: Knowledge | undefined;
    let brokenOff = 0;
    for (let round = 0; round < 40; round += 1) {
      if (known !== undefined) await changeSomething(direct, random);
      const truth = await stateOf(direct);
      mayLie = known !== undefined;
      hasLied = false;
      try {
        const polled = await polling.triggers.provisioning_event.poll(input, cursor);
        ({ cursor } = polled);
        known = known === undefined ? truth : foldEvents(known, polled.events);
        for (const { type, resource, subject } of polled.events)
          if (type === 'delete') expect(truth.has(`${resource}/${subject.id}`)).toBe(false);
        if (!hasLied) expect(essence(known)).toEqual(essence(truth));
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        brokenOff += 1;
      }
    }
    expect(brokenOff).toBeGreaterThan(5);
    expect(brokenOff).toBeLessThan(40);
    polling.close();
    direct.close();
  });
});
