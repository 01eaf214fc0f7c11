import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProvisioningEvent } from '../../../runtime/index.ts';
import { essence, foldEvents, stateOf } from '../../support/oracles/fold-events.ts';
import { providers, type RunningProvider } from '../../support/providers.ts';
import { changeSomething, seededRandom } from '../../support/random-changes.ts';

/** Deletions come one by one here, and among few users: the guard is tested elsewhere. */
const input = { massChangeLimit: 1000 };

describe.each(providers)('against $name', (provider) => {
  let running: RunningProvider;

  beforeEach(async () => {
    running = await provider.start();
  });

  afterEach(() => running.close());

  it.each([1, 2, 3, 4, 5, 6])(
    'returns events that lead from the first state to the last one (seed %i)',
    async (seed) => {
      const { connector } = running;
      const random = seededRandom(seed);
      for (let step = 0; step < 8; step += 1) await changeSomething(connector, random);
      let known = await stateOf(connector);
      let { cursor, events } = await connector.triggers.provisioning_event.poll(input);
      expect(events).toEqual([]);
      const keys = new Set<string>();
      for (let round = 0; round < 15; round += 1) {
        const steps = Math.floor(random() * 6);
        for (let step = 0; step < steps; step += 1) await changeSomething(connector, random);
        const polled = await connector.triggers.provisioning_event.poll(input, cursor);
        ({ events } = polled);
        // A cursor is JSON, and nothing but JSON comes back from where it was kept.
        cursor = JSON.parse(JSON.stringify(polled.cursor));
        known = foldEvents(known, events);
        expect(essence(known)).toEqual(essence(await stateOf(connector)));
        expectNews(events, keys);
      }
    },
  );

  it('returns the same events with the same keys if the cursor was not saved', async () => {
    const { connector } = running;
    const random = seededRandom(7);
    for (let step = 0; step < 10; step += 1) await changeSomething(connector, random);
    const { cursor } = await connector.triggers.provisioning_event.poll(input);
    for (let step = 0; step < 6; step += 1) await changeSomething(connector, random);
    const first = await connector.triggers.provisioning_event.poll(input, cursor);
    const second = await connector.triggers.provisioning_event.poll(input, cursor);
    expect(first.events.length).toBeGreaterThan(0);
    expect(second.events.map(({ dedupeKey }) => dedupeKey)).toEqual(
      first.events.map(({ dedupeKey }) => dedupeKey),
    );
  });

  it('reports three events for a user that was deactivated, reactivated, and deactivated again', async () => {
    const { connector } = running;
    const { id } = await connector.actions.create_user({ userName: 'ada@example.com' });
    let { cursor } = await connector.triggers.provisioning_event.poll(input);
    const keys = new Set<string>();
    const types: string[] = [];
    for (const action of ['deactivate_user', 'reactivate_user', 'deactivate_user'] as const) {
      await connector.actions[action]({ user: { id } });
      const polled = await connector.triggers.provisioning_event.poll(input, cursor);
      ({ cursor } = polled);
      expectNews(polled.events, keys);
      types.push(...polled.events.map(({ type }) => type));
    }
    expect(types).toEqual(['deactivate', 'activate', 'deactivate']);
    expect(keys.size).toBe(3);
  });
});

/** Every event says something, and none has the key of another. */
function expectNews(events: readonly ProvisioningEvent[], keys: Set<string>): void {
  for (const { type, changes, dedupeKey } of events) {
    expect(keys.has(dedupeKey), dedupeKey).toBe(false);
    keys.add(dedupeKey);
    if (type === 'patch') expect(changes.length).toBeGreaterThan(0);
    if (type !== 'activate' && type !== 'deactivate') continue;
    expect(changes).toMatchObject([
      { path: 'active', to: type === 'activate', fromKnown: true, toKnown: true },
    ]);
    // Who was not said to be active was so anyway.
    expect(changes[0]?.from ?? true).toBe(type === 'deactivate');
  }
}
