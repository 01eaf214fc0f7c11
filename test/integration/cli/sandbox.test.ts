import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { createConnector } from '../../../runtime/index.ts';
import { quirkNames } from '../../../sandbox/index.ts';
import { cliSource, nextLine, runCli, startCli } from '../../support/run-cli.ts';

it('serves until it is stopped, prints its URLs as one line of JSON, and stores its data in --db', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-sandbox-'));
  const args = ['sandbox', '--json', '--db', join(folder, 'workspace.db'), '--token-env', 'SCIM_TOKEN'];
  const env = { SCIM_TOKEN: 'a-token-for-this-test' };
  try {
    for (const round of ['first', 'second']) {
      const child = startCli(args, env);
      const { scimBaseUrl, token, ...places } = JSON.parse(await nextLine(child.stdout));
      expect(token).toBe(env.SCIM_TOKEN);
      const { origin } = new URL(scimBaseUrl);
      expect(places).toMatchObject({
        eventsIssuer: 'https://workspace.example',
        eventsAudience: 'https://receiver.example',
        jwksUrl: `${origin}/events/jwks.json`,
        eventPollUrl: `${origin}/events/poll`,
        // The file keeps its hash only.
        eventPollToken: round === 'first' ? expect.stringMatching(/^[\w-]+$/) : '',
      });
      const connector = createConnector({ baseUrl: scimBaseUrl, token });
      if (round === 'first') await connector.actions.create_user({ userName: 'kept@example.com' });
      const found = await connector.actions.find_user({ user: { userName: 'kept@example.com' } });
      expect(found?.userName).toBe('kept@example.com');
      connector.close();
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.each([
  ['npm run -s rolecall --', { npm_lifecycle_event: 'rolecall' }],
  ['node cli/main.ts', { npm_lifecycle_event: '' }],
])('prints a command to try, which starts with "%s"', async (rolecall, env) => {
  const child = startCli(['sandbox'], env, cliSource);
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.startsWith(`  ${rolecall} run create_user --input '{`)) break;
  }
  child.kill('SIGINT');
  await once(child, 'exit');
  expect(lines[0]).toMatch(/^SCIM base URL {2}http:\/\/127\.0\.0\.1:\d+\/scim\/v2$/);
  expect(lines.at(-1)).toContain(`  ${rolecall} run create_user`);
});

it.each([
  ['bearer', 'SCIM_TOKEN'],
  ['oauth', 'SCIM_TOKEN_URL SCIM_CLIENT_ID SCIM_CLIENT_SECRET SCIM_SCOPE'],
  ['basic', 'SCIM_USERNAME SCIM_PASSWORD'],
  ['header', 'SCIM_HEADER_NAME SCIM_HEADER_VALUE'],
])('prints the variables with which the command line connects by --auth %s', async (method, names) => {
  const child = startCli(['sandbox', '--auth', method]);
  const variables: Record<string, string> = {};
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, name, value = ''] = /^ {2}export (\w+)=(.*)$/.exec(line) ?? [];
      if (name !== undefined) variables[name] = value.replace(/^'(.*)'$/, '$1');
      if (line.includes('run create_user')) break;
    }
    const input = ['--input', '{"userName":"ada@example.com"}'];
    const { code, out, err } = await runCli(['run', 'create_user', ...input], { env: variables });

    expect(Object.keys(variables).join(' ')).toBe(`SCIM_BASE_URL ${names}`);
    expect({ code, userName: JSON.parse(out).userName }).toEqual({ code: 0, userName: 'ada@example.com' });
    expect(err).toContain(`Connecting to ${variables.SCIM_BASE_URL} (`);
  } finally {
    child.kill('SIGINT');
    await once(child, 'exit');
  }
});

it('reports a port that is taken', async () => {
  const child = startCli(['sandbox', '--json']);
  const { scimBaseUrl } = JSON.parse(await nextLine(child.stdout));
  const { code, err } = await runCli(['sandbox', '--port', new URL(scimBaseUrl).port]);
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/port \d+ is in use/i) });
});

it('starts an identity provider next to it, which accepts only the admin token', async () => {
  const child = startCli(['sandbox', '--json', '--idp', 'entra']);
  try {
    const { idpUrl, adminToken, scimBaseUrl, token } = JSON.parse(await nextLine(child.stdout));
    const order = (authorization: string) =>
      fetch(`${idpUrl}/assign`, {
        method: 'POST',
        headers: { authorization },
        body: JSON.stringify({ userName: 'ada@example.com', givenName: 'Ada', familyName: 'Lovelace' }),
      });
    expect((await order('Bearer wrong')).status).toBe(401);
    expect(await (await order(`Bearer ${adminToken}`)).json()).toMatchObject({ ok: true });
    const connector = createConnector({ baseUrl: scimBaseUrl, token });
    expect(await connector.actions.find_user({ user: { userName: 'ada@example.com' } })).toMatchObject({
      active: true,
    });
    connector.close();
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
});

it('returns 429 beyond --requests-per-minute', async () => {
  const child = startCli(['sandbox', '--json', '--requests-per-minute', '2']);
  try {
    const { scimBaseUrl, token } = JSON.parse(await nextLine(child.stdout));
    const ask = () => fetch(`${scimBaseUrl}/Users`, { headers: { authorization: `Bearer ${token}` } });
    const statuses = [(await ask()).status, (await ask()).status, (await ask()).status];
    expect(statuses).toEqual([200, 200, 429]);
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
});

it('rejects the database of another application, and does not change it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-foreign-'));
  const file = join(folder, 'other.db');
  try {
    const other = new DatabaseSync(file);
    other.exec('CREATE TABLE invoice (id INTEGER)');
    const { code, err } = await runCli(['sandbox', '--db', file]);
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining("is another application's database: use a new file"),
    });
    expect(other.prepare('SELECT name FROM sqlite_master').all()).toEqual([{ name: 'invoice' }]);
    other.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('plays the quirks that --quirk names, and none after a restart without it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-quirks-'));
  const args = ['sandbox', '--json', '--db', join(folder, 'workspace.db'), '--token-env', 'SCIM_TOKEN'];
  const env = { SCIM_TOKEN: 'a-token-for-this-test' };
  const totalOf = async (quirks: readonly string[]) => {
    const child = startCli([...args, ...quirks], env);
    const { scimBaseUrl, token } = JSON.parse(await nextLine(child.stdout));
    const response = await fetch(`${scimBaseUrl}/Users`, { headers: { authorization: `Bearer ${token}` } });
    child.kill('SIGTERM');
    await once(child, 'exit');
    return await response.json();
  };
  try {
    const played = await totalOf(['--quirk', 'totals-missing', '--quirk', 'empty-list-without-resources']);
    expect(played).not.toHaveProperty('totalResults');
    expect(played).not.toHaveProperty('Resources');
    expect(await totalOf([])).toMatchObject({ totalResults: 0, Resources: [] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('suggests a name for an unknown quirk, and rejects quirks that contradict each other', async () => {
  const unknown = await runCli(['sandbox', '--quirk', 'totals-mising']);
  expect(unknown).toMatchObject({
    code: 2,
    err: expect.stringContaining('(did you mean "totals-missing"?)'),
  });
  const both = await runCli(['sandbox', '--quirk', 'totals-missing', '--quirk', 'totals-shrink']);
  expect(both).toMatchObject({ code: 2, err: expect.stringContaining('both are about totalResults') });
});

it('lists the quirks in its help', async () => {
  const { out } = await runCli(['sandbox', '--help']);
  for (const name of quirkNames) expect(out).toContain(name);
});

it('replaces the token of a file with --new-token', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-sandbox-'));
  const file = join(folder, 'workspace.db');
  const start = async (...more: readonly string[]) => {
    const child = startCli(['sandbox', '--json', '--db', file, ...more]);
    const { scimBaseUrl, token } = JSON.parse(await nextLine(child.stdout));
    const statusOf = async (bearer: string) =>
      (await fetch(`${scimBaseUrl}/Users`, { headers: { authorization: `Bearer ${bearer}` } })).status;
    const stop = async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    };
    return { token, statusOf, stop };
  };
  try {
    const first = await start();
    await first.stop();
    const second = await start('--new-token');
    expect([await second.statusOf(second.token), await second.statusOf(first.token)]).toEqual([200, 401]);
    await second.stop();
    const third = await start();
    expect([third.token, await third.statusOf(second.token)]).toEqual(['', 200]);
    await third.stop();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.each([
  ['in a folder that does not exist', (folder: string) => join(folder, 'missing', 'workspace.db')],
  ['that is a folder', (folder: string) => folder],
  [
    'of another program',
    (folder: string) => {
      const file = join(folder, 'notes.txt');
      writeFileSync(file, 'Some notes, which are no database at all.');
      return file;
    },
  ],
])('says that it cannot store the workspace in a file %s', async (_, fileIn) => {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-sandbox-'));
  try {
    const file = fileIn(folder);
    const { code, out, err } = await runCli(['sandbox', '--db', file]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`Cannot store the workspace in ${file}: `);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
