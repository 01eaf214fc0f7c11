import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Connector, createConnector, type LogEntry } from '../../../runtime/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import { providers, type RunningProvider } from '../../support/providers.ts';
import { sampleEvent } from '../../support/sample-event.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

describe.each(providers)('against $name', ({ start }) => {
  let running: RunningProvider;
  let connector: Connector;

  beforeEach(async () => {
    running = await start();
    ({ connector } = running);
  });

  afterEach(() => running.close());

  const person = async (name: string, department: string): Promise<string> =>
    (await connector.actions.create_user({ userName: `${name}@example.com`, active: true, department })).id;

  /** Polls twice, with something done in between, and returns the names of those whom the events are about. */
  async function eventsOf(
    key: string,
    input: object,
    act: () => Promise<unknown>,
  ): Promise<readonly string[]> {
    const { cursor } = await connector.poll(key, input);
    await act();
    const { events } = await connector.poll(key, input, cursor);
    return events.map(({ type, subject }) => `${type} ${subject.userName ?? subject.displayName}`);
  }

  it('reports users that match the filter now or matched it before, including deleted ones', async () => {
    const ada = await person('ada', 'Engineering');
    const bob = await person('bob', 'Sales');
    const cyd = await person('cyd', 'Engineering');
    const { actions } = connector;
    const filter =
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "engineering" and active eq true';
    expect(
      await eventsOf('provisioning_event', { filter }, async () => {
        await actions.deactivate_user({ user: { id: ada } });
        await actions.deactivate_user({ user: { id: bob } });
        await actions.delete_user({ user: { id: cyd } });
        await person('dan', 'Engineering');
        await person('eve', 'Sales');
      }),
    ).toEqual(['deactivate ada@example.com', 'create dan@example.com', 'delete cyd@example.com']);
    expect(
      await eventsOf(
        'user_updated',
        { filter: 'department eq "Engineering" and active eq true' },
        async () => {
          await actions.update_user({ user: { userName: 'dan@example.com' }, department: 'Sales' });
          await actions.update_user({ user: { userName: 'eve@example.com' }, department: 'Engineering' });
          await actions.update_user({ user: { id: bob }, department: 'Engineering' });
        },
      ),
    ).toEqual(['patch dan@example.com', 'patch eve@example.com']);
  });

  it('evaluates the filter for events of a source on attributes that they cannot have changed', async () => {
    const ada = await person('ada', 'Engineering');
    const bob = await person('bob', 'Sales');
    await connector.actions.create_group({ displayName: 'Engineering', members: [{ value: ada }] });
    const isReported = async (input: object, id: string, path: string): Promise<boolean> => {
      const selects = await connector.eventPipeline('user_updated', input).openSelector();
      const change = { path, from: null, to: 'x', fromKnown: false, toKnown: true };
      const data = await connector.actions.get_user({ user: { id } });
      return selects(sampleEvent('1', { data, changes: [change] }));
    };
    const inGroup = { group: { displayName: 'Engineering' } };
    const inDepartment = { filter: 'not (title pr) and department eq "Engineering"' };

    expect(await isReported(inGroup, ada, 'title')).toBe(true);
    expect(await isReported(inGroup, bob, 'title')).toBe(false);
    expect(await isReported(inGroup, bob, 'groups')).toBe(true);
    expect(await isReported(inDepartment, ada, 'nickName')).toBe(true);
    expect(await isReported(inDepartment, bob, 'nickName')).toBe(false);
    expect(await isReported(inDepartment, bob, `${enterprise}:department`)).toBe(true);
    expect(await isReported(inDepartment, bob, enterprise.toUpperCase())).toBe(true);
    expect(await isReported(inDepartment, bob, `${enterprise.toLowerCase()}:Department`)).toBe(true);
    expect(await isReported(inGroup, bob, 'urn:ietf:params:scim:schemas:core:2.0:User')).toBe(true);
    const elsewhere = { filter: 'urn:acme:params:User:costCenter eq "A"' };
    expect(await isReported(elsewhere, bob, 'urn:acme:params:User:costCenter')).toBe(true);
    expect(await isReported(elsewhere, bob, 'urn:acme:params:User')).toBe(true);
    expect(await isReported(elsewhere, bob, 'title')).toBe(false);
  });

  it('emits an event of a source that does not list its changes or has its own IDs', async () => {
    const ada = await person('ada', 'Sales');
    const data = await connector.actions.get_user({ user: { id: ada } });
    const filter = 'department eq "Engineering"';
    const selects = await connector.eventPipeline('user_updated', { filter }).openSelector();
    expect(selects(sampleEvent('1', { data, changes: [], type: 'put' }))).toBe(true);
    expect(selects(sampleEvent('1', { data }))).toBe(false);

    await connector.actions.create_group({ displayName: 'Engineering', members: [{ value: ada }] });
    const inGroup = await connector
      .eventPipeline('user_updated', { group: { displayName: 'Engineering' } })
      .openSelector();
    const own = { ...data, id: 'directory_user_1' };
    expect(inGroup(sampleEvent('1', { data: own, source: 'workos' }))).toBe(true);
    expect(inGroup(sampleEvent('1', { data: own }))).toBe(false);
  });

  it('reports members of a group, however the group is named', async () => {
    const ada = await person('ada', 'A');
    const bob = await person('bob', 'A');
    const group = await connector.actions.create_group({
      displayName: 'Engineering',
      externalId: '00g1',
      members: [{ value: ada }],
    });
    for (const reference of [{ id: group.id }, { displayName: 'Engineering' }, { externalId: '00g1' }]) {
      expect(
        await eventsOf('user_updated', { group: reference }, async () => {
          const title = JSON.stringify(reference);
          await connector.actions.update_user({ user: { id: ada }, title });
          await connector.actions.update_user({ user: { id: bob }, title });
        }),
      ).toEqual(['patch ada@example.com']);
    }
    expect(
      await eventsOf('user_deprovisioned', { group: { displayName: 'No such group' } }, () =>
        connector.actions.delete_user({ user: { id: bob } }),
      ),
    ).toEqual([]);
  });

  it('reports the group itself, even if it is renamed or deleted', async () => {
    const ada = await person('ada', 'A');
    const one = await connector.actions.create_group({ displayName: 'Engineering' });
    const other = await connector.actions.create_group({ displayName: 'Sales' });
    const input = { group: { displayName: 'Engineering' } };
    expect(
      await eventsOf('group_membership_changed', input, async () => {
        for (const { id } of [one, other])
          await connector.actions.add_group_members({ group: { id }, members: [{ id: ada }] });
      }),
    ).toEqual(['patch Engineering']);
    expect(
      await eventsOf('group_updated', input, () =>
        connector.actions.update_group({ group: { id: one.id }, displayName: 'Research' }),
      ),
    ).toEqual(['patch Research']);
    expect(
      await eventsOf('group_deleted', { group: { id: one.id } }, async () => {
        for (const { id } of [one, other]) await connector.actions.delete_group({ group: { id } });
      }),
    ).toEqual(['delete Research']);
  });

  it('logs that the group does not exist', async () => {
    const { baseUrl, token } = running;
    const log: LogEntry[] = [];
    const { poll, close } = createConnector({ baseUrl, token, log: (entry) => log.push(entry) });
    await poll('user_updated', { group: { displayName: 'Engineerign' } });
    close();
    expect(log.filter(({ event }) => event === 'group_not_found')).toMatchObject([
      { level: 'warn', group: '{"displayName":"Engineerign"}' },
    ]);
  });

  it('rejects an invalid filter, and says what is wrong with it', async () => {
    const error = await failureOf(connector.triggers.user_updated.poll({ filter: 'active = true' }));
    expect(error).toMatchObject({ code: 'invalid_input', problems: [{ path: 'filter' }] });
    expect(error.message).toContain('Example: department eq "Engineering" and active eq true');
  });

  it('reports every existing user once if it starts from the beginning', async () => {
    await person('ada', 'A');
    await person('bob', 'A');
    const { events, cursor } = await connector.triggers.user_provisioned.poll({ startFrom: 'beginning' });
    expect(events.map(({ subject }) => subject.userName).toSorted()).toEqual([
      'ada@example.com',
      'bob@example.com',
    ]);
    expect(
      (await connector.triggers.user_provisioned.poll({ startFrom: 'beginning' }, cursor)).events,
    ).toEqual([]);
  });
});
