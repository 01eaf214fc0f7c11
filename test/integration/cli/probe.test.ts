import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parseOverlay } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { listen } from '../../support/listen.ts';
import { type CliResult, runCli, startCli } from '../../support/run-cli.ts';
import { scimApi } from '../../support/scim-api.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolecall-probe-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A sandbox with three users. */
async function openSandbox(quirks: readonly string[] = []): Promise<Sandbox> {
  const sandbox = await startSandbox({ quirks });
  onTestFinished(() => sandbox.close());
  await scimApi(sandbox.scimBaseUrl, sandbox.token).users(3);
  return sandbox;
}

const argsFor = (baseUrl: string, more: readonly string[] = []) => [
  'probe',
  '--base-url',
  baseUrl,
  '--token-env',
  'SCIM_TOKEN',
  ...more,
];

function probe(sandbox: Sandbox, more: readonly string[] = [], env = {}): Promise<CliResult> {
  return runCli(argsFor(sandbox.scimBaseUrl, more), { env: { SCIM_TOKEN: sandbox.token, ...env } });
}

async function namesAt({ scimBaseUrl, token }: Sandbox): Promise<readonly string[]> {
  const { list } = scimApi(scimBaseUrl, token);
  const [users, groups] = [await list('/Users'), await list('/Groups')];
  return [
    ...users.Resources.map(({ userName }: { userName: string }) => userName),
    ...groups.Resources.map(({ displayName }: { displayName: string }) => displayName),
  ];
}

async function untilCreated(sandbox: Sandbox): Promise<void> {
  while (!(await namesAt(sandbox)).some((name) => name.startsWith('rolecall-probe-'))) await sleep(20);
}

describe('rolecall probe', () => {
  it('prints capabilities, deviations, and traits, and exits with 0', async () => {
    const { code, out, err } = await probe(await openSandbox(['totals-count-page']));
    expect(code).toBe(0);
    expect(out).toContain('nothing was changed');
    expect(out).toMatch(/^patch +declared, not tried$/m);
    expect(out).toMatch(
      /^Does `totalResults` count all results\? +It counts the results on the page\. +RFC 7644 §3\.4\.2/m,
    );
    expect(out).toMatch(/^totals-count-page {2}/m);
    expect(err).toContain('Connecting to http://127.0.0.1:');
  });

  it('prints one line of JSON with --json', async () => {
    const { code, out } = await probe(await openSandbox(['numeric-ids']), ['--json']);
    expect({ code, lines: out.split('\n').length }).toEqual({ code: 0, lines: 2 });
    expect(JSON.parse(out)).toMatchObject({
      mode: 'read',
      stopped: false,
      capabilities: { users: 'works', create: 'unknown' },
      traits: [{ name: 'numeric-ids' }],
    });
  });

  it('exits with 3 if the token is rejected', async () => {
    const sandbox = await openSandbox();
    expect(await probe(sandbox, [], { SCIM_TOKEN: 'wrong' })).toMatchObject({ code: 3, out: '' });
  });

  it('exits with 6 if nothing listens there', async () => {
    const args = argsFor('http://127.0.0.1:1/scim/v2', ['--set', 'deadlineInMs=1000']);
    expect(await runCli(args, { env: { SCIM_TOKEN: 'any' } })).toMatchObject({ code: 6, out: '' });
  });

  it('writes an overlay with the proved traits, and no secret, to --profile-out', async () => {
    const sandbox = await openSandbox(['no-stamps']);
    const file = join(folder, 'profile.json');
    expect((await probe(sandbox, ['--profile-out', file])).code).toBe(0);
    const written = readFileSync(file, 'utf8');
    expect(written).not.toContain(sandbox.token);
    expect(parseOverlay(JSON.parse(written)).profile?.traits).toEqual([
      { name: 'no-stamps', source: expect.stringContaining(sandbox.scimBaseUrl) },
    ]);
    const { code } = await runCli(
      ['run', 'search_users', '--profile', file, '--parameter', `serviceUrl=${sandbox.scimBaseUrl}`],
      { env: { SCIM_TOKEN: sandbox.token } },
    );
    expect(code).toBe(0);
    expect(await probe(sandbox, ['--profile-out', file])).toMatchObject({ code: 2, out: '' });
    writeFileSync(file, '');
    expect((await probe(sandbox, ['--profile-out', file, '--force'])).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(written);
  });
});

describe('rolecall probe --write', () => {
  it('tries changes, and leaves nothing behind', async () => {
    const sandbox = await openSandbox();
    const before = await namesAt(sandbox);
    const { code, out } = await probe(sandbox, ['--write', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      mode: 'write',
      traits: [],
      leftBehind: [],
      capabilities: { create: 'works', patch: 'works', put: 'works', bulk: 'works', delete: 'works' },
    });
    expect(await namesAt(sandbox)).toEqual(before);
  });

  it('removes what it has created when it is interrupted, and exits with 1', async () => {
    const sandbox = await openSandbox();
    const before = await namesAt(sandbox);
    const file = join(folder, 'interrupted.json');
    const child = startCli(argsFor(sandbox.scimBaseUrl, ['--write', '--json', '--profile-out', file]), {
      SCIM_TOKEN: sandbox.token,
    });
    const [out, err] = [text(child.stdout), text(child.stderr)];
    const closed = once(child, 'close');
    await untilCreated(sandbox);
    child.kill('SIGINT');
    expect((await closed)[0]).toBe(1);
    expect(JSON.parse(await out)).toMatchObject({ stopped: true, leftBehind: [] });
    expect(await err).toContain('Nothing that it created is left.');
    expect(await namesAt(sandbox)).toEqual(before);
    expect(existsSync(file)).toBe(false);
  });

  it('ends at once on a second signal, and names what is left', async () => {
    const sandbox = await openSandbox();
    let deletes = 0;
    // The first DELETE is that of an unknown user. The next ones get no response.
    const slow = await listen(async (request, response) => {
      const { method = 'GET', url = '/', headers } = request;
      if (method === 'DELETE') deletes += 1;
      if (method === 'DELETE' && deletes > 1) return;
      const body = await text(request);
      const answer = await fetch(new URL(url, sandbox.scimBaseUrl), {
        method,
        headers: {
          authorization: String(headers.authorization),
          'content-type': 'application/scim+json',
        },
        ...(body !== '' && { body }),
      });
      response.writeHead(answer.status, { 'content-type': 'application/scim+json' });
      response.end(await answer.text());
    });
    onTestFinished(() => slow.close());
    const child = startCli(argsFor(`${slow.origin}/scim/v2`, ['--write']), { SCIM_TOKEN: sandbox.token });
    const [out, err] = [text(child.stdout), text(child.stderr)];
    const closed = once(child, 'close');
    await untilCreated(sandbox);
    child.kill('SIGINT');
    while (deletes < 2) await sleep(20);
    child.kill('SIGINT');
    expect((await closed)[0]).toBe(1);
    const left = (await namesAt(sandbox)).filter((name) => name.startsWith('rolecall-probe-'));
    expect(left.length).toBeGreaterThan(0);
    for (const name of left) expect(await out).toContain(name);
    expect(await err).toMatch(/User rolecall-probe-\S+ \(ID [\w-]+\): DELETE \/Users\/[\w-]+/);
  });

  it('leaves users that the next probe removes when it is killed', async () => {
    const sandbox = await openSandbox();
    const before = await namesAt(sandbox);
    const child = startCli(argsFor(sandbox.scimBaseUrl, ['--write']), { SCIM_TOKEN: sandbox.token });
    child.stdout.resume();
    child.stderr.resume();
    const closed = once(child, 'close');
    await untilCreated(sandbox);
    child.kill('SIGKILL');
    await closed;
    const left = (await namesAt(sandbox)).filter((name) => name.startsWith('rolecall-probe-'));
    expect(left.length).toBeGreaterThan(0);

    // An hour later, by the clock of the next probe.
    const inAnHour = 'const now = Date.now; Date.now = () => now() + 3_600_000;';
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(inAnHour)}` };
    const { code, out } = await probe(sandbox, ['--write', '--json'], env);
    expect(code).toBe(0);
    expect([...JSON.parse(out).removedLeftovers].sort()).toEqual([...left].sort());
    expect(await namesAt(sandbox)).toEqual(before);
  });
});
