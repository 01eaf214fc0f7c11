import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startSandbox } from '../../../sandbox/index.ts';
import { acmeOverlay } from '../../support/acme-overlay.ts';
import { nextLine, runCli, startCli } from '../../support/run-cli.ts';
import { scimApi } from '../../support/scim-api.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = folder.file('acme.json');
  writeFileSync(file, JSON.stringify(acmeOverlay));
});

afterEach(() => folder[Symbol.dispose]());

async function startPlaying(...args: readonly string[]) {
  const child = startCli(['sandbox', '--json', ...args]);
  onTestFinished(async () => {
    const exit = once(child, 'exit');
    child.kill('SIGINT');
    await exit;
  });
  return JSON.parse(await nextLine(child.stdout));
}

describe('sandbox --profile', () => {
  it('plays the traits and the authentication method of a profile of this package', async () => {
    const { scimBaseUrl, token, auth } = await startPlaying('--profile', 'sentry');
    expect(auth.type).toBe('bearer');
    const api = scimApi(scimBaseUrl, token);
    const id = await api.user('ada@example.com');
    await api.patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false });
    expect((await api.get(`/Users/${id}`)).status).toBe(404);
  });

  it('plays a profile in a file, and --auth and --quirk add to it', async () => {
    expect((await startPlaying('--profile', file)).auth.type).toBe('oauth_client_credentials');
    const played = await startPlaying('--profile', file, '--auth', 'bearer', '--quirk', 'no-bulk');
    const api = scimApi(played.scimBaseUrl, played.token);
    const id = await api.user('ada@example.com');
    await api.patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false });
    expect([(await api.get(`/Users/${id}`)).status, (await api.send('POST', '/Bulk', {})).status]).toEqual([
      404, 501,
    ]);
  });
});

describe('--profile FILE', () => {
  it('has the base URL of a connection, with its parameters', async () => {
    await using sandbox = await startSandbox({ quirks: ['deactivate-deletes'] });
    const { user } = scimApi(sandbox.scimBaseUrl, sandbox.token);
    const id = await user('ada@example.com');
    const input = JSON.stringify({ user: { id } });
    const args = ['run', 'deactivate_user', '--input', input, '--profile', file];
    const { code, out } = await runCli(
      [...args, '--parameter', `serviceUrl=${new URL('.', sandbox.scimBaseUrl)}`],
      {
        env: { SCIM_TOKEN: sandbox.token },
      },
    );
    expect({ code, out: JSON.parse(out) }).toMatchObject({ code: 0, out: { wasDeleted: true } });
    const { code: failed, err } = await runCli(args, { env: { SCIM_TOKEN: sandbox.token } });
    expect({ failed, err }).toEqual({
      failed: 2,
      err: expect.stringContaining('--parameter serviceUrl is missing: pass the service URL of Acme'),
    });
  });

  it.each([
    ['that does not exist', undefined, 'Cannot read'],
    ['that is not JSON', '{', 'is not JSON'],
    ['that is no overlay', '{"a":1}', 'is not valid'],
    ['without a profile', '{"overlayVersion":1,"title":"Acme"}', 'is an overlay without a profile'],
  ])('names a file %s', async (_, content, words) => {
    const other = folder.file('other.json');
    if (content !== undefined) writeFileSync(other, content);
    for (const command of [['run', 'search_users'], ['sandbox'], ['connect', 'acme']]) {
      const { code, err } = await runCli([...command, '--profile', other]);
      expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(words) });
      expect(err).toContain(other);
    }
  });
});
