import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connector, createConnector } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { definition } from '../../support/open-test-session.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

let ruby: RubyConnector;
let sandbox: Sandbox;
let world: Connector;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
  sandbox = await startSandbox();
  world = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  await world.actions.create_user({
    userName: 'ada@example.com',
    title: 'Analyst',
    department: 'Research',
    emails: [{ value: 'ada@example.com', type: 'work' }],
  });
});
afterAll(async () => {
  await ruby.close();
  world.close();
  await sandbox.close();
});

const user = { userName: 'ada@example.com' };

const run = (key: string, input: object) =>
  ruby.ask({
    do: 'execute',
    key,
    input,
    settings: { baseUrl: sandbox.scimBaseUrl, token: sandbox.token },
  });

it.each<[what: string, input: object]>([
  ['an empty text', { title: '' }],
  ['spaces', { department: '  ' }],
  ['an empty boolean', { active: '' }],
  ['an email address without an address', { emails: [{ value: '', type: 'work' }] }],
  ['an empty part of a name', { name: { givenName: ' ' } }],
  ['an empty value of an extension', { urn_acme_params_scim_schemas_access: { level: '' } }],
])('changes nothing for %s', async (_, input) => {
  const before = await world.actions.get_user({ user });
  const { value } = await run('update_user', { user, displayName: 'Ada', ...input });

  const { title, active, emails, name } = before;
  expect(value).toMatchObject({ displayName: 'Ada', title, active, emails, ...(name && { name }) });
});

it('ignores blank values of rows', async () => {
  expect(
    await run('bulk_users', { action: 'upsert_user', rows: [{ ...user, title: '', department: ' ' }] }),
  ).toMatchObject({ value: { succeeded: 1, failed: 0 } });
});

it('identifies a user by the field that is filled', async () => {
  expect(await run('get_user', { user: { id: '', externalId: ' ', ...user } })).toMatchObject({
    value: user,
  });
});

it.each<[what: string, key: string, input: object]>([
  ['a search', 'search_users', { userName: '' }],
  ['a search by a filter', 'search_users', { filter: '' }],
  ['a user who is to be deactivated', 'deactivate_user', { user: { userName: '' } }],
  ['the name of a new user', 'create_user', { userName: '' }],
  ['the members who are to stay', 'set_group_members', { group: { id: '1' }, members: [{ id: '' }] }],
  [
    'one of the members who are to stay',
    'set_group_members',
    { group: { id: '1' }, members: [user, { id: '' }] },
  ],
  [
    'a new member',
    'add_group_members',
    { group: { id: '1' }, members: [user, { userName: ' ', email: '' }] },
  ],
])('rejects a blank value for %s', async (_, key, input) => {
  expect(await run(key, input)).toEqual({ error: expect.stringMatching(/^invalid_input: /) });
});

it('does not remove the member of a group whose ID is blank', async () => {
  const bob = await world.actions.create_user({ userName: 'bob@example.com' });
  const { id } = await world.actions.get_user({ user });
  const members = [{ value: id }, { value: bob.id }];
  const group = { id: (await world.actions.create_group({ displayName: 'Crew', members })).id };

  expect(await run('update_group', { group, members: [{ value: id }, { value: '' }] })).toEqual({
    error: expect.stringMatching(/^invalid_input: /),
  });
  expect((await world.actions.get_group({ group })).members).toHaveLength(2);
});

it('sends a number as the text that it is in a sheet', async () => {
  const numbers = { employeeNumber: { $float: '701984' }, costCenter: { $float: '4.5' } };
  const { value } = await run('update_user', { user, ...numbers });

  expect(value).toMatchObject({
    urn_ietf_params_scim_schemas_extension_enterprise_2_0_user: {
      employeeNumber: '701984',
      costCenter: '4.5',
    },
  });
});
