import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connector, createConnector } from '../../../runtime/index.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import type { Fault } from '../../support/fault.ts';
import { definition } from '../../support/open-test-session.ts';
import { startFaultProxy } from '../../support/start-fault-proxy.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

let ruby: RubyConnector;
beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});
afterAll(() => ruby.close());

interface Reported {
  readonly type: string;
  readonly subject: { readonly id: string };
  readonly dedupeKey: string;
  readonly data: { readonly active?: boolean };
}
interface Polled {
  readonly events: readonly Reported[];
  readonly next_poll: unknown;
  readonly can_poll_more: boolean;
}

/** A change of one of the users. */
interface Change {
  readonly change: 'create' | 'deactivate' | 'reactivate' | 'rename';
  readonly at: number;
}

/** Polls until there are no more events. */
interface Poll {
  /** The number of requests after which the token is rejected, as one that expired; undefined if it is accepted. */
  readonly expiresAfter: number | undefined;
  /** Whether the platform loses the results, and polls again with the same closure. */
  readonly isLost: boolean;
}

const change = fc.record({
  change: fc.constantFrom<Change['change']>('create', 'deactivate', 'deactivate', 'reactivate', 'rename'),
  at: fc.nat(20),
});
const poll = fc.record({
  expiresAfter: fc.option(fc.nat(3), { nil: undefined, freq: 3 }),
  isLost: fc.boolean(),
});
// The same runs each time.
const runs = fc.sample(
  fc.record({
    strategy: fc.constantFrom('snapshot', 'auto'),
    steps: fc.array(fc.oneof({ weight: 3, arbitrary: change }, poll), { minLength: 25, maxLength: 25 }),
  }),
  { numRuns: 6, seed: 20_261_126 },
);

const rejected: Fault = { kind: 'answer', acts: false, status: 401, body: '{}' };

it.each(runs)(
  'reports each change once among lost polls and expired tokens, interleaving %#',
  async (run) => {
    const sandbox = await startSandbox();
    let requestsLeft = Number.POSITIVE_INFINITY;
    const proxy = await startFaultProxy({
      upstream: sandbox.origin,
      plan: () => {
        requestsLeft -= 1;
        return requestsLeft < 0 ? rejected : undefined;
      },
      now: Date.now,
    });
    const world = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
    const settings = {
      baseUrl: sandbox.scimBaseUrl.replace(sandbox.origin, proxy.origin),
      token: sandbox.token,
    };
    await ruby.ask({ do: 'reset' });

    /** Whether each user is active, as the provider has it. */
    const actual = new Map<string, boolean>();
    /** The events of each user, in order. Workato starts no second job for the same key. */
    const jobs = new Map<string, string[]>();
    const keys = new Set<string>();
    let closure: unknown = null;

    const pollOnce = async ({ expiresAfter, isLost }: Poll): Promise<void> => {
      requestsLeft = expiresAfter ?? Number.POSITIVE_INFINITY;
      const input = { strategy: run.strategy, startFrom: 'beginning', pageSize: 2, massChangeLimit: 100 };
      const ask = { do: 'poll', key: 'provisioning_event', input, closure, settings };
      const { value, error } = await ruby.ask(ask);
      if (error !== undefined) expect(error).toMatch(/^auth: /);
      if (error !== undefined || isLost) return;
      const { events, next_poll, can_poll_more } = value as Polled;
      closure = next_poll;
      for (const { type, subject, dedupeKey, data } of events) {
        if (keys.has(dedupeKey)) continue;
        keys.add(dedupeKey);
        // A user who was deactivated before any poll is new and inactive.
        const one = type === 'create' && data.active === false ? 'create inactive' : type;
        jobs.set(subject.id, [...(jobs.get(subject.id) ?? []), one]);
      }
      if (can_poll_more) await pollOnce({ expiresAfter, isLost });
    };

    try {
      for (const step of run.steps)
        if ('change' in step) await apply(world, actual, step);
        else await pollOnce(step);
      await pollOnce({ expiresAfter: undefined, isLost: false });
      for (const [id, isActive] of actual) {
        const [first = '', ...others] = jobs.get(id) ?? [];
        expect(first).toMatch(/^create/);
        // Each change of the active state is the opposite of the one before: none is lost, and none is doubled.
        let state = first === 'create';
        for (const type of others.filter((one) => one !== 'patch')) {
          expect(type, `${first}, ${others}`).toBe(state ? 'deactivate' : 'activate');
          state = !state;
        }
        expect(state, `${first}, ${others}`).toBe(isActive);
      }
      expect([...jobs.keys()].sort()).toEqual([...actual.keys()].sort());
    } finally {
      world.close();
      await proxy.close();
      await sandbox.close();
    }
  },
  60_000,
);

async function apply({ actions }: Connector, actual: Map<string, boolean>, { change: kind, at }: Change) {
  const ids = [...actual.keys()];
  const id = ids[at % ids.length];
  if (kind === 'create' || id === undefined) {
    const created = await actions.create_user({ userName: `user-${ids.length}@example.com` });
    actual.set(created.id, true);
  } else if (kind === 'rename') await actions.update_user({ user: { id }, title: `Title ${at}` });
  else {
    actual.set(id, kind === 'reactivate');
    await actions[kind === 'reactivate' ? 'reactivate_user' : 'deactivate_user']({ user: { id } });
  }
}
