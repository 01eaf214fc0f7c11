import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Connector, createConnector } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { definition } from '../../support/open-test-session.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

let ruby: RubyConnector;
let sandbox: Sandbox;
let world: Connector;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});
beforeEach(async () => {
  await ruby.ask({ do: 'reset' });
  sandbox = await startSandbox();
  world = createConnector(settings());
  return async () => {
    world.close();
    await sandbox.close();
  };
});
afterAll(() => ruby.close());

const settings = () => ({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });

interface Polled {
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly next_poll: unknown;
}

async function poll(key: string, closure: unknown = null, input: object = {}): Promise<Polled> {
  return (await ruby.value({ do: 'poll', key, input, closure, settings: settings() })) as Polled;
}

const entryOf = (key: string) => ruby.value({ do: 'entry', of: 'triggers', key });

const formOf = async (key: string) =>
  (await ruby.value({
    do: 'input_fields',
    of: 'triggers',
    key,
    settings: settings(),
  })) as readonly { name: string }[];

describe.each(definition.triggers)('$key', ({ key, nounTitle }) => {
  it('has a real-time variant with the same form, which a webhook wakes', async () => {
    expect(await entryOf(`${key}_real_time`)).toMatchObject({
      title: `${nounTitle} (real-time)`,
      config_fields: [{ name: 'stream', optional: true, control_type: 'plain-text' }],
      webhook_payload_type: 'raw',
    });
    expect(await formOf(`${key}_real_time`)).toEqual(await formOf(key));
    const recipes = { [`${key}_real_time`]: {}, [key]: {}, [`${key}_batch`]: {} };
    expect(await ruby.value({ do: 'woken', params: { source: 'wake' }, recipes })).toEqual([
      `${key}_real_time`,
    ]);
  });

  it('has a batch variant with the same form, and the size of a batch', async () => {
    expect(await entryOf(`${key}_batch`)).toMatchObject({ title: `${nounTitle} (batch)`, batch: true });
    const [size, ...others] = await formOf(`${key}_batch`);
    expect(size).toMatchObject({ name: 'batch_size', type: 'integer', optional: true, default: '100' });
    expect(others).toEqual(await formOf(key));
  });

  it('shows the same sample in a batch', async () => {
    const sampleOf = (name: string) =>
      ruby.value({ do: 'sample_output', of: 'triggers', key: name, settings: settings() });
    const event = await sampleOf(key);
    expect(await sampleOf(`${key}_real_time`)).toEqual(event);
    expect(await sampleOf(`${key}_batch`)).toMatchObject({ events: [event], count: 1 });
  });
});

describe('a real-time trigger', () => {
  it('is woken only by callers with its stream name, whatever they send', async () => {
    const recipes = { user_updated_real_time: { stream: 'hr' }, user_provisioned_real_time: {} };
    const woken = (params: object, payload: object = {}) =>
      ruby.value({ do: 'woken', params, payload, recipes });

    expect(await woken({ source: 'wake', stream: 'hr' })).toEqual(['user_updated_real_time']);
    expect(await woken({ source: 'wake' }, { source: 'x' })).toEqual(['user_provisioned_real_time']);
    expect(await woken({ source: 'workato_audit_log', stream: 'hr' })).toEqual([]);
    expect(await woken({})).toEqual([]);
  });

  it('shows the URL of its webhook', async () => {
    const help = (input: object) =>
      ruby.value({
        do: 'help',
        of: 'triggers',
        key: 'user_updated_real_time',
        input,
        base: 'https://hooks.example.com/x',
      });

    expect(await help({})).toMatchObject({
      body: expect.stringContaining('<b>https://hooks.example.com/x?source=wake</b>'),
    });
    expect(await help({ stream: 'a b&c' })).toMatchObject({
      body: expect.stringContaining('<b>https://hooks.example.com/x?source=wake&amp;stream=a+b%26c</b>'),
    });
  });

  it('returns the same events as the plain trigger', async () => {
    const before = await poll('user_provisioned');
    await world.actions.create_user({ userName: 'ada@example.com' });
    const { events } = await poll('user_provisioned', before.next_poll);

    expect(events).toHaveLength(1);
    expect(await poll('user_provisioned_real_time', before.next_poll, { stream: 'hr' })).toMatchObject({
      events,
    });
  });
});

describe('a wake-up', () => {
  const empty = { events: [] };
  const trigger = 'user_provisioned_real_time';

  it('starts no job if its poll finds nothing, and loses nothing that the provider shows later', async () => {
    const before = await poll(trigger);
    const early = await poll(trigger, before.next_poll);
    expect(early).toMatchObject(empty);
    await world.actions.create_user({ userName: 'ada@example.com' });

    const late = await poll(trigger, early.next_poll);
    expect(late.events).toMatchObject([{ type: 'create', subject: { userName: 'ada@example.com' } }]);
    expect(await poll(trigger, late.next_poll)).toMatchObject(empty);
  });

  it('that is repeated reports the same event with the same key', async () => {
    const before = await poll(trigger);
    await world.actions.create_user({ userName: 'ada@example.com' });
    const keysOf = async () =>
      Promise.all(
        (await poll(trigger, before.next_poll)).events.map((event) =>
          ruby.value({ do: 'dedup', key: trigger, event }),
        ),
      );

    const keys = await keysOf();
    expect(keys).toHaveLength(1);
    expect(await keysOf()).toEqual(keys);
  });

  it('fails without a job if the provider rejects the token, and the next one finds the change', async () => {
    const before = await poll(trigger);
    await world.actions.create_user({ userName: 'ada@example.com' });
    const { error } = await ruby.ask({
      do: 'poll',
      key: trigger,
      input: {},
      closure: before.next_poll,
      settings: { ...settings(), token: 'another' },
    });
    expect(error).toMatch(/^auth: /);
    expect((await poll(trigger, before.next_poll)).events).toHaveLength(1);
  });
});

describe('a batch trigger', () => {
  const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@example.com`);
  const batchesOf = ({ events }: Polled) =>
    events.map((batch) =>
      (batch.events as { subject: { userName: string } }[]).map(({ subject }) => subject.userName),
    );

  async function addUsers(): Promise<unknown> {
    const { next_poll } = await poll('user_provisioned_batch');
    for (const userName of names) await world.actions.create_user({ userName });
    return next_poll;
  }

  it('returns batches of the given size in the order of the changes', async () => {
    const closure = await addUsers();
    const polled = await poll('user_provisioned_batch', closure, { batch_size: '2' });
    const single = await poll('user_provisioned', closure);

    expect(polled.events.map(({ count }) => count)).toEqual([2, 2, 1]);
    expect(batchesOf(polled).flat()).toEqual(
      single.events.map(({ subject }) => (subject as { userName: string }).userName),
    );
    expect(batchesOf(polled).flat().toSorted()).toEqual(names);
  });

  it('returns at most 100 events in a batch by default', async () => {
    const closure = await addUsers();
    expect((await poll('user_provisioned_batch', closure)).events).toMatchObject([{ count: 5 }]);
    expect((await poll('user_provisioned_batch', closure, { batch_size: '' })).events).toHaveLength(1);
  });

  it('has the same key for the same events, and another one for others', async () => {
    const closure = await addUsers();
    const keysOf = async (size: number) =>
      (await poll('user_provisioned_batch', closure, { batch_size: size })).events.map(
        ({ dedupeKey }) => dedupeKey,
      );

    const keys = await keysOf(2);
    expect(new Set(keys).size).toBe(3);
    expect(await keysOf(2)).toEqual(keys);
    expect(await keysOf(3)).not.toEqual(keys.slice(0, 2));
    const [event] = (await poll('user_provisioned_batch', closure)).events;
    expect(await ruby.value({ do: 'dedup', key: 'user_provisioned_batch', event })).toBe(event?.dedupeKey);
  });

  it('starts no job without an event', async () => {
    const { next_poll } = await poll('user_provisioned_batch');
    expect((await poll('user_provisioned_batch', next_poll)).events).toEqual([]);
  });

  it.each(['0', '1001', 'many', '1.5'])('rejects a batch size of %s', async (size) => {
    const { error } = await ruby.ask({
      do: 'poll',
      key: 'user_provisioned_batch',
      input: { batch_size: size },
      closure: null,
      settings: settings(),
    });
    expect(error).toMatch(/^invalid_input: Invalid input: "Batch size" must be .+\.$/);
  });
});

describe('the datapills of an event', () => {
  it('have the roles before and after, of all environments that changed', async () => {
    const { id } = await world.actions.create_user({
      userName: 'ada@example.com',
      workato_role: 'Analyst',
      workato_role_prod: 'NoAccess',
    });
    const { next_poll } = await poll('user_updated');
    await world.actions.update_user({ user: { id }, workato_role: 'Operator', workato_role_prod: 'Admin' });

    expect((await poll('user_updated', next_poll)).events).toMatchObject([
      { previous_role: 'Analyst, NoAccess', new_role: 'Operator, Admin' },
    ]);
  });

  it('have no roles if others changed, and the values of others as text', async () => {
    const { id } = await world.actions.create_user({ userName: 'ada@example.com', workato_role: 'Analyst' });
    const { next_poll } = await poll('provisioning_event');
    await world.actions.deactivate_user({ user: { id } });

    expect((await poll('provisioning_event', next_poll)).events).toMatchObject([
      {
        type: 'deactivate',
        previous_role: null,
        new_role: null,
        changes: [{ path: 'active', from: 'true', to: 'false' }],
      },
    ]);
  });

  it('have the members who joined and left', async () => {
    const ada = await world.actions.create_user({ userName: 'ada@example.com' });
    const bob = await world.actions.create_user({ userName: 'bob@example.com' });
    const group = await world.actions.create_group({ displayName: 'Team', members: [{ value: ada.id }] });
    const { next_poll } = await poll('group_membership_changed');
    await world.actions.set_group_members({ group: { id: group.id }, members: [{ id: bob.id }] });

    const { events } = await poll('group_membership_changed', next_poll);
    expect(events).toMatchObject([
      {
        members_added: [{ id: bob.id, name: null, type: 'User' }],
        members_removed: [{ id: ada.id, name: null, type: null }],
      },
    ]);
    expect(events[0]).not.toHaveProperty('new_role');
    const values = events.flatMap(({ changes }) =>
      (changes as { from: unknown; to: unknown }[]).flatMap(({ from, to }) => [from, to]),
    );
    expect(values.filter((value) => value !== null && typeof value !== 'string')).toEqual([]);
  });

  it('are all declared, with the types that they have', async () => {
    const ada = await world.actions.create_user({ userName: 'ada@example.com' });
    const { next_poll } = await poll('provisioning_event');
    await world.actions.create_group({ displayName: 'Team', members: [{ value: ada.id }] });
    const { events } = await poll('provisioning_event', next_poll);
    const pills = (await ruby.value({
      do: 'output_fields',
      of: 'triggers',
      key: 'provisioning_event',
      settings: settings(),
    })) as readonly { name: string }[];

    expect(events.length).toBeGreaterThan(0);
    for (const event of events)
      expect(pills.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(event)));
    expect(pills).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ name: 'new_role', type: 'string' }),
        expect.objectContaining({ name: 'members_added', type: 'array', of: 'object' }),
      ]),
    );
  });
});
