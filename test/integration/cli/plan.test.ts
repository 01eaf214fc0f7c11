import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnector } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import type { Plan } from '../../../sync/plan.ts';
import { type CliResult, runCli } from '../../support/run-cli.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let sandbox: Sandbox;
const folder = temporaryFolder();
const sheet = folder.file('people.csv');
const planFile = folder.file('plan.json');

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(async () => {
  await sandbox.close();
  folder[Symbol.dispose]();
});

function run(...args: readonly string[]): Promise<CliResult> {
  const { scimBaseUrl, token } = sandbox;
  return runCli(args, { env: { SCIM_BASE_URL: scimBaseUrl, SCIM_TOKEN: token } });
}

const people = (...lines: readonly string[]): void =>
  writeFileSync(sheet, `Login;Person ID;Job;Teams\n${lines.join('\n')}\n`, 'utf8');
const planArgs = [
  'plan',
  '--desired',
  sheet,
  '--map',
  folder.file('columns.json'),
  '--owned-by',
  'externalId:hr-',
];

describe('rolecall plan, apply, and revert', () => {
  it('apply a sheet to the provider, hold a loss that is too large, and undo it', async () => {
    people('ada@example.com;hr-1;Analyst;', 'bob@example.com;hr-2;;', 'carl@example.com;hr-3;Boss;');
    const unmapped = await run('plan', '--desired', sheet);
    expect(unmapped.code).toBe(2);
    expect(unmapped.err).toContain('"Login": Users have no attribute "Login".');
    expect(unmapped.err).toContain('rolecall plan init');

    const map = folder.file('columns.json');
    expect((await run('plan', 'init', sheet, '--out', map)).code).toBe(0);
    const suggested = JSON.parse(readFileSync(map, 'utf8'));
    expect(suggested).toMatchObject({ Login: 'userName', 'Person ID': null, Teams: 'groups' });
    writeFileSync(map, JSON.stringify({ ...suggested, 'Person ID': 'externalId', Job: 'title' }));

    const planned = await run(...planArgs, '--out', planFile);
    expect(planned.code).toBe(9);
    expect(planned.out).toContain('+ create  row 2  ada@example.com');
    expect(planned.out).toContain('3 to create, 0 unchanged.');
    const applied = await run('apply', planFile);
    expect(applied).toMatchObject({ code: 0, out: '3 changed.\n' });
    const again = await run('apply', planFile);
    expect(again).toMatchObject({ code: 0, out: '3 done before.\n' });
    expect(await run(...planArgs)).toMatchObject({ code: 0 });

    people('ada@example.com;hr-1;Director;');
    const held = await run(...planArgs, '--json', '--out', planFile);
    expect(held.code).toBe(7);
    const plan = JSON.parse(held.out) as Plan;
    expect(plan.counts).toMatchObject({ update: 1, deactivate: 2 });
    const journal = folder.file(`${plan.id}.journal`);
    const wrong = await run('apply', planFile, '--approve', 'hold-0');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('--approve has hold-0');
    expect(existsSync(journal)).toBe(false);
    const partly = await run('apply', planFile);
    expect(partly.code).toBe(7);
    const approved = await run('apply', planFile, '--approve', plan.holds[0]?.id ?? '');
    expect(approved.code).toBe(0);

    const shown = await run('revert', journal, '--dry-run', '--only', 'ada@example.com');
    expect(shown).toMatchObject({ code: 0 });
    expect(shown.out).toContain('title: "Director" → "Analyst"');
    expect((await run('revert', journal)).code).toBe(0);
    await using connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
    const { resources } = await connector.actions.search_users({});
    expect(resources.map(({ userName, active, title }) => [userName, active, title]).toSorted()).toEqual([
      ['ada@example.com', true, 'Analyst'],
      ['bob@example.com', true, undefined],
      ['carl@example.com', true, 'Boss'],
    ]);
  });

  it('plan and apply at once, with a journal for each plan, and read another provider', async () => {
    await using other = await startSandbox();
    await using source = createConnector({ baseUrl: other.scimBaseUrl, token: other.token });
    await source.actions.create_user({ userName: 'dora@example.com', title: 'Pilot' });
    const env = { SCIM_BASE_URL: sandbox.scimBaseUrl, SCIM_TOKEN: sandbox.token, OTHER: other.token };
    const from = ['--desired-base-url', other.scimBaseUrl, '--desired-token-env', 'OTHER'];
    const journals = folder.file('journals');
    const { code, out } = await runCli(['apply', ...from, '--journal-dir', journals], { env });
    expect({ code, out }).toEqual({ code: 0, out: '1 changed.\n' });
    expect(existsSync(journals)).toBe(true);
    expect((await runCli(['plan', ...from], { env })).code).toBe(0);
  });

  it('leave no folder of journals if everything is held', async () => {
    const held = ['--owned-by', 'filter:userName pr', '--mass-change-limit', '0', '--json'];
    writeFileSync(sheet, 'userName\nada@example.com\n');
    const journals = folder.file('held-journals');
    expect((await run('apply', '--desired', sheet, ...held, '--journal-dir', journals)).code).toBe(7);
    expect(existsSync(journals)).toBe(false);
  });

  it.each([
    [['plan', '--desired', sheet, '--map', 'oktta'], 'There is no map "oktta" (did you mean "okta"?).'],
    [['apply'], 'Pass the file of a plan, or a desired state with --desired.'],
    [
      ['apply', sheet],
      `is not a plan. Pass the file that "rolecall plan --out" wrote, or a desired state with`,
    ],
    [
      ['plan', 'init', sheet, '--out', `${sheet}/nowhere`],
      'cannot be written: a part of its path is not a folder',
    ],
    [['revert', sheet], 'is not a journal'],
    [['revert', `${sheet}.journal`], 'cannot be read: there is no such file'],
  ])('refuse %j', async (args, message) => {
    people('ada@example.com;hr-1;Analyst;');
    const { code, err } = await run(...args);
    expect(err).toContain(message);
    expect(code).toBe(2);
  });
});
