import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createConnector } from '../../../../runtime/index.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../../sandbox/index.ts';
import { type CliResult, runCli } from '../../../support/run-cli.ts';
import { startDirectory } from '../../../support/start-directory.ts';

const namesOf = (users: readonly { readonly userName: string }[] | null) =>
  users?.map(({ userName }) => userName) ?? null;

async function fill(sandbox: Sandbox): Promise<void> {
  await using connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  const { actions } = connector;
  await actions.bulk_users({
    rows: [
      { userName: 'ada', displayName: '=Ada', workato_role: 'Admin', workato_role_prod: 'Operator' },
      { userName: 'bob', workato_role: 'Operator', active: false },
      { userName: 'cyd', workato_role: 'NoAccess', active: false },
      { userName: 'dan', workato_role: 'Admin' },
      { userName: 'eve' },
    ],
  });
  await actions.set_user_manager({ user: { userName: 'dan' }, manager: { userName: 'ada' } });
  const { id } = await actions.get_user({ user: { userName: 'ada' } });
  await actions.create_group({ displayName: 'Engineering', members: [{ value: id }] });
}

async function reportOf(options: SandboxOptions = {}, ownerRoles?: readonly string[]) {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  await fill(sandbox);
  await using connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  return await connector.reportRoles({ ownerRoles });
}

describe('a report of roles', () => {
  it('counts who has which role in which environment, and finds what a person should look at', async () => {
    const report = await reportOf();
    const [dev, , prod] = report.environments;
    expect(dev).toEqual({
      key: 'workato_role',
      title: 'Workato role (DEV)',
      roles: [
        { role: 'Admin', active: 2, inactive: 0 },
        { role: 'NoAccess', active: 0, inactive: 1 },
        { role: 'Operator', active: 0, inactive: 1 },
      ],
      withoutRole: 1,
    });
    expect(prod?.roles).toEqual([{ role: 'Operator', active: 1, inactive: 0 }]);
    expect(namesOf(report.inactiveWithRoles)).toEqual(['bob']);
    expect(namesOf(report.ownersWithoutManager)).toEqual(['ada']);
    expect(namesOf(report.inNoGroup)).toEqual(['dan', 'eve']);
    expect(report.users.find(({ userName }) => userName === 'dan')?.manager).toBe('ada');
    expect(report.users[0]?.groups).toEqual(['Engineering']);
  });

  it.each([
    [{ displayName: 'Ada L', name: { formatted: 'Ada Lovelace' } }, 'Ada L'],
    [{ displayName: ' ', name: { formatted: 'Countess Ada', givenName: 'Ada' } }, 'Countess Ada'],
    [{ name: { givenName: 'Ada', familyName: 'Lovelace' } }, 'Ada Lovelace'],
    [{ name: { familyName: 'Lovelace' } }, 'Lovelace'],
    [{}, ''],
  ])('names a user with %j "%s"', async (names, shown) => {
    const sandbox = await startSandbox();
    onTestFinished(() => sandbox.close());
    await using connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
    await connector.actions.create_user({ userName: 'ada', ...names });
    expect((await connector.reportRoles()).users).toMatchObject([{ userName: 'ada', displayName: shown }]);
  });

  it('accepts the roles that decide about others from the caller', async () => {
    expect(namesOf((await reportOf({}, ['operator'])).ownersWithoutManager)).toEqual(['ada']);
    expect(namesOf((await reportOf({}, ['Analyst'])).ownersWithoutManager)).toEqual([]);
  });

  it.each<[string, SandboxOptions]>([
    ['shows no members', { quirks: ['members-never-shown'] }],
    ['has no groups', { groups: false }],
  ])('says that it does not know who is in no group if the provider %s', async (_, options) => {
    const sandbox = await startSandbox(options);
    onTestFinished(() => sandbox.close());
    await using connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
    await connector.actions.create_user({ userName: 'ada' });
    if (options.groups !== false) await connector.actions.create_group({ displayName: 'Engineering' });
    const report = await connector.reportRoles();
    expect({ inNoGroup: report.inNoGroup, groups: report.groups }).toEqual({ inNoGroup: null, groups: null });
    expect(report.notes[0]).toContain('Who is in no group is not known');
  });
});

describe('a report of groups that may be cut', () => {
  const crowd = (size: number): readonly string[] => Array.from({ length: size }, (_, at) => `m${at}`);
  const reportAt = async (size: number, isShownByUsers = false) => {
    const directory = await startDirectory();
    onTestFinished(() => directory.close());
    directory.setUser('ada');
    directory.setUser('bob', isShownByUsers ? { groups: [{ value: 'crowd', display: 'crowd' }] } : {});
    directory.setGroup('crowd', crowd(size));
    return await directory.connector.reportRoles();
  };

  it('does not name who is in no group if the largest group is as large as a limit can be', async () => {
    const { inNoGroup, notes } = await reportAt(100);
    expect(inNoGroup).toBeNull();
    expect(notes).toEqual([
      'Who is in no group is not known: The largest group, crowd, shows exactly 100 members. That can be a limit of the provider: groups may have members that are not shown.',
    ]);
  });

  it('names them if the groups are larger than a limit, or if users show their groups', async () => {
    expect(await reportAt(101)).toMatchObject({ inNoGroup: [{ id: 'ada' }, { id: 'bob' }], notes: [] });
    const { inNoGroup, notes } = await reportAt(100, true);
    expect(inNoGroup).toMatchObject([{ id: 'ada' }]);
    expect(notes).toEqual([expect.stringMatching(/^The largest group/)]);
  });
});

describe('rolecall report roles', () => {
  let sandbox: Sandbox;
  let folder: string;

  beforeAll(async () => {
    sandbox = await startSandbox();
    folder = mkdtempSync(join(tmpdir(), 'rolecall-report-'));
    await fill(sandbox);
  });

  afterAll(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true });
  });

  const run = (...args: readonly string[]): Promise<CliResult> =>
    runCli(['report', 'roles', ...args], {
      env: { SCIM_BASE_URL: sandbox.scimBaseUrl, SCIM_TOKEN: sandbox.token },
    });

  it('prints tables, the findings with their users, and the drift from a desired state', async () => {
    const sheet = join(folder, 'people.csv');
    writeFileSync(sheet, 'userName,title\nada,Boss\nzoe,New\n');
    const { code, out } = await run('--desired', sheet, '--never-touch', 'adding', '--owner-role', 'Adding');
    expect(code).toBe(0);
    expect(out).toMatch(/Workato role \(DEV\) +active +inactive\nAdmin +2 +0\n/);
    expect(out).toMatch(/Inactive users with roles: 1\n +bob +Workato role \(DEV\): Operator\n/);
    expect(out).toMatch(/Drift\n +people\.csv → .*: 1 to create, 1 to update/);
    expect(out).toContain('The never-touch pattern "adding" protects nobody: no user matches it.');
    expect(out).toContain('No user has the owner role "Adding". Check its spelling.');
  });

  it('writes a sheet that no spreadsheet computes', async () => {
    const { code, out } = await run('--csv');
    const [heads, ada, bob] = out.split('\r\n');
    expect(code).toBe(0);
    expect(heads).toMatch(/^id,userName,displayName,active,manager,groups,workato_role,.*,findings$/);
    expect(ada).toMatch(/,ada,'=Ada,true,,Engineering,Admin,,Operator,,owner_without_manager$/);
    expect(bob).toMatch(/,bob,,false,,,Operator,,,,inactive_with_roles$/);
  });

  it('prints JSON', async () => {
    const { code, out, err } = await run('--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      baseUrl: sandbox.scimBaseUrl,
      counts: { users: 5, active: 3, groups: 1 },
      findings: { inactive_with_roles: ['bob'], owner_without_manager: ['ada'], in_no_group: ['dan', 'eve'] },
    });
  });

  it('writes a page to a file', async () => {
    const file = join(folder, 'roles.html');
    const { code, err } = await run('--html', '--out', file);
    expect({ code, isThere: readFileSync(file, 'utf8').startsWith('<!doctype html>') }).toEqual({
      code: 0,
      isThere: true,
    });
    expect(err).toContain(`The report is in ${file}.`);
  });

  it('refuses two formats', async () => {
    const { code, err } = await run('--html', '--csv');
    expect(code).toBe(2);
    expect(err).toContain('Pass one of --csv, --json, and --html.');
  });
});
