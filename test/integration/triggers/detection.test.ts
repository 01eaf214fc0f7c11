import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connector, ProvisioningEvent, TriggerTypes } from '../../../runtime/index.ts';
import { definition } from '../../support/open-test-session.ts';
import { providers, type RunningProvider } from '../../support/providers.ts';
import { behaviors, body, type Scene, senderOf } from './behaviors.ts';

const keys = definition.triggers.map(({ key }) => key as keyof TriggerTypes);
const strategies = ['snapshot', 'changed_since'] as const;

const runs = providers.flatMap((provider) =>
  strategies.flatMap((strategy) =>
    behaviors
      .filter(({ not = [] }) => !not.includes(provider.name))
      .map((behavior) => ({ provider, strategy, behavior, title: behavior.name })),
  ),
);

describe.each(providers)('against $name', ({ name, start }) => {
  let running: RunningProvider;
  let scene: Scene;

  beforeEach(async () => {
    running = await start();
    scene = await setTheScene(running.connector);
  });

  afterEach(() => running.close());

  describe.each(strategies)('by %s', (strategy) => {
    const table = runs.filter((run) => run.provider.name === name && run.strategy === strategy);

    it.each(table)('$title', async ({ behavior }) => {
      const { connector } = running;
      const cursors = new Map<string, unknown>();
      for (const key of keys) cursors.set(key, (await connector.poll(key, { strategy })).cursor);
      await behavior.act(senderOf(connector), scene);
      const found: Record<string, string[]> = {};
      let all: readonly ProvisioningEvent[] = [];
      for (const key of keys) {
        const { events } = await connector.poll(key, { strategy }, cursors.get(key));
        if (events.length > 0) found[key] = events.map(({ type }) => type);
        if (key === 'provisioning_event') all = events;
      }
      expect(found).toEqual(expectedBy(strategy, behavior.expected));
      const paths = all.flatMap(({ changes }) => changes.map(({ path }) => path));
      if (behavior.changes !== undefined) expect(paths).toEqual(all.length === 0 ? [] : behavior.changes);
      for (const event of all) {
        expect(event).toMatchObject({ source: strategy, cause: null, isLate: false });
        expect(event.id).toBe(event.dedupeKey);
      }
    });
  });
});

/** What is asked for by its time of change is not seen when it is gone. */
function expectedBy(
  strategy: (typeof strategies)[number],
  expected: (typeof behaviors)[number]['expected'],
): Record<string, readonly string[]> {
  if (strategy === 'snapshot') return { ...expected };
  return Object.fromEntries(
    Object.entries(expected)
      .map(([key, types]) => [key, types.filter((type) => type !== 'delete')] as const)
      .filter(([, types]) => types.length > 0),
  );
}

async function setTheScene(connector: Connector): Promise<Scene> {
  const send = senderOf(connector);
  const [ada, bob] = [await create('ada'), await create('bob')];
  const group = await connector.actions.create_group({
    displayName: 'Engineering',
    members: [{ value: ada }],
  });
  await connector.actions.create_group({ displayName: 'Others' });
  return { ada, bob, group: group.id };

  async function create(name: string): Promise<string> {
    const { body: user } = (await send('POST', '/Users', body(name))) as { body: { id: string } };
    return user.id;
  }
}
