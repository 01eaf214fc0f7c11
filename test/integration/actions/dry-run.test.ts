import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Connector, createConnector, type User } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import { startProvider } from '../../support/start-provider.ts';

let sandbox: Sandbox;
let connector: Connector;
let ada: User;

beforeEach(async () => {
  sandbox = await startSandbox();
  connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  ada = await connector.actions.create_user({ userName: 'ada@example.com', title: 'Analyst' });
});

afterEach(async () => {
  connector.close();
  await sandbox.close();
});

const dryRun = { dryRun: true } as const;

describe('dryRun', () => {
  it('returns the request and the changed attribute', async () => {
    const user = { userName: 'ada@example.com' };

    expect(await connector.actions.update_user({ user, title: 'Manager' }, dryRun)).toEqual({
      dryRun: true,
      outcome: 'change',
      summary: '1 request would be sent. 1 change would be made.',
      requests: [
        {
          method: 'PATCH',
          path: `/Users/${ada.id}`,
          body: {
            schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
            Operations: [{ op: 'replace', path: 'title', value: 'Manager' }],
          },
          ifMatch: ada.meta?.version,
        },
      ],
      changes: [
        {
          kind: 'update',
          resource: 'User',
          id: ada.id,
          name: 'ada@example.com',
          path: 'title',
          from: 'Analyst',
          to: 'Manager',
        },
      ],
      rows: [],
      notes: [],
    });
  });

  it('says that nothing changes if everything is as requested', async () => {
    const { outcome, summary } = await connector.actions.upsert_user(
      { userName: 'ada@example.com', title: 'Analyst' },
      dryRun,
    );

    expect({ outcome, summary }).toEqual({
      outcome: 'no_change',
      summary: 'Nothing would be sent. No change: everything is already as requested.',
    });
  });

  it('shows a placeholder for the ID of a new user, and no password', async () => {
    const { requests, changes, notes } = await connector.actions.create_user(
      { userName: 'grace@example.com', password: 'correct horse' },
      dryRun,
    );

    expect(requests).toMatchObject([{ method: 'POST', path: '/Users', body: { password: '[secret]' } }]);
    expect(changes).toMatchObject([
      { kind: 'create', id: '{newUser1}', path: 'userName', from: null, to: 'grace@example.com' },
      { kind: 'create', id: '{newUser1}', path: 'password', from: null, to: '[secret]' },
    ]);
    expect(notes).toEqual(['{newUser1} stands for the ID that the provider will assign to the new user.']);
  });

  it('says that it is unknown whether a password changes', async () => {
    const input = { user: { id: ada.id }, password: 'correct horse' };

    const output = await connector.actions.update_user(input, dryRun);

    expect(output).toMatchObject({ outcome: 'unknown', changes: [{ path: 'password', to: '[secret]' }] });
    expect(JSON.stringify(output)).not.toContain('correct horse');
    expect(output.notes).toEqual(['The provider never shows "password", so the current value is unknown.']);
  });

  it('uses the same placeholder in the requests that follow a creation', async () => {
    const members = Array.from({ length: 101 }, (_, at) => ({ value: `user-${at}` }));

    const { requests } = await connector.actions.create_group({ displayName: 'Everyone', members }, dryRun);

    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /Groups',
      'PATCH /Groups/{newGroup1}',
      'PATCH /Groups/{newGroup1}',
    ]);
  });

  it('reports each row of a bulk action, with rows that cannot be run and rows that depend on earlier ones', async () => {
    const { rows, changes, summary } = await connector.actions.bulk_users(
      {
        action: 'update_user',
        rows: [
          { user: { userName: 'ada@example.com' }, title: 'Manager' },
          { user: { userName: 'nobody@example.com' }, title: 'Manager' },
          { user: { userName: 'ada@example.com' }, title: 'Director' },
        ],
      },
      dryRun,
    );

    expect(rows).toMatchObject([
      { row: 1, name: 'ada@example.com', ok: true, outcome: 'change' },
      { row: 2, name: 'nobody@example.com', ok: false, error: { code: 'not_found' } },
      { row: 3, name: 'ada@example.com', ok: true, outcome: 'change' },
    ]);
    expect(changes).toMatchObject([
      { row: 1, from: 'Analyst', to: 'Manager' },
      { row: 3, from: 'Manager', to: 'Director' },
    ]);
    expect(summary).toBe('2 requests would be sent. 2 changes would be made. 1 row cannot be run.');
  });

  it('fails as the action does if the user is not there, or the name is taken', async () => {
    const { create_user, deactivate_user } = connector.actions;
    const missing = await failureOf(deactivate_user({ user: { id: 'nobody' } }, dryRun));
    const taken = await failureOf(create_user({ userName: 'ADA@example.com' }, dryRun));

    expect(missing).toMatchObject({ code: 'not_found', status: 404 });
    expect(taken).toMatchObject({ code: 'conflict', status: 409 });
  });

  it('predicts the custom requests that it understands, and shows all of them', async () => {
    const { actions } = connector;
    const patch = { op: 'replace', path: 'title', value: 'Manager' };
    const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [patch] };
    const known = await actions.custom_request({ method: 'PATCH', path: `/Users/${ada.id}`, body }, dryRun);
    const rejected = await actions.custom_request(
      {
        method: 'PATCH',
        path: `/Users/${ada.id}`,
        body: { ...body, Operations: [{ op: 'remove', path: 'userName' }] },
      },
      dryRun,
    );
    const foreign = await actions.custom_request(
      { method: 'POST', path: '/Reports', query: { year: 2026 }, body: { name: 'Roles' } },
      dryRun,
    );
    const read = await actions.custom_request({ method: 'GET', path: '/Users' }, dryRun);

    expect(known).toMatchObject({ outcome: 'change', changes: [{ path: 'title', to: 'Manager' }] });
    expect(rejected).toMatchObject({ outcome: 'unknown', requests: [{ method: 'PATCH' }], changes: [] });
    expect(foreign).toMatchObject({
      outcome: 'unknown',
      requests: [{ method: 'POST', path: '/Reports', query: { year: '2026' }, body: { name: 'Roles' } }],
      notes: ['What POST /Reports changes cannot be predicted.'],
    });
    expect(read).toMatchObject({ outcome: 'no_change', requests: [], changes: [] });
  });

  it('is rejected for an action that only reads', async () => {
    const failure = await failureOf(connector.run('get_user', { user: { id: ada.id } }, dryRun));

    expect(failure).toMatchObject({ code: 'invalid_input' });
    expect(failure.message).toContain('`dryRun` does not apply to get_user, which only reads');
  });

  it('is ignored if it is false', async () => {
    const { title } = await connector.actions.update_user(
      { user: { id: ada.id }, title: 'Manager' },
      { dryRun: false },
    );

    expect(title).toBe('Manager');
  });

  it('ends at a user that cannot be read, and says why', async () => {
    const provider = await startProvider(() => ({ status: 403, body: { detail: 'No reads.' } }));

    const output = await provider.connector.actions
      .deactivate_user({ user: { id: 'ada' } }, dryRun)
      .finally(provider.close);

    expect(provider.requests.every(({ method }) => method === 'GET')).toBe(true);
    expect(output).toMatchObject({ outcome: 'unknown', requests: [{ method: 'PATCH', path: '/Users/ada' }] });
    expect(output.notes[0]).toContain('because the user cannot be read');
  });

  it('does not teach the connector what only its predictions show', async () => {
    await connector.actions.create_group({ displayName: 'Team', members: [{ value: ada.id }] });
    const group = await connector.actions.create_group({ displayName: 'Empty' });
    const add = { group: { id: group.id }, members: [{ id: ada.id }] };
    await connector.actions.add_group_members(add, dryRun);

    expect((await connector.actions.get_group({ group: { id: group.id } })).members ?? []).toEqual([]);
    expect(await connector.actions.add_group_members(add, dryRun)).toMatchObject({ outcome: 'change' });
  });
});
