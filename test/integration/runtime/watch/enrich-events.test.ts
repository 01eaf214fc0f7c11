import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Connector, createConnector, type PlainRequest } from '../../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../../sandbox/index.ts';
import { type FaultProxy, type Plan, startFaultProxy } from '../../../support/start-fault-proxy.ts';
import { startReceiver } from '../../sandbox/workspace/event-fixture.ts';

let accepted: readonly string[];
let sandbox: Sandbox;
let proxy: FaultProxy;
let plan: Plan;
let direct: Connector;
let connector: Connector;

beforeEach(async () => {
  const receiver = await startReceiver();
  accepted = receiver.accepted;
  sandbox = await startSandbox({ eventPushUrl: receiver.url, eventFormat: 'notice' });
  plan = () => undefined;
  proxy = await startFaultProxy({ upstream: sandbox.origin, plan: (one) => plan(one), now: undefined });
  const baseUrl = sandbox.scimBaseUrl.replace(sandbox.origin, proxy.origin);
  direct = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  connector = createConnector({ baseUrl, token: sandbox.token });
});

afterEach(async () => {
  direct.close();
  connector.close();
  await proxy.close();
  await sandbox.close();
});

/** The request with the workspace's token of that number, from 0, once it has come. */
async function pushed(number: number): Promise<PlainRequest> {
  await vi.waitFor(() => expect(accepted.length).toBeGreaterThan(number), { timeout: 120_000, interval: 10 });
  const headers = { 'content-type': ['application/secevent+jwt'] };
  return { method: 'POST', headers, body: new TextEncoder().encode(accepted[number]) };
}

const receiverOf = (trigger?: string) =>
  connector.receiver(
    'security_event_token',
    { issuer: sandbox.eventsIssuer, audience: sandbox.eventsAudience, jwksUrl: sandbox.jwksUrl },
    { trigger },
  );

it('turns a notice about active into the activation or deactivation that the resource shows', async () => {
  const { id } = await direct.actions.create_user({ userName: 'ada@example.com' });
  await direct.actions.update_user({ user: { id }, active: false, title: 'Analyst' });
  const received = await receiverOf('provisioning_event').receive(await pushed(1));
  expect(received).toMatchObject({
    kind: 'accepted',
    reply: { status: 202 },
    events: [
      { type: 'deactivate', changes: [{ path: 'active', to: false }], subject: { id }, data: { id } },
      { type: 'patch', changes: [{ path: 'title', to: 'Analyst', toKnown: true }] },
    ],
  });
  const wanted = await receiverOf('user_deprovisioned').receive(await pushed(1));
  expect(wanted).toMatchObject({ events: [{ type: 'deactivate', data: { userName: 'ada@example.com' } }] });
});

it('asks the sender to retry while the resource cannot be read', async () => {
  await direct.actions.create_user({ userName: 'ada@example.com' });
  // Longer than any deadline, so that nothing is waited for.
  plan = () => ({ acts: false, kind: 'answer', status: 503, headers: () => ({ 'retry-after': '3600' }) });
  const receiver = receiverOf('user_provisioned');
  expect(await receiver.receive(await pushed(0))).toMatchObject({
    kind: 'refused',
    reason: { code: 'unavailable' },
    reply: { status: 503, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } },
  });
  plan = () => undefined;
  expect(await receiver.receive(await pushed(0))).toMatchObject({
    kind: 'accepted',
    events: [{ type: 'create', data: { userName: 'ada@example.com' } }],
  });
});

it.each([
  ['is about another user', 200, JSON.stringify({ id: 'someone-else', userName: 'bob@example.com' })],
  ['rejects the ID', 400, ''],
  ['forbids reading this user', 403, ''],
])(
  'returns the event as it arrived if the response %s, so that others are not blocked',
  async (_, status, body) => {
    const { id } = await direct.actions.create_user({ userName: 'ada@example.com' });
    plan = () => ({ acts: false, kind: 'answer', status, body });
    expect(await receiverOf('user_provisioned').receive(await pushed(0))).toMatchObject({
      kind: 'accepted',
      events: [{ type: 'create', subject: { id, userName: null }, data: null }],
    });
  },
);

it('returns the event as it arrived if the resource is gone', async () => {
  const { id } = await direct.actions.create_user({ userName: 'ada@example.com' });
  await direct.actions.delete_user({ user: { id } });
  expect(await receiverOf('user_provisioned').receive(await pushed(0))).toMatchObject({
    kind: 'accepted',
    events: [{ type: 'create', subject: { id }, data: null }],
  });
});

it('fetches neither resources that the trigger does not report nor deleted ones', async () => {
  const { id } = await direct.actions.create_user({ userName: 'ada@example.com' });
  await direct.actions.delete_user({ user: { id } });
  const before = proxy.seen.length;
  expect(await receiverOf('group_created').receive(await pushed(0))).toMatchObject({ events: [] });
  expect(await receiverOf('user_deprovisioned').receive(await pushed(1))).toMatchObject({
    events: [{ type: 'delete', subject: { id } }],
  });
  expect(proxy.seen.slice(before)).toEqual([]);
});
