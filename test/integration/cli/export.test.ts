import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createConnector } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { listen } from '../../support/listen.ts';
import { type CliResult, runCli, startCli } from '../../support/run-cli.ts';

let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  folder = mkdtempSync(join(tmpdir(), 'rolecall-export-'));
  await using connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  const { results } = await connector.actions.bulk_users({
    rows: [
      {
        userName: '=cmd|calc',
        externalId: '+49',
        displayName: "'=x",
        title: '@x',
        name: { givenName: 'Zoë "Q"', familyName: 'a;b,c\nd' },
        emails: [{ value: 'home@example.com', type: 'home' }],
        active: false,
      },
      { userName: 'bob@example.com', department: 'Sales', workato_role: 'Operator' },
      { userName: 'eve@example.com', emails: [{ value: 'eve@example.com', type: 'work', primary: true }] },
    ],
  });
  const members = results.slice(0, 2).map(({ id = '' }) => ({ value: id }));
  await connector.actions.create_group({ displayName: '=Group', members });
});

afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

const env = (baseUrl = sandbox.scimBaseUrl) => ({ SCIM_BASE_URL: baseUrl, SCIM_TOKEN: sandbox.token });
const run = (...args: readonly string[]): Promise<CliResult> => runCli(args, { env: env() });

describe('rolecall export', () => {
  it('writes users as CSV that no spreadsheet computes, and that a plan reads back without a change', async () => {
    const file = join(folder, 'users.csv');
    const { code, out, err } = await run('export', 'users', '--out', file);
    expect({ code, out }).toEqual({ code: 0, out: '' });
    expect(err).toContain(`The export is in ${file}.`);
    const sheet = readFileSync(file, 'utf8');
    expect(sheet.match(/(^|,)"?[=+\-@]/m)).toBeNull();
    expect(sheet).toContain(",'=cmd|calc,");
    expect(sheet).toContain('"Zoë ""Q"""');
    const plan = await run('plan', '--desired', file, '--groups', 'all', '--json');
    expect({ code: plan.code, plan: JSON.parse(plan.out) }).toMatchObject({
      code: 0,
      plan: { changes: [], problems: [], unchanged: 3 },
    });
  });

  it('writes the chosen columns of those that match', async () => {
    const args = ['--columns', 'userName, active,department', '--filter', 'department eq "Sales"'];
    const file = join(folder, 'sales.csv');
    await run('export', 'users', ...args, '--separator', 'semicolon', '--bom', '--out', file);
    expect(readFileSync(file, 'utf8')).toBe(
      '\uFEFFuserName;active;department\r\nbob@example.com;true;Sales\r\n',
    );
  });

  it('writes JSON and JSON lines, whole or with the chosen columns', async () => {
    const whole = await run('export', 'users', '--json');
    expect({ code: whole.code, err: whole.err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(whole.out).map(({ userName }: { userName: string }) => userName)).toEqual([
      '=cmd|calc',
      'bob@example.com',
      'eve@example.com',
    ]);
    const lines = await run('export', 'users', '--ndjson', '--columns', 'userName,emails,workato_role');
    expect(
      lines.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { userName: '=cmd|calc', emails: ['home@example.com'] },
      { userName: 'bob@example.com', workato_role: 'Operator' },
      { userName: 'eve@example.com', emails: ['eve@example.com'] },
    ]);
    const none = await run('export', 'users', '--json', '--filter', 'userName eq "nobody"');
    expect(none.out).toBe('[]\n');
  });

  it('writes groups with their members', async () => {
    const { code, out } = await run('export', 'groups', '--columns', 'displayName,members');
    const [heads, row = ''] = out.split('\r\n');
    expect({ code, heads }).toEqual({ code: 0, heads: 'displayName,members' });
    expect(row).toMatch(/^'=Group,[\w-]{36};[\w-]{36}$/);
  });

  it.each([
    [['people'], '"people" cannot be exported. Pass users or groups.'],
    [['users', '--json', '--csv'], 'Pass one of --csv, --json, and --ndjson.'],
    [['users', '--ndjson', '--bom'], '--separator and --bom are for CSV'],
    [['users', '--columns', 'usrName'], 'did you mean "userName"'],
    [['users', '--filter', 'usrName eq "x"'], 'Invalid input: --filter names'],
  ])('refuses %j', async (args, words) => {
    const { code, out, err } = await run('export', ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(words);
  });
});

describe('rolecall export from a list that ends early', () => {
  const user = (id: number) => ({ id: `${id}`, userName: `user-${id}@example.com` });

  /** A provider that says it has more users than it lists. */
  async function startShortList() {
    const { origin, close } = await listen((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      const isFirst = Number(searchParams.get('startIndex') ?? 1) === 1;
      const Resources = pathname.endsWith('/Users') && isFirst ? [user(1), user(2)] : [];
      response.writeHead(200, { 'content-type': 'application/scim+json' });
      return response.end(JSON.stringify({ totalResults: 5, Resources }));
    });
    onTestFinished(close);
    return origin;
  }

  it('fails, and leaves no file', async () => {
    const file = join(folder, 'short.csv');
    const { code, err } = await runCli(['export', 'users', '--out', file], {
      env: env(await startShortList()),
    });
    expect(code).toBe(1);
    expect(err).toContain('provider_fault');
    expect(readdirSync(folder).filter((name) => name.startsWith('short'))).toEqual([]);
  });

  it('fails on standard output, where JSON has no end', async () => {
    const { code, out } = await runCli(['export', 'users', '--json'], { env: env(await startShortList()) });
    expect(code).toBe(1);
    expect(() => JSON.parse(out)).toThrow();
  });

  it('fails if an entry cannot be read', async () => {
    const { origin, close } = await listen((_, response) =>
      response
        .writeHead(200, { 'content-type': 'application/scim+json' })
        .end(JSON.stringify({ totalResults: 2, Resources: [user(1), { userName: 'no ID' }] })),
    );
    onTestFinished(close);
    const { code, err } = await runCli(['export', 'users'], { env: env(origin) });
    expect(code).toBe(1);
    expect(err).toContain('results are missing: the provider listed them in a form that cannot be read');
  });

  it('leaves no file if it is stopped', async () => {
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    const { origin, close } = await listen((request, response) => {
      if (!request.url?.includes('startIndex=')) {
        response.writeHead(200, { 'content-type': 'application/scim+json' });
        return response.end(JSON.stringify({ totalResults: 5, Resources: [user(1), user(2)] }));
      }
      resolve();
      return response;
    });
    onTestFinished(close);
    const child = startCli(['export', 'users', '--out', join(folder, 'stopped.csv')], env(origin));
    const ended = Promise.all([text(child.stderr), once(child, 'close')]);
    await arrived;
    child.kill('SIGINT');
    const [, [code]] = await ended;
    expect(code).not.toBe(0);
    expect(readdirSync(folder).filter((name) => name.startsWith('stopped'))).toEqual([]);
  });
});

it('rolecall export groups fails where the provider shows no members, and works without the column', async () => {
  const plain = await startSandbox({ quirks: ['members-never-shown'] });
  onTestFinished(() => plain.close());
  await using connector = createConnector({ baseUrl: plain.scimBaseUrl, token: plain.token });
  await connector.actions.create_group({ displayName: 'Engineering' });
  const settings = { env: { SCIM_BASE_URL: plain.scimBaseUrl, SCIM_TOKEN: plain.token } };
  const whole = await runCli(['export', 'groups'], settings);
  expect(whole.code).toBe(1);
  expect(whole.err).toContain('The provider shows the members of no group');
  const names = await runCli(['export', 'groups', '--columns', 'displayName'], settings);
  expect({ code: names.code, out: names.out }).toEqual({ code: 0, out: 'displayName\r\nEngineering\r\n' });
});
