import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { listen } from '../../support/listen.ts';
import { type CliResult, runCli, startCli } from '../../support/run-cli.ts';

let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  folder = mkdtempSync(join(tmpdir(), 'rolecall-bulk-'));
});

afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

const connection = (baseUrl: string): Record<string, string> => ({
  SCIM_BASE_URL: baseUrl,
  SCIM_TOKEN: sandbox.token,
});

function run(input: string, more: readonly string[] = [], stdin?: string): Promise<CliResult> {
  const env = connection(sandbox.scimBaseUrl);
  return runCli(['run', 'bulk_users', '--input', input, ...more], {
    env,
    ...(stdin !== undefined && { stdin }),
  });
}

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return `@${join(folder, name)}`;
}

const resultsOf = ({ out }: CliResult): readonly unknown[][] =>
  JSON.parse(out).results.map(
    ({ row, user, ok, error }: { row: number; user?: string; ok: boolean; error?: { code: string } }) => [
      row,
      user,
      ok,
      error?.code,
    ],
  );

describe('rolecall run bulk_users', () => {
  it('accepts a sheet, and reports each row with its number in the sheet, its user, and the reason', async () => {
    const sheet = write(
      'people.csv',
      'userName;givenName;active\r\nada@example.com;Ada;yes\r\nbob@example.com;Bob;perhaps\r\n;;\r\neve@example.com;Eve;no;surplus\r\nzoe@example.com;Zoë;1\r\n',
    );
    const result = await run(sheet);
    expect(resultsOf(result)).toEqual([
      [2, 'ada@example.com', true, undefined],
      [3, 'bob@example.com', false, 'invalid_input'],
      [5, undefined, false, 'invalid_input'],
      [6, 'zoe@example.com', true, undefined],
    ]);
    expect(JSON.parse(result.out)).toMatchObject({ succeeded: 2, failed: 2 });
    expect(result.code).toBe(8);
    expect(result.err).toContain('2 of 4 rows failed.');
    expect(result.err).toContain(
      '  invalid_input: 2 rows\n    row 3 (bob@example.com): active: "perhaps" is not',
    );
    expect(result.err).toContain('    row 5: It has 4 cells, and the header has 3.');
  });

  it('identifies the users of a sheet by the key of --match-by', async () => {
    const list = '[{"userName":"mia@example.com","externalId":"hr-mia"}]';
    expect((await run(list)).code).toBe(0);
    const sheet = write('renamed.csv', 'userName,externalId,title\nmia.king@example.com,hr-mia,Boss\n');
    const result = await run(sheet, ['--match-by', 'externalId']);
    expect(JSON.parse(result.out)).toMatchObject({
      succeeded: 1,
      results: [
        { row: 2, output: { userName: 'mia.king@example.com', externalId: 'hr-mia', title: 'Boss' } },
      ],
    });
    const wrong = await run(list, ['--match-by', 'title']);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('must be one of "externalId", "userName"');
  });

  it('accepts a bare list and JSON lines, and runs the action of --action for each row', async () => {
    const list =
      '[{"userName":"ada@example.com"},{"user":{"userName":"zoe@example.com"}},{"email":"nobody@example.com"}]';
    const result = await run(list, ['--action', 'deactivate_user']);
    expect(resultsOf(result)).toEqual([
      [1, 'ada@example.com', true, undefined],
      [2, 'zoe@example.com', true, undefined],
      [3, 'nobody@example.com', false, 'not_found'],
    ]);
    const lines =
      '{"userName":"ada@example.com","role":"Admin"}\n{"userName":"zoe@example.com","role":"Admin"}\n';
    const { code, out } = await run('-', ['--action', 'set_workato_role'], lines);
    expect({ code, out: JSON.parse(out) }).toMatchObject({ code: 0, out: { succeeded: 2, failed: 0 } });
  });

  it('reads a sheet from standard input, with a map', async () => {
    const map = write('map.json', '{"Login":"userName","Notes":null}').slice(1);
    const { code, out } = await run('-', ['--map', map], 'Login,Notes\nkim@example.com,likes tea\n');
    expect({ code, out: JSON.parse(out) }).toMatchObject({ code: 0, out: { succeeded: 1 } });
  });

  it.each([
    ['a column that means nothing', ['--input', '@SHEET'], '"likes": Users have no attribute "likes"'],
    ['a file that is not there', ['--input', '@none.csv'], 'Cannot read none.csv: there is no such file.'],
    [
      'two actions',
      ['--input', '{"action":"create_user","rows":[]}', '--action', 'delete_user'],
      'Omit one of them',
    ],
    [
      'an action that rows cannot run',
      ['--input', '@SHEET', '--action', 'deactivate_usr'],
      'did you mean "deactivate_user"',
    ],
    ['a map for JSON', ['--input', '[]', '--map', 'okta'], '--map is for the columns of a sheet'],
  ])('refuses %s, and changes nothing', async (_, args, words) => {
    const sheet = write('odd.csv', 'userName,likes\nodd@example.com,tea\n');
    const { code, out, err } = await runCli(
      ['run', 'bulk_users', ...args.map((arg) => arg.replace('@SHEET', sheet))],
      { env: connection(sandbox.scimBaseUrl) },
    );
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(words);
  });

  it('refuses --action for an action without rows', async () => {
    const env = connection(sandbox.scimBaseUrl);
    const { code, err } = await runCli(['run', 'find_user', '--action', 'delete_user'], { env });
    expect(code).toBe(2);
    expect(err).toContain('--action is for the rows of bulk actions');
  });

  it('prints on Ctrl+C which rows are done, which may be, and which were not begun', async () => {
    let created = 0;
    const { promise: thirdArrived, resolve } = Promise.withResolvers<void>();
    const { origin, close } = await listen((request, response) => {
      request.resume();
      if (request.method !== 'POST') return response.writeHead(404).end('{}');
      created += 1;
      if (created === 3) resolve();
      if (created > 2) return response;
      const body = JSON.stringify({ id: String(created) });
      return response.writeHead(201, { 'content-type': 'application/scim+json' }).end(body);
    });
    onTestFinished(close);
    const rows = JSON.stringify(Array.from({ length: 6 }, (_, at) => ({ userName: `u${at}@example.com` })));
    const args = ['run', 'bulk_users', '--input', rows, '--action', 'create_user', '--set', 'concurrency=1'];
    const child = startCli(args, connection(origin));
    const output = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    await thirdArrived;
    child.kill('SIGINT');
    const [out, err, [code]] = await output;
    expect({ code, oks: JSON.parse(out).results.map(({ ok }: { ok: boolean }) => ok) }).toEqual({
      code: 1,
      oks: [true, true, false, false, false, false],
    });
    expect(err).toContain('4 of 6 rows failed.');
    expect(err).toMatch(/row 3 \(u2@example\.com\): .*may have succeeded/);
    expect(err).toMatch(/row 4 \(u3@example\.com\): .*stopped before this row/);
  });
});
