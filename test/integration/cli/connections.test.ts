import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../../cli/connections/lock-file.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { acmeOverlay } from '../../support/acme-overlay.ts';
import { runCli, startCli } from '../../support/run-cli.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let sandbox: Sandbox;
let folder: ReturnType<typeof temporaryFolder>;
let file: string;

beforeAll(async () => {
  sandbox = await startSandbox();
});

afterAll(() => sandbox.close());

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, 'config', 'connections.json');
});

afterEach(() => folder[Symbol.dispose]());

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCli(args, { env: { ROLECALL_CONFIG: file, ACME_TOKEN: sandbox.token, ...env } });

const connect = (...more: readonly string[]) =>
  run(['connect', 'acme', '--base-url', sandbox.scimBaseUrl, '--token-env', 'ACME_TOKEN', ...more]);

describe('rolecall connect', () => {
  it('tests the connection, and stores the name of the variable for the owner only', async () => {
    const { code, err } = await connect('--set', 'deadlineInMs=30000');
    expect(code).toBe(0);
    expect(err).toContain('The connection works: the provider lists 0 users.');
    expect(err).toContain(`Stored as "acme" in ${file}.`);
    expect(err).toContain('The token is not stored: keep it in the variable ACME_TOKEN.');
    const content = readFileSync(file, 'utf8');
    expect(content).not.toContain(sandbox.token);
    expect(JSON.parse(content).connections.acme).toEqual({
      baseUrl: sandbox.scimBaseUrl,
      auth: { type: 'bearer', token: { variable: 'ACME_TOKEN' } },
      settings: { deadlineInMs: 30_000 },
    });
    expect([statSync(file).mode & 0o777, statSync(join(folder.path, 'config')).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
  });

  it('stores the profile, which commands with --connection then use', async () => {
    expect((await connect('--profile', 'slack')).code).toBe(0);
    const content = readFileSync(file, 'utf8');
    // The limits of the profile are not stored: they are those of the release that uses it.
    expect(JSON.parse(content).connections.acme).toMatchObject({ profile: 'slack', settings: {} });
    expect(JSON.parse((await run(['connections', '--json'])).out)).toMatchObject([{ profile: 'slack' }]);
    expect((await run(['run', 'search_users', '--connection', 'acme'])).code).toBe(0);
    writeFileSync(file, content.replace('"slack"', '"slak"'));
    const { code, err } = await run(['run', 'search_users', '--connection', 'acme']);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('did you mean "slack"?') });
  });

  it('stores the absolute path of a profile in a file', async () => {
    const profile = join(folder.path, 'profile.json');
    writeFileSync(profile, JSON.stringify(acmeOverlay));
    expect((await connect('--profile', relative(process.cwd(), profile))).code).toBe(0);
    expect(JSON.parse(readFileSync(file, 'utf8')).connections.acme.profile).toBe(profile);
    expect((await run(['run', 'search_users', '--connection', 'acme'])).code).toBe(0);
    rmSync(profile);
    const { code, err } = await run(['run', 'search_users', '--connection', 'acme']);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(`Cannot read ${profile}`) });
  });

  it('loses no connection that other processes store at the same time', async () => {
    const names = ['one', 'two', 'three'];
    mkdirSync(join(folder.path, 'config'));
    const ends: Promise<{ readonly code: number; readonly isStored: boolean }>[] = [];
    await withLock(`${file}.lock`, async () => {
      const start = async (name: string): Promise<void> => {
        const args = ['connect', name, '--base-url', sandbox.scimBaseUrl, '--token-env', 'ACME_TOKEN'];
        const child = startCli(args, { ROLECALL_CONFIG: file, ACME_TOKEN: sandbox.token });
        let err = '';
        child.stderr.setEncoding('utf8').on('data', (part) => {
          err += part;
        });
        ends.push(once(child, 'close').then(([code]) => ({ code, isStored: err.includes('Stored as') })));
        while (!err.includes('The connection works')) await once(child.stderr, 'data');
      };
      await Promise.all(names.map(start));
      // Each process has tested its connection, and waits.
      await sleep(100);
      expect(existsSync(file)).toBe(false);
    });
    expect(await Promise.all(ends)).toEqual(names.map(() => ({ code: 0, isStored: true })));
    const { connections } = JSON.parse(readFileSync(file, 'utf8'));
    expect(Object.keys(connections).sort()).toEqual([...names].sort());
  });

  it('stores nothing if the provider rejects the credentials', async () => {
    const { code, err } = await run(
      ['connect', 'acme', '--base-url', sandbox.scimBaseUrl, '--token-env', 'ACME_TOKEN'],
      { ACME_TOKEN: 'wrong' },
    );
    expect(code).toBe(3);
    expect(err).toContain('auth: ');
    expect(existsSync(file)).toBe(false);
  });

  it('stores the secret in plain text only with --store-secret-in-file', async () => {
    expect((await connect('--store-secret-in-file')).err).toContain(
      'The token is in the file, in plain text.',
    );
    expect(readFileSync(file, 'utf8')).toContain(sandbox.token);
    const { code } = await run(['run', 'search_users', '--connection', 'acme'], { ACME_TOKEN: '' });
    expect(code).toBe(0);
  });

  it('says what to do on a machine without a keyring, and stores nothing', async () => {
    const { code, err } = await run(
      [
        'connect',
        'acme',
        '--base-url',
        sandbox.scimBaseUrl,
        '--token-env',
        'ACME_TOKEN',
        '--store-secret-in-keyring',
      ],
      { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' },
    );
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringMatching(/The keyring .* or keep the secret in an environment variable\.\n$/),
    });
    expect(existsSync(file)).toBe(false);
  });

  it('replaces a connection only with --replace, and keeps the others', async () => {
    await connect();
    await run(['connect', 'other', '--base-url', sandbox.scimBaseUrl, '--token-env', 'ACME_TOKEN']);
    const refused = await connect('--store-secret-in-file');
    expect({ code: refused.code, err: refused.err }).toEqual({
      code: 2,
      err: 'The connection "acme" exists. To replace it, add --replace.\n',
    });
    expect((await connect('--replace', '--set', 'concurrency=2')).code).toBe(0);
    const { connections } = JSON.parse(readFileSync(file, 'utf8'));
    expect(Object.keys(connections)).toEqual(['acme', 'other']);
    expect(connections.acme.settings).toEqual({ concurrency: 2 });
  });

  it('writes through a link', async () => {
    const target = join(folder.path, 'dotfiles.json');
    mkdirSync(join(folder.path, 'config'));
    writeFileSync(target, '{"connectionsVersion":1,"connections":{}}', { mode: 0o600 });
    symlinkSync(target, file);
    expect((await connect()).code).toBe(0);
    expect(readFileSync(target, 'utf8')).toContain('acme');
  });

  it.each(['-x', 'a b', '../a', ''])('rejects the name %j', async (name) => {
    const { code } = await run(['connect', '--base-url', sandbox.scimBaseUrl, '--', name]);
    expect(code).toBe(2);
    expect(existsSync(file)).toBe(false);
  });
});

describe('--connection', () => {
  beforeEach(() => connect());

  it('replaces the options of a connection, and names the account', async () => {
    const { code, out, err } = await run(['run', 'search_users', '--connection', 'acme']);
    expect({ code, out: JSON.parse(out).resources }).toEqual({ code: 0, out: [] });
    expect(err).toBe(`Connecting to acme at ${sandbox.scimBaseUrl} (Bearer token).\n`);
  });

  it('is what watch and describe connect with, too', async () => {
    const state = join(folder.path, 'state');
    const watched = await run([
      'watch',
      'user_provisioned',
      '--once',
      '--state',
      state,
      '--connection',
      'acme',
    ]);
    expect({ code: watched.code, err: watched.err }).toEqual({
      code: 0,
      err: expect.stringContaining(`at ${sandbox.scimBaseUrl} once`),
    });
    const described = await run(['describe', 'get_user', '--discover', '--connection', 'acme']);
    expect(described.code).toBe(0);
  });

  it('is not mixed with the variables of another connection', async () => {
    const { code } = await run(['run', 'search_users', '--connection', 'acme'], {
      SCIM_BASE_URL: 'https://other.example/scim',
      SCIM_TOKEN: 'of-another-provider',
      SCIM_CLIENT_SECRET: 'of-a-third-one',
    });
    expect(code).toBe(0);
  });

  it('accepts --set for one run', async () => {
    const { code, err } = await run([
      'run',
      'search_users',
      '--connection',
      'acme',
      '--set',
      'deadlineInMs=0',
    ]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('--set deadlineInMs') });
  });

  it.each([
    ['a similar name', ['--connection', 'acne'], 'There is no connection "acne" (did you mean "acme"?).'],
    [
      'an option that it excludes',
      ['--connection', 'acme', '--base-url', 'https://x.example'],
      '--base-url cannot be combined with --connection acme, which has its own.',
    ],
    [
      'several of them',
      ['--connection', 'acme', '--client-id', 'x', '--token-env', 'Y'],
      '--token-env and --client-id cannot be combined with --connection acme',
    ],
  ])('rejects %s', async (_, args, words) => {
    const { code, err } = await run(['run', 'search_users', ...args]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(words) });
  });

  it('names the variable that is not set', async () => {
    const { code, err } = await run(['run', 'search_users', '--connection', 'acme'], { ACME_TOKEN: '' });
    expect({ code, err }).toEqual({
      code: 2,
      err: 'The environment variable ACME_TOKEN, which has the token of the connection "acme", is not set.\n',
    });
  });

  it.skipIf(process.platform === 'win32')('is refused from a file that others can read', async () => {
    chmodSync(file, 0o644);
    const { code, err } = await run(['run', 'search_users', '--connection', 'acme']);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(`Run: chmod 600 ${file}`) });
  });

  it.each([
    '{',
    '{"connectionsVersion":2,"connections":{}}',
    '{"connectionsVersion":1,"connections":{"a":1}}',
  ])('is refused from the file %j, which is not shown', async (content) => {
    writeFileSync(file, content);
    const { code, err } = await run(['connections']);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining(`${file} is not a file of connections`),
    });
    expect(err).not.toContain(content);
  });
});

describe('rolecall connections', () => {
  it('lists names, accounts, and where the secrets are, but no secret', async () => {
    await connect('--store-secret-in-file');
    const { out } = await run(['connections', '--json']);
    expect(JSON.parse(out)).toEqual([
      { name: 'acme', baseUrl: sandbox.scimBaseUrl, auth: 'bearer', secrets: ['plain text in the file'] },
    ]);
    expect((await run(['connections'])).out).toBe(
      `acme\t${sandbox.scimBaseUrl}\tBearer token\tplain text in the file\t-\n`,
    );
  });

  it('lists nothing if there is no file', async () => {
    expect(await run(['connections', '--json'])).toEqual({ code: 0, out: '[]\n', err: '' });
  });
});

describe('rolecall disconnect', () => {
  it('removes a connection from the file', async () => {
    await connect('--store-secret-in-file');
    expect((await run(['disconnect', 'acme'])).code).toBe(0);
    expect(JSON.parse(readFileSync(file, 'utf8')).connections).toEqual({});
    const again = await run(['disconnect', 'acme']);
    expect({ code: again.code, err: again.err }).toEqual({
      code: 2,
      err: 'There is no connection "acme". "rolecall connect NAME" stores the first one.\n',
    });
  });
});
