import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { listen } from '../../support/listen.ts';
import { type CliResult, runCli } from '../../support/run-cli.ts';

let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  folder = mkdtempSync(join(tmpdir(), 'rolecall-cli-'));
});

afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true });
});

function run(action: string, input: unknown, ...more: readonly string[]): Promise<CliResult> {
  const args = [
    'run',
    action,
    '--base-url',
    sandbox.scimBaseUrl,
    '--token-env',
    'SCIM_TOKEN',
    '--input',
    JSON.stringify(input),
    ...more,
  ];
  return runCli(args, { env: { SCIM_TOKEN: sandbox.token } });
}

/** The line that says which account a command uses. */
const account = (): string => `Connecting to ${sandbox.scimBaseUrl} (Bearer token).\n`;

describe('rolecall run', () => {
  it('prints the output as one line of JSON when it is piped, and nothing else', async () => {
    const { code, out, err } = await run('create_user', { userName: 'piped@example.com' });
    expect({ code, err, lines: out.split('\n').length }).toEqual({ code: 0, err: account(), lines: 2 });
    expect(JSON.parse(out)).toMatchObject({ userName: 'piped@example.com' });
  });

  it.each([
    [['run', 'deactivate_usr'], 'unknown action "deactivate_usr" (did you mean "deactivate_user"?)'],
    [
      ['watch', 'user_deprovisoned', '--state', 'never-created.state', '--log-format', 'text'],
      'unknown trigger "user_deprovisoned" (did you mean "user_deprovisioned"?)',
    ],
    [['plan'], 'Pass one desired state'],
  ])('names what is misspelled or missing in %j before the missing connection', async (args, message) => {
    const { code, err } = await runCli(args, {});
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) });
  });

  it('reads the input from a file and from standard input', async () => {
    const file = join(folder, 'input.json');
    writeFileSync(file, `\uFEFF${JSON.stringify({ userName: 'file@example.com' })}`);
    const connection = ['--base-url', sandbox.scimBaseUrl, '--token-env', 'SCIM_TOKEN'];
    const env = { SCIM_TOKEN: sandbox.token };
    const fromFile = await runCli(['run', 'create_user', '--input', `@${file}`, ...connection], { env });
    const stdin = JSON.stringify({ userName: 'stdin@example.com' });
    const fromStdin = await runCli(['run', 'create_user', '--input', '-', ...connection], { env, stdin });
    expect([fromFile.code, fromStdin.code]).toEqual([0, 0]);
    expect(JSON.parse(fromStdin.out)).toMatchObject({ userName: 'stdin@example.com' });
  });

  it('prints nothing on standard error with --json', async () => {
    expect((await run('find_user', { user: { userName: 'nobody' } }, '--json')).err).toBe('');
  });

  it('prints null and exits with 0 if find_user finds no user', async () => {
    expect(await run('find_user', { user: { userName: 'nobody' } })).toEqual({
      code: 0,
      out: 'null\n',
      err: account(),
    });
  });

  it('counts the rows of a long run, with their rate, on standard error', async () => {
    const rows = Array.from({ length: 30 }, (_, index) => ({ userName: `row${index}@example.com` }));
    const { code, out, err } = await run('bulk_users', { rows });
    expect({ code, succeeded: JSON.parse(out).succeeded }).toEqual({ code: 0, succeeded: 30 });
    expect(err.replace(account(), '')).toMatch(/^30 of 30 in \d+\.\d s, \d+ a second\n$/);
  });

  it('applies an overlay', async () => {
    const overlay = new URL('../../../examples/overlays/acme.json', import.meta.url).pathname;
    const { code, err } = await run(
      'set_acme_role',
      { user: { userName: 'nobody' }, role: 'king' },
      '--overlay',
      overlay,
    );
    expect(code).toBe(2);
    expect(err).toContain('`role` must be one of "requester", "approver", "auditor"');
  });
});

describe('exit codes', () => {
  const cases = [
    ['2 for an input that does not fit', 'create_user', { username: 'x' }, 2, 'did you mean "userName"?'],
    ['2 for an action that is not there', 'crate_user', {}, 2, 'unknown action "crate_user"'],
    ['4 for a user that is not there', 'get_user', { user: { id: 'nobody' } }, 4, 'not_found'],
    ['5 for a user name that is taken', 'create_user', { userName: 'TAKEN@example.com' }, 5, 'conflict'],
    [
      '5 for a version that is stale',
      'update_user',
      { user: { userName: 'taken@example.com' }, title: 'x', ifVersion: 'W/"0"' },
      5,
      'precondition_failed',
    ],
    ['1 for what the provider cannot do', 'custom_request', { path: '/Me' }, 1, 'unsupported'],
  ] as const;

  beforeAll(async () => {
    await run('create_user', { userName: 'taken@example.com' });
  });

  it.each(cases)('%s', async (_, action, input, code, words) => {
    const result = await run(action, input);
    expect({ code: result.code, out: result.out }).toEqual({ code, out: '' });
    expect(result.err).toContain(words);
  });

  it('8 for rows that failed, after the output, which has the error of each', async () => {
    const rows = ['new@example.com', 'taken@example.com'].map((userName) => ({ userName }));
    const { code, out, err } = await run('bulk_users', { action: 'create_user', rows });
    expect({ code, out: JSON.parse(out) }).toMatchObject({
      code: 8,
      out: { succeeded: 1, failed: 1, results: [{ ok: true }, { ok: false, error: { code: 'conflict' } }] },
    });
    expect(err).toContain('1 of 2 rows failed. The output has the error of each');
    const asJson = await run('bulk_users', { action: 'create_user', rows }, '--json');
    expect({ code: asJson.code, failed: JSON.parse(asJson.out).failed }).toEqual({ code: 8, failed: 2 });
    expect(asJson.err).toBe('');
  });

  it('3 for a wrong token, and the error is JSON with --json and does not show it', async () => {
    const args = [
      'run',
      'get_user',
      '--input',
      '{"user":{"id":"x"}}',
      '--base-url',
      sandbox.scimBaseUrl,
      '--token-env',
      'SCIM_TOKEN',
      '--json',
    ];
    const { code, err } = await runCli(args, { env: { SCIM_TOKEN: 'a-wrong-token' } });
    expect(code).toBe(3);
    expect(JSON.parse(err).error).toMatchObject({ code: 'auth', status: 401, attempts: 1 });
    expect(err).not.toContain('a-wrong-token');
  });

  it('6 after retries that did not help', async () => {
    let requests = 0;
    // The second wait is longer than the deadline, however busy the machine is.
    const server = await listen((_, response) => {
      requests += 1;
      response.writeHead(503, { 'retry-after': requests === 1 ? '1' : '3600' }).end();
    });
    const args = [
      'run',
      'get_user',
      '--input',
      '{"user":{"id":"x"}}',
      '--base-url',
      server.origin,
      '--token-env',
      'SCIM_TOKEN',
    ];
    const { code, err } = await runCli(args, { env: { SCIM_TOKEN: 'token' } });
    await server.close();
    expect({ code, err, requests }).toEqual({
      code: 6,
      err: expect.stringContaining('The provider failed with status 503'),
      requests: 2,
    });
  });

  it('6 when nothing listens there', async () => {
    const args = [
      'run',
      'get_user',
      '--input',
      '{"user":{"id":"x"}}',
      '--base-url',
      'http://127.0.0.1:1',
      '--token-env',
      'SCIM_TOKEN',
    ];
    const { code, err } = await runCli(args, { env: { SCIM_TOKEN: 'token' } });
    expect({ code, err }).toEqual({ code: 6, err: expect.stringContaining('nothing is listening there') });
  });

  const usage: readonly (readonly [string, readonly string[], string])[] = [
    ['no base URL', ['run', 'get_user'], '--base-url is missing'],
    ['no token', ['run', 'get_user', '--base-url', 'https://example.com'], '--token-env is missing'],
    [
      'an empty variable',
      ['run', 'get_user', '--base-url', 'https://example.com', '--token-env', 'ROLECALL_EMPTY'],
      'ROLECALL_EMPTY that --token-env names is not set',
    ],
    [
      'a base URL without encryption',
      [
        'run',
        'get_user',
        '--input',
        '{}',
        '--base-url',
        'http://example.com',
        '--token-env',
        'PATH',
        '--set',
        'concurrency=1',
      ],
      '--base-url must start with "https://"',
    ],
    [
      'an input that is no JSON',
      ['run', 'get_user', '--input', '{user}', '--base-url', 'https://example.com', '--token-env', 'PATH'],
      '--input is not JSON',
    ],
    [
      'a file that is not there',
      [
        'run',
        'get_user',
        '--input',
        '@/nowhere.json',
        '--base-url',
        'https://example.com',
        '--token-env',
        'PATH',
      ],
      'Cannot read /nowhere.json',
    ],
    [
      'a field of the connection that is not there',
      ['run', 'get_user', '--base-url', 'https://example.com', '--token-env', 'PATH', '--set', 'timeout=1'],
      '--set timeout is not known',
    ],
    [
      'a field of the connection without a value',
      [
        'run',
        'get_user',
        '--base-url',
        'https://example.com',
        '--token-env',
        'PATH',
        '--set',
        'allowPlainHttp',
      ],
      '--set allowPlainHttp has no value. Pass one, such as allowPlainHttp=true.',
    ],
    [
      'an empty input',
      ['run', 'get_user', '--base-url', 'https://example.com', '--token-env', 'PATH', '--input', ''],
      '--input is empty. Pass JSON, such as {}.',
    ],
    ['a missing argument', ['describe'], 'Add --help to see the arguments and options.'],
    ['a misspelled key', ['describe', 'crate_user'], 'source "crate_user" (did you mean "create_user"?).'],
    [
      'the token as an argument',
      ['run', 'get_user', '--base-url', 'https://example.com', '--token', 'x'],
      "unknown option '--token'",
    ],
    ['a command that is not there', ['provision'], "unknown command 'provision'"],
    ['an invalid port', ['sandbox', '--port', '70000'], 'A port is a whole number'],
  ];

  it.each(usage)('2 for %s', async (_, args, words) => {
    const { code, out, err } = await runCli(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(words);
  });
});
