import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Connector, createConnector } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { listen } from '../../support/listen.ts';
import { definition } from '../../support/open-test-session.ts';
import { type RubyConnector, type RubyResult, startRubyConnector } from './start-ruby-connector.ts';

/**
 * The recipes of docs/hosts/workato.md, step by step, with values as datapills hand them over: text for everything that
 * a form has, blank cells, nulls, missing keys, lists of one, and times, dates, and files of other apps (see driver.rb).
 */
let ruby: RubyConnector;
let sandbox: Sandbox;
let world: Connector;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});
beforeEach(async () => {
  await ruby.ask({ do: 'reset' });
  sandbox = await startSandbox({ quirks: ['no-bulk'] });
  world = createConnector(settings());
  return async () => {
    world.close();
    await sandbox.close();
  };
});
afterAll(() => ruby.close());

const settings = () => ({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });

/** Runs a step with its input converted as a recipe converts it. */
const step = (key: string, input: object, more: object = {}): Promise<RubyResult> =>
  ruby.ask({ do: 'invoke', key, input, settings: settings(), ...more });

describe('a joiner from a sheet', () => {
  /** A row of a sheet: half of its cells are blank. */
  const row = {
    email: 'ada@example.com',
    first: 'Ada',
    last: 'Lovelace',
    title: '',
    department: ' ',
    manager: '',
    phone: '',
    number: 1042,
    starts: { $date: '2026-12-01' },
    exported: { $time: '2026-11-26T09:00:00Z' },
    role: 'Operator',
    team: 'Engineering',
  };
  const joiner = {
    userName: row.email,
    name: { givenName: row.first, familyName: row.last, middleName: '' },
    emails: [{ value: row.email, type: 'work', primary: 'true' }],
    phoneNumbers: [{ value: row.phone, type: 'mobile' }],
    active: 'true',
    externalId: row.number,
    title: row.title,
    department: row.department,
    manager: { value: row.manager },
    division: row.starts,
    costCenter: row.exported,
  };

  it('is created with what the sheet has, and a rerun changes nothing', async () => {
    const created = await step('upsert_user', joiner);

    expect(created.value).toMatchObject({
      userName: row.email,
      externalId: '1042',
      active: true,
      emails: [{ value: row.email, type: 'work', primary: true }],
      urn_ietf_params_scim_schemas_extension_enterprise_2_0_user: {
        division: '2026-12-01',
        costCenter: expect.stringMatching(/^2026-11-26T09:00:00(Z|\+00:00)$/),
      },
    });
    for (const blank of ['title', 'phoneNumbers', 'department'])
      expect(created.value).not.toHaveProperty(blank);
    const { requests } = Object((await step('upsert_user', { ...joiner, dryRun: 'true' })).value).dryRun;
    expect(requests).toEqual([]);
  });

  it('gets a role whose environment is mapped by its label, and joins a group as a list of one', async () => {
    await world.actions.create_group({ displayName: row.team });
    await step('upsert_user', joiner);
    const user = { id: '', userName: row.email };
    const role = await step('set_workato_role', { user, environment: 'PROD', role: row.role });
    expect(role.value).toMatchObject({
      urn_ietf_params_scim_schemas_workato_1_0_workato_role: { workato_role_prod: row.role },
    });
    const group = { displayName: row.team };
    for (const members of [{ userName: row.email }, [{ id: '', userName: row.email }]])
      expect((await step('add_group_members', { group, members })).error).toBeUndefined();
    expect((await world.actions.get_group({ group })).members).toHaveLength(1);
  });

  it('keeps a title whose cell is blank, and loses none to a datapill that is null in formula mode', async () => {
    await step('upsert_user', { ...joiner, title: 'Analyst' });
    expect((await step('upsert_user', { ...joiner, title: '' })).value).toMatchObject({ title: 'Analyst' });
    for (const [field, value] of [
      ['title', null],
      ['manager', { value: null }],
    ] as const)
      expect(await step('upsert_user', { ...joiner, [field]: value })).toEqual({
        error: expect.stringContaining('must be a string, not null'),
      });
    const cleared = await step('update_user', { user: { userName: row.email }, title: null });
    expect(cleared.error).toBeUndefined();
    expect(cleared.value).not.toHaveProperty('title');
  });

  it('fails with a sentence about the field if the sheet has no role, username, or member', async () => {
    const user = { userName: row.email };
    expect(await step('set_workato_role', { user, environment: 'prod', role: '' })).toEqual({
      error: "'Role' must be present",
    });
    expect(await step('upsert_user', { ...joiner, userName: '' })).toEqual({
      error: "'Username' must be present",
    });
    const members = [{ userName: '' }];
    expect(await step('add_group_members', { group: { displayName: row.team }, members })).toEqual({
      error: expect.stringMatching(/^invalid_input: .*exactly one of id, userName, externalId, email/),
    });
    expect(await step('upsert_user', { ...joiner, active: 'yes' })).toEqual({
      error: expect.stringContaining('"Active" must be true or false, not a string'),
    });
  });

  it('is planned from a downloaded file, whose content is binary', async () => {
    const file = JSON.stringify([{ userName: 'zoë@example.com', displayName: 'Zoë' }]);
    const users = { $file: Buffer.from(file).toString('base64') };
    expect((await step('plan_sync', { users })).value).toMatchObject({
      counts: { create: 1 },
      changes: [{ kind: 'create', user: { userName: 'zoë@example.com' } }],
    });
  });
});

it.each<[shown: unknown, pill: unknown]>([
  ['2026-11-26T09:00:00.5+01:00', '2026-11-26T09:00:00.500000+01:00'],
  ['2026-11-26T09:00:00', '2026-11-26T09:00:00.000000+00:00'],
  ['2026-11-26 09:00:00 UTC', '2026-11-26T09:00:00.000000+00:00'],
  ['2026-11-26', '2026-11-26T00:00:00.000000+00:00'],
  ['soon', 'soon'],
  [1795712400000, 1795712400000],
])('a provider whose time is %j does not fail the step', async (created, pill) => {
  const user = { id: '1', userName: 'ada@example.com', meta: { created } };
  const { origin, close } = await listen((_, response) => {
    response.writeHead(200, { 'content-type': 'application/scim+json' });
    response.end(JSON.stringify(user));
  });
  const got = await step('get_user', { user: { id: '1' } }, { settings: { baseUrl: origin, token: 't' } });
  await close();
  expect(got).toMatchObject({ value: { meta: { created: pill } } });
});

describe('a leaver', () => {
  it('starts a job, is offboarded by the ID of the event, and is named in a message', async () => {
    const { id } = await world.actions.create_user({ userName: 'ada@example.com', workato_role: 'Admin' });
    await world.actions.create_group({ displayName: 'Engineering', members: [{ value: id }] });
    const trigger = (closure?: unknown) =>
      // A cleared field of a trigger is blank.
      step('user_deprovisioned', { startFrom: '', massChangeLimit: '' }, { of: 'triggers', closure });
    const first = Object((await trigger()).value);
    expect(first.events).toEqual([]);
    await world.actions.deactivate_user({ user: { id } });

    const [event, ...others] = Object((await trigger(first.next_poll)).value).events;
    expect(others).toEqual([]);
    expect(event).toMatchObject({ type: 'deactivate', subject: { id, userName: 'ada@example.com' } });
    const offboarded = await step('offboard_user', { user: { id: event.subject.id, userName: '' } });
    expect(offboarded.value).toMatchObject({
      id,
      wasDeleted: false,
      steps: [
        { step: 'deactivate', outcome: 'unchanged' },
        { step: 'leaveGroups', outcome: 'done', groups: [{ display: 'Engineering' }] },
        { step: 'removeRoles', outcome: 'done' },
      ],
    });
    const again = await step('offboard_user', { user: { id: event.subject.id } });
    const outcomes = Object(again.value).steps.map(({ outcome }: { outcome: string }) => outcome);
    expect(outcomes).toHaveLength(3);
    expect(outcomes).not.toContain('done');
  });

  it('who is unknown to the provider fails the step of a recipe that does not look first', async () => {
    const user = { email: 'nobody@example.com' };
    expect((await step('find_user', { user })).value).toEqual({});
    expect((await step('offboard_user', { user })).error).toMatch(
      /^not_found: .+ email "nobody@example\.com"/,
    );
  });
});

describe('a nightly batch', () => {
  it('goes on after 180 seconds, reports the rows that failed, and can be repeated', async () => {
    const rows = [
      ...Array.from({ length: 20 }, (_, at) => ({
        userName: `user-${at}@example.com`,
        title: at % 2 === 0 ? '' : 'Analyst',
        active: 'TRUE',
        manager: { value: '' },
      })),
      { userName: '', title: 'Analyst' },
      { userName: 'ada@example.com', active: 'maybe' },
    ];
    const slow = { settings: { ...settings(), requestsPerMinute: 8 } };
    const { value } = await step('bulk_users', { action: 'upsert_user', rows }, slow);

    const { succeeded, failed, results } = Object(value);
    expect({ succeeded, failed }).toEqual({ succeeded: 20, failed: 2 });
    const waits = (await ruby.value({ do: 'reset' })) as readonly number[];
    expect(waits.filter((seconds) => seconds === 60).length).toBeGreaterThan(0);
    expect(results.slice(20)).toMatchObject([
      { row: 21, ok: false, error: { code: 'invalid_input', message: expect.stringContaining('userName') } },
      { row: 22, user: 'ada@example.com', ok: false, error: { message: expect.stringContaining('active') } },
    ]);
    const again = await step('bulk_users', { action: 'upsert_user', rows: rows.slice(0, 20) });
    expect(again.value).toMatchObject({ succeeded: 20, failed: 0 });
    expect(await world.actions.search_users({})).toMatchObject({ totalResults: 20 });
  });

  it('accepts one row that is not in a list', async () => {
    await world.actions.create_user({ userName: 'ada@example.com' });
    const rows = { user: { userName: 'ada@example.com' } };
    expect((await step('bulk_users', { action: 'deactivate_user', rows })).value).toMatchObject({
      succeeded: 1,
      results: [{ row: 1, ok: true, output: { active: false } }],
    });
  });
});
