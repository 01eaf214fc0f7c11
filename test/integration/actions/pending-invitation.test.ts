import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Connector, ConnectorError, createConnector, type LogEntry } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { acceptInvitation } from '../../support/accept-invitation.ts';
import { listen, type TestServer } from '../../support/listen.ts';

const user = { userName: 'ada@example.com' };
const changes: readonly (readonly [string, object])[] = [
  ['update_user', { user, title: 'Countess' }],
  ['replace_user', { user, ...user, title: 'Countess' }],
  ['upsert_user', { ...user, title: 'Countess' }],
  ['deactivate_user', { user }],
  ['set_workato_role', { user, role: 'Admin' }],
];

async function failureOf(run: Promise<unknown>): Promise<ConnectorError> {
  const error = await run.then(
    () => new Error('It succeeds'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof ConnectorError) return error;
  throw error;
}

describe('a change of a user whose invitation is pending', () => {
  let sandbox: Sandbox;
  let connector: Connector;
  const logged: LogEntry[] = [];

  beforeEach(async () => {
    logged.length = 0;
    sandbox = await startSandbox({ quirks: ['invitation-pending'] });
    const { scimBaseUrl: baseUrl, token } = sandbox;
    connector = createConnector({ baseUrl, token, log: (entry) => logged.push(entry) });
    await connector.actions.create_user(user);
  });

  afterEach(async () => {
    connector.close();
    await sandbox.close();
  });

  it.each(changes)('fails with the next step, and changes nothing: %s', async (key, input) => {
    const before = await connector.actions.get_user({ user });

    expect(await failureOf(connector.run(key, input))).toMatchObject({
      code: 'conflict',
      transient: false,
      status: 403,
      message:
        'The user has not accepted the invitation yet, so the provider rejected the change. Provider message: ada@example.com has not accepted the invitation yet, so the user cannot be changed or deactivated. Wait until it is accepted. Ask the person to accept the invitation, then try again. To withdraw it, use the administration of the provider.',
    });
    expect(await connector.actions.get_user({ user })).toEqual(before);
    expect(logged.filter(({ event }) => event === 'provider_habit_noticed')).toMatchObject([
      { trait: 'invitation-pending', status: 403 },
    ]);
  });

  it.each(changes)('succeeds after it was accepted: %s', async (key, input) => {
    await acceptInvitation(sandbox, user.userName);
    expect(await connector.run(key, input)).toMatchObject(user);
  });

  it('is reported for its row in a batch, and not for others', async () => {
    await connector.actions.create_user({ userName: 'bob@example.com' });
    await acceptInvitation(sandbox, 'bob@example.com');
    const { results } = await connector.actions.bulk_users({
      action: 'update_user',
      rows: [
        { user, title: 'Countess' },
        { user: { userName: 'bob@example.com' }, title: 'Builder' },
      ],
    });
    expect(results).toMatchObject([{ ok: false, error: { code: 'conflict' } }, { ok: true }]);
  });

  it('succeeds if it changes nothing', async () => {
    await connector.actions.create_user({ userName: 'eve@example.com', title: 'Spy' });
    const eve = { userName: 'eve@example.com' };
    expect(await connector.actions.update_user({ user: eve, title: 'Spy' })).toMatchObject({ title: 'Spy' });
  });
});

describe('a rejected change without words about an invitation', () => {
  let provider: TestServer;
  let headers: Readonly<Record<string, string>> = {};

  beforeEach(async () => {
    headers = {};
    provider = await listen((request, response) => {
      const isRead = request.method === 'GET';
      response.writeHead(isRead ? 200 : 403, { 'content-type': 'application/scim+json', ...headers });
      response.end(JSON.stringify(isRead ? { id: '1', userName: 'ada', displayName: 'Crew' } : {}));
    });
  });
  afterEach(() => provider.close());

  const failure = (profile: object, key: string, input: object): Promise<ConnectorError> => {
    const connector = createConnector({ baseUrl: provider.origin, token: 'a-token', ...profile });
    return failureOf(connector.run(key, input));
  };
  const update = ['update_user', { user: { id: '1' }, title: 'x' }] as const;

  it('leaves both reasons open if the profile says that users are invited', async () => {
    expect(await failure({ profile: 'workato' }, ...update)).toMatchObject({
      code: 'forbidden',
      message:
        'The provider rejected the change of the user (status 403). If the invitation is pending, ask the person to accept it, then try again. Otherwise, grant the permission to the credentials.',
    });
  });

  it('is a missing permission without such a profile, of a group, and with a scope', async () => {
    const general =
      'The credentials do not have permission for this request. Grant the permission, and check that SCIM is enabled at the provider.';
    expect(await failure({}, ...update)).toMatchObject({ code: 'forbidden', message: general });
    const group = { group: { id: '1' }, displayName: 'New' };
    expect((await failure({ profile: 'workato' }, 'update_group', group)).message).toBe(general);
    headers = { 'www-authenticate': 'Bearer error="insufficient_scope", scope="users:write"' };
    expect((await failure({ profile: 'workato' }, ...update)).message).toContain('"users:write"');
  });
});
