import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  approveHold,
  type Connector,
  createConnector,
  type ProvisioningEvent,
  readHolds,
} from '../../../../runtime/index.ts';
import { createMemoryWatchStore } from '../../../../runtime/watch/memory-watch-store.ts';
import type { WatchStore } from '../../../../runtime/watch/watch-store.ts';

const secret = 'a long random secret';
let store: WatchStore;
let connector: Connector;
const logged: string[] = [];

beforeEach(() => {
  logged.length = 0;
  store = createMemoryWatchStore();
  connector = createConnector({
    baseUrl: 'http://127.0.0.1:1/scim/v2',
    token: 'unused',
    log: ({ event, message }) => logged.push(`${event}: ${message}`),
  });
});

afterEach(() => connector.close());

/** An event hook of Okta about users, who are deactivated unless stated otherwise. */
const hook = (users: readonly number[], type = 'user.lifecycle.deactivate'): Request =>
  new Request('https://hooks.example.com/okta', {
    method: 'POST',
    headers: { authorization: secret, 'content-type': 'application/json' },
    body: JSON.stringify({
      eventType: 'com.okta.event_hook',
      data: {
        events: users.map((user) => ({
          uuid: `${type}-${user}`,
          published: '2026-05-13T08:00:00.000Z',
          eventType: type,
          outcome: { result: 'SUCCESS' },
          target: [{ id: `u${user}`, type: 'User', alternateId: `u${user}@example.com` }],
        })),
      },
    }),
  });

const usersFrom = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

async function receive(
  request: Request,
  options: { readonly trigger?: string; readonly input?: unknown } = { trigger: 'provisioning_event' },
): Promise<readonly string[]> {
  const receiver = connector.receiver('okta_event_hook', { secret }, { store, ...options });
  const received = await receiver.receive(request);
  if (received.kind !== 'accepted') expect.fail(received.reason.message);
  expect(received.reply.status).toBe(204);
  return received.events.map(({ type, subject }) => `${type} ${subject.id}`);
}

it('keeps held events in its store, and returns those of others', async () => {
  expect(await receive(hook(usersFrom(1, 11)))).toEqual([]);
  expect(await receive(hook([20], 'user.lifecycle.create'))).toEqual(['create u20']);
  expect(await receive(hook([21]))).toEqual([]);
  const [hold] = await readHolds(store);
  expect(hold?.losses.map(({ subject }) => subject.name)).toEqual(
    [...usersFrom(1, 11), 21].map((user) => `u${user}@example.com`),
  );
  expect(logged.join('\n')).toContain(
    'events_held: 11 users would be reported as deactivated or deleted within 24 hours, and the limit is 10. Affected: u1@example.com (active → inactive), ',
  );
  expect(await approveHold(store, hold?.id ?? '')).toBe(12);
  const released = await store.undelivered(100);
  expect(released.map(({ text }) => (JSON.parse(text) as ProvisioningEvent).subject.id)).toEqual(
    [...usersFrom(1, 11), 21].map((user) => `u${user}`),
  );
  expect(await receive(hook([22]))).toEqual(['deactivate u22']);
});

it('counts the losses of a day, and holds a message that is sent again once', async () => {
  expect(await receive(hook(usersFrom(1, 10)))).toHaveLength(10);
  for (let attempt = 0; attempt < 2; attempt += 1) expect(await receive(hook([11]))).toEqual([]);
  expect((await readHolds(store))[0]?.losses).toHaveLength(1);
});

it('reads the limit from the input, and has one without a trigger', async () => {
  const trigger = { trigger: 'user_deprovisioned', input: { massChangeLimit: 30 } };
  expect(await receive(hook(usersFrom(1, 30)), trigger)).toHaveLength(30);
  expect(await receive(hook(usersFrom(1, 11)), {})).toEqual([]);
});
