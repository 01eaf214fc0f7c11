import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Connector, ConnectorError, createConnector } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { behaviors, body, type Scene, senderOf } from '../../integration/triggers/behaviors.ts';
import { definition } from '../../support/open-test-session.ts';
import { type FaultProxy, type Plan, startFaultProxy } from '../../support/start-fault-proxy.ts';
import { asJobError, readJobError } from './job-error.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';
import { withEventPills } from './with-event-pills.ts';

let ruby: RubyConnector;
let sandbox: Sandbox;
let proxy: FaultProxy;
let plan: Plan;
let world: Connector;
let node: Connector;
let cursors: Map<string, unknown>;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});

afterAll(() => ruby.close());

beforeEach(async () => {
  await ruby.ask({ do: 'reset' });
  plan = () => undefined;
  cursors = new Map();
  sandbox = await startSandbox();
  proxy = await startFaultProxy({
    upstream: sandbox.origin,
    plan: (request) => plan(request),
    now: Date.now,
  });
  world = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  node = createConnector(settings());
});

afterEach(async () => {
  node.close();
  world.close();
  await proxy.close();
  await sandbox.close();
});

const settings = () => ({
  baseUrl: sandbox.scimBaseUrl.replace(sandbox.origin, proxy.origin),
  token: sandbox.token,
  deadlineInMs: 20_000,
});

/** What came of a poll: its events in the order in which they are delivered, or how it failed. */
interface Polled {
  readonly events?: readonly unknown[];
  readonly more?: boolean;
  readonly code?: string;
  readonly message?: string;
}

async function pollOnNode(key: string, input: object): Promise<Polled> {
  try {
    const { events, more, cursor } = await node.poll(key, input, cursors.get(`node/${key}`));
    cursors.set(`node/${key}`, JSON.parse(JSON.stringify(cursor)));
    return { events: withEventPills(events), more };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return asJobError(error, definition, 'triggers');
  }
}

async function pollOnRuby(key: string, input: object): Promise<Polled> {
  const closure = cursors.get(`ruby/${key}`) ?? null;
  const { value, error } = await ruby.ask({ do: 'poll', key, input, closure, settings: settings() });
  if (error !== undefined) return readJobError(error);
  const { events, next_poll, can_poll_more } = value as {
    events: { dedupeKey: string }[];
    next_poll: unknown;
    can_poll_more: boolean;
  };
  cursors.set(`ruby/${key}`, next_poll);
  for (const event of events) expect(await ruby.value({ do: 'dedup', key, event })).toBe(event.dedupeKey);
  return { events, more: can_poll_more };
}

/** Polls on both sides, and expects the same; what each draws at random, for its keys and its pauses, is masked, and the time of day. */
async function pollBoth(key: string, input: object = {}): Promise<Polled> {
  const onNode = maskedPoll(await pollOnNode(key, input));
  expect(maskedPoll(await pollOnRuby(key, input)), key).toEqual(onNode);
  return onNode;
}

function maskedPoll(polled: Polled): Polled {
  return JSON.parse(
    JSON.stringify(polled, (name, value) => {
      if (name === 'id' || name === 'dedupeKey')
        return String(value).replace(/\/[0-9a-z]{8}\.(\d+)\./, '/epoch.$1.');
      if (name === 'message') return String(value).replace(/ after \d+ attempts?\b/, ' after some attempts');
      // What was deleted has the time at which that was seen.
      if (name === 'events')
        return value.map((event: { type: string }) =>
          event.type === 'delete' ? { ...event, occurredAt: 'now' } : event,
        );
      return value;
    }),
  );
}

async function setScene(): Promise<Scene> {
  const ada = await world.actions.custom_request({ method: 'POST', path: '/Users', body: body('ada') });
  const bob = await world.actions.create_user({ userName: 'bob@example.com', active: true });
  const { id } = ada.body as { id: string };
  const group = await world.actions.create_group({ displayName: 'Engineering', members: [{ value: id }] });
  return { ada: id, bob: bob.id, group: group.id };
}

const keys = definition.triggers.map(({ key }) => key);

describe('events on Node and on Ruby', () => {
  it.each(behaviors)('$name', async ({ act, expected }) => {
    const scene = await setScene();
    for (const key of keys) expect(await pollBoth(key)).toEqual({ events: [], more: false });
    await act(senderOf(world), scene);

    for (const key of keys) {
      const { events = [] } = await pollBoth(key);
      expect(
        events.map((event) => (event as { type: string }).type),
        key,
      ).toEqual(expected[key as keyof typeof expected] ?? []);
      expect(await pollBoth(key)).toEqual({ events: [], more: false });
    }
  });
});

describe('the scope filter on Node and on Ruby', () => {
  const department = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department';

  it.each([
    ['user_updated', { filter: 'department eq "engineering"' }],
    [
      'user_updated',
      { filter: `${department} eq "engineering" and emails[type eq "work"].value co "@EXAMPLE"` },
    ],
    ['user_updated', { filter: 'not (active eq false) and meta.created gt "2020-01-01T00:00:00Z"' }],
    ['user_updated', { filter: 'title eq "Nobody" or nickName pr' }],
    ['user_updated', { filter: 'active eq "True"' }],
    ['user_updated', { filter: 'active ne "False" and meta.created sw "2"' }],
    ['user_updated', { filter: 'meta.created co "T" and userName ne 7 and not (active eq 1)' }],
    ['user_updated', { filter: 'userName like "a"' }],
    ['user_updated', { changedAttributes: ['title'] }],
    ['user_updated', { changedAttributes: ['department', 'name.familyName'] }],
    ['user_updated', { changedAttributes: ['urn:unknown:x'] }],
    ['user_updated', { changedAttributes: ['salary'] }],
    ['user_updated', { group: { displayName: 'Engineering' } }],
    ['user_updated', { group: { displayName: 'Nobody' } }],
    ['user_updated', { group: { id: 'nothing' } }],
    ['user_role_changed', { roleFrom: 'Analyst', roleTo: 'Admin' }],
    ['user_role_changed', { roleFrom: 'Operator' }],
    ['user_role_changed', { roleTo: 'reader' }],
    ['group_membership_changed', { group: { displayName: 'engineering' } }],
    ['group_membership_changed', { group: { displayName: 'Research' } }],
    ['user_provisioned', { startFrom: 'beginning' }],
    ['provisioning_event', { startFrom: 'beginning', pageSize: 1 }],
    ['user_updated', { strategy: 'changed_since' }],
    ['user_updated', { strategy: 'snapshot', pageSize: 1 }],
    ['user_updated', { strategy: 'both' }],
    ['user_updated', { massChangeLimit: -1, pageSize: 0 }],
  ] as const)('%s with %j', async (key, input) => {
    const { ada, bob, group } = await setScene();
    await pollBoth(key, input);
    await world.actions.update_user({ user: { id: ada }, title: 'Countess', workato_role: 'Admin' });
    await world.actions.add_group_members({ group: { id: group }, members: [{ id: bob }] });
    await pollBoth(key, input);
    await world.actions.update_user({
      user: { id: ada },
      department: 'Research',
      name: { familyName: 'King' },
    });
    await world.actions.remove_group_members({ group: { id: group }, members: [{ id: ada }] });
    await pollBoth(key, input);
    await pollBoth(key, input);
  });
});

describe('a faulty list on Node and on Ruby', () => {
  const isList = (path: string): boolean => /\/Users(\?|$)/.test(path);

  it('blocks more deactivations than the limit', async () => {
    const rows = Array.from({ length: 30 }, (_, index) => ({ userName: `user-${index}@example.com` }));
    const { results } = await world.actions.bulk_users({ rows });
    await pollBoth('user_deprovisioned');
    await world.actions.bulk_users({
      action: 'deactivate_user',
      rows: results.map(({ id = '' }) => ({ user: { id } })),
    });

    expect(await pollBoth('user_deprovisioned')).toMatchObject({ code: 'mass_change_blocked' });
    expect(await pollBoth('user_deprovisioned')).toMatchObject({ code: 'mass_change_blocked' });
    expect((await pollBoth('user_deprovisioned', { massChangeLimit: 30 })).events).toHaveLength(30);
    expect((await pollBoth('user_deprovisioned')).events).toEqual([]);
  });

  it.each([
    ['a list that ends too early', 200, { totalResults: 3, Resources: [] }],
    ['a list that has lost everybody', 200, { totalResults: 0, Resources: [] }],
    ['an empty answer', 200, undefined],
    ['a 404 for the list', 404, { detail: 'Nothing here' }],
    ['a refused token', 401, { detail: 'No' }],
    ['a page', 200, '<html>Sign in</html>'],
    ['a provider that fails', 500, { detail: 'Oops' }],
  ])('%s', async (_, status, said) => {
    await setScene();
    await pollBoth('user_deprovisioned');
    plan = ({ path }) =>
      isList(path)
        ? {
            kind: 'answer',
            acts: false,
            status,
            headers: () => ({ 'content-type': 'application/scim+json' }),
            body: typeof said === 'string' ? said : JSON.stringify(said ?? ''),
          }
        : undefined;
    await pollBoth('user_deprovisioned');
    plan = () => undefined;

    expect(await pollBoth('user_deprovisioned')).toEqual({ events: [], more: false });
  });

  /** Answers every list of a kind with what is there, each resource as a function makes it. */
  const rewriteLists = (path: string, rewrite: (one: Record<string, unknown>) => object): void => {
    plan = async (request) => {
      if (!new RegExp(`${path}(\\?|$)`).test(request.path)) return undefined;
      const { body } = (await world.actions.custom_request({ path })) as {
        body: { Resources: Record<string, unknown>[] };
      };
      return {
        kind: 'answer',
        acts: false,
        status: 200,
        headers: () => ({ 'content-type': 'application/scim+json' }),
        body: JSON.stringify({ ...body, Resources: body.Resources.map(rewrite) }),
      };
    };
  };

  it.each(['0', 0, 'no', 'inactive'])('reports no deactivation for an "active" of %j', async (active) => {
    await setScene();
    await pollBoth('user_deprovisioned', { strategy: 'snapshot' });
    rewriteLists('/Users', (one) => ({ ...one, active }));
    expect((await pollBoth('user_deprovisioned', { strategy: 'snapshot' })).events).toEqual([]);
    rewriteLists('/Users', (one) => ({ ...one, active: 'False' }));
    const { events } = await pollBoth('user_deprovisioned', { strategy: 'snapshot' });
    expect(events?.length).toBeGreaterThan(0);
  });

  it('reports no removed members if a list omits the members of groups', async () => {
    const { ada, group } = await setScene();
    await world.actions.add_group_members({ group: { id: group }, members: [{ id: ada }] });
    await pollBoth('group_membership_changed', { strategy: 'snapshot' });
    rewriteLists('/Groups', ({ members: _, ...one }) => one);
    expect((await pollBoth('group_membership_changed', { strategy: 'snapshot' })).events).toEqual([]);
    await world.actions.remove_group_members({ group: { id: group }, members: [{ id: ada }] });
    expect((await pollBoth('group_membership_changed', { strategy: 'snapshot' })).events).toHaveLength(1);
  });

  it('fails if a response is about another user', async () => {
    const { ada, bob } = await setScene();
    await pollBoth('user_deprovisioned');
    const other = await world.actions.get_user({ user: { id: bob } });
    await world.actions.delete_user({ user: { id: ada } });
    plan = ({ path }) =>
      path.endsWith(`/Users/${ada}`)
        ? {
            kind: 'answer',
            acts: false,
            status: 200,
            headers: () => ({ 'content-type': 'application/scim+json' }),
            body: JSON.stringify(other),
          }
        : undefined;
    expect(await pollBoth('user_deprovisioned')).toMatchObject({ code: 'provider_fault' });
    plan = () => undefined;
    expect((await pollBoth('user_deprovisioned')).events).toHaveLength(1);
  });

  it('reports no deletions if the provider ignores filters', async () => {
    const { ada } = await setScene();
    await pollBoth('user_updated');
    plan = async ({ path }) => {
      if (!path.includes('filter=')) return undefined;
      const list = await world.actions.custom_request({ path: '/Users' });
      return {
        kind: 'answer',
        acts: false,
        status: 200,
        headers: () => ({ 'content-type': 'application/scim+json' }),
        body: JSON.stringify(list.body),
      };
    };
    await world.actions.update_user({ user: { id: ada }, title: 'Countess' });

    expect((await pollBoth('user_updated')).events).toHaveLength(1);
  });

  it('holds the directory of another tenant, also when only its changes are read', async () => {
    await setScene();
    const input = { strategy: 'changed_since' };
    await pollBoth('user_updated', input);
    rewriteLists('/Users', (one) => ({ ...one, id: `other-${one.id}`, userName: `other-${one.userName}` }));
    expect(await pollBoth('user_updated', input)).toMatchObject({ code: 'mass_change_blocked' });
    plan = () => undefined;
    expect(await pollBoth('user_updated', input)).toEqual({ events: [], more: false });
  });

  it('rejects the state of another provider', async () => {
    await setScene();
    await pollBoth('user_updated');
    for (const side of ['node', 'ruby'])
      cursors.set(`${side}/user_updated`, { version: 1, provider: 'https://other.example', resources: {} });
    expect(await pollBoth('user_updated')).toMatchObject({ code: 'invalid_input' });
    for (const side of ['node', 'ruby']) cursors.set(`${side}/user_updated`, { version: 7, resources: {} });
    expect(await pollBoth('user_updated')).toMatchObject({ code: 'unsupported' });
  });
});
