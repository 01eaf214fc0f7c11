import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createConnector } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { listen } from '../../support/listen.ts';
import { definition } from '../../support/open-test-session.ts';
import { pageOf, people } from '../../support/start-list-server.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

type Pairs = readonly (readonly [label: string, value: string])[];

let ruby: RubyConnector;
let sandbox: Sandbox;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
  sandbox = await startSandbox();
});
beforeEach(() => ruby.ask({ do: 'reset' }));
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(async () => {
  await ruby.close();
  await sandbox.close();
});

const settingsOf = ({ scimBaseUrl, token }: Sandbox) => ({ baseUrl: scimBaseUrl, token });

const pickList = async (key: string, settings: object = settingsOf(sandbox)) =>
  (await ruby.value({ do: 'pick_list', key, settings })) as Pairs;

/** Settings for a provider with these schemas. */
async function providerWith(schemas: readonly object[]): Promise<object> {
  const { origin, close } = await listen((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/scim+json' });
    response.end(JSON.stringify({ totalResults: schemas.length, Resources: schemas }));
  });
  closing.push(close);
  return { baseUrl: origin, token: 't' };
}

const roleSchema = (canonicalValues: unknown) => ({
  id: 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole',
  attributes: [{ name: 'workato_role', type: 'string', canonicalValues }],
});

it('runs every pick list as `workato exec` does', async () => {
  const keys = (await ruby.value({ do: 'keys', of: 'pick_lists' })) as readonly string[];

  expect(keys).toEqual(expect.arrayContaining(['user_list', 'group_list', 'workato_role_options']));
  for (const key of keys) {
    const pairs = await pickList(key);
    expect(new Set(pairs.map(([, value]) => value)).size, key).toBe(pairs.length);
  }
});

it('lists users and groups by name, with their IDs', async () => {
  const own = await startSandbox();
  closing.push(() => own.close());
  const world = createConnector(settingsOf(own));
  const bob = await world.actions.create_user({ userName: 'bob@example.com' });
  const ada = await world.actions.create_user({ userName: 'ada@example.com', displayName: 'Ada Lovelace' });
  const group = await world.actions.create_group({ displayName: 'Engineering' });
  world.close();

  expect(await pickList('user_list', settingsOf(own))).toEqual([
    ['Ada Lovelace (ada@example.com)', ada.id],
    ['bob@example.com', bob.id],
  ]);
  expect(await pickList('group_list', settingsOf(own))).toEqual([['Engineering', group.id]]);
});

it('lists at most 1,000 users', async () => {
  const all = people(1_200);
  const { origin, close } = await listen((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    response.writeHead(200, { 'content-type': 'application/scim+json' });
    response.end(JSON.stringify(pageOf(all, Object.fromEntries(searchParams))));
  });
  closing.push(close);

  expect(await pickList('user_list', { baseUrl: origin, token: 't' })).toHaveLength(1_000);
});

it('says why users cannot be listed', async () => {
  const settings = { ...settingsOf(sandbox), token: 'wrong' };
  expect(await ruby.ask({ do: 'pick_list', key: 'user_list', settings })).toEqual({
    error: expect.stringMatching(/^auth: .+\.$/),
  });
});

it('lists the roles that the provider names, with the titles of known ones', async () => {
  const settings = await providerWith([roleSchema(['NoAccess', 'Auditor', 'Auditor', 7, ''])]);

  expect(await pickList('workato_role_options', settings)).toEqual([
    ['No access', 'NoAccess'],
    ['Auditor', 'Auditor'],
  ]);
});

it.each<[what: string, schemas: readonly object[]]>([
  ['no schemas', []],
  ['no roles', [roleSchema(undefined)]],
  ['something else', [roleSchema({ a: 1 }), { id: 7, attributes: 'x' }]],
])('lists the known roles if the provider names %s', async (_, schemas) => {
  const roles = definition.actions
    .find(({ key }) => key === 'set_workato_role')
    ?.fields.find(({ key }) => key === 'role')?.pickList;

  expect(await pickList('workato_role_options', await providerWith(schemas))).toEqual(
    roles?.map(({ title, value }) => [title, value]),
  );
  expect(await pickList('workato_role_options', { baseUrl: 'http://127.0.0.1:9', token: 't' })).toHaveLength(
    roles?.length ?? 0,
  );
});

it('accepts an ID that was selected and one that was entered', async () => {
  const fields = (await ruby.value({
    do: 'input_fields',
    of: 'actions',
    key: 'add_group_members',
    settings: settingsOf(sandbox),
  })) as readonly { name: string; properties?: readonly { name: string }[] }[];

  for (const [name, list] of [
    ['group', 'group_list'],
    ['members', 'user_list'],
  ])
    expect(
      fields.find((one) => one.name === name)?.properties?.find((one) => one.name === 'id'),
    ).toMatchObject({
      control_type: 'select',
      pick_list: list,
      toggle_field: { name: 'id', type: 'string', control_type: 'text' },
    });
});

it('lists the data centers of Workato for the address of its API', async () => {
  const fields = (await ruby.value({
    do: 'input_fields',
    of: 'triggers',
    key: 'fetched_event',
    settings: settingsOf(sandbox),
    config: { source: 'workato_activity_log' },
  })) as readonly { name: string; pick_list?: string; toggle_field?: { name: string } }[];
  const field = fields.find(({ name }) => name === 'apiUrl');

  expect(field?.toggle_field?.name).toBe('apiUrl');
  expect(await pickList(field?.pick_list ?? '')).toContainEqual(['US', 'https://www.workato.com/api']);
});
