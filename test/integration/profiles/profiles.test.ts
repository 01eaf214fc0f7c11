import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseOverlay } from '../../../connector/manifest/parse-manifest.zod.ts';
import { fillBaseUrl } from '../../../connector/profile.ts';
import { createConnector } from '../../../runtime/index.ts';
import { profiles } from '../../../runtime/profiles.ts';
import { readQuirks, startSandbox } from '../../../sandbox/index.ts';
import { acceptInvitation } from '../../support/accept-invitation.ts';
import { runCli } from '../../support/run-cli.ts';

const root = new URL('../../../', import.meta.url);
const page = readFileSync(new URL('docs/providers.md', root), 'utf8');

function samplesOf({ baseUrl: { parameters = [] } }: (typeof profiles)[number]): Record<string, string> {
  return Object.fromEntries(parameters.map(({ key, sample }) => [key, sample]));
}

/** The command in the section of a profile, without `rolecall`. */
function commandOf(name: string): readonly string[] {
  const section = page.split(`\n### ${name}\n`)[1]?.split('\n### ')[0] ?? '';
  const [, command = ''] = /```sh\nrolecall (.*)\n```/.exec(section) ?? [];
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
}

describe('the profiles', () => {
  it('are the files of the folder', () => {
    const files = readdirSync(new URL('profiles', root)).sort();
    expect(files).toEqual(profiles.map(({ name }) => `${name}.json`).sort());
    for (const { name } of profiles) {
      const text = readFileSync(new URL(`profiles/${name}.json`, root), 'utf8');
      expect(parseOverlay(JSON.parse(text), name).profile?.name).toBe(name);
    }
  });

  it.each(profiles)(
    'fill their base URL with samples, and cite a source for each trait: $name',
    (profile) => {
      const url = new URL(fillBaseUrl(profile, samplesOf(profile)));
      expect(url.protocol).toBe('https:');
      expect(url.pathname).not.toMatch(/[{}%]/);
      for (const { source } of profile.traits)
        expect(source).toMatch(/^https:\/\/\S+$|^[\w.-]+\/[\w.-]+#\d+$/);
      const names = profile.traits.map(({ name }) => name);
      expect([...readQuirks(names)].sort()).toEqual([...names].sort());
    },
  );

  it('suggest the nearest name for an unknown one', () => {
    expect(() => createConnector({ profile: 'slak', token: 'a-token' })).toThrow(/did you mean "slack"/);
  });

  it('name the parameters that are missing or unknown', () => {
    const connect = (parameters: Record<string, string>) =>
      createConnector({ profile: 'github-organizations', parameters, token: 'a-token' });
    expect(() => connect({})).toThrow(/parameters\.org.* is missing: pass the organization/);
    expect(() => connect({ org: 'acme', team: 'red' })).toThrow(/parameters\.team/);
  });

  it('suggest the nearest parameter for an unknown one', () => {
    const parameters = { region: 'us-east-1', tenantId: 'a1', regions: 'x' };
    const [aws] = profiles;
    expect(() => aws !== undefined && fillBaseUrl(aws, parameters)).toThrow(/did you mean "region"/);
  });

  it('accept a host with a port, and nothing that leaves its place in the URL', () => {
    const keycloak = profiles.find(({ name }) => name === 'keycloak');
    const fill = (host: string) => keycloak && fillBaseUrl(keycloak, { host, realm: 'a/../b?c#d' });
    expect(fill('id.example.com:8443')).toBe('https://id.example.com:8443/realms/a%2F..%2Fb%3Fc%23d/scim/v2');
    for (const host of ['user:pass@evil.example', 'a/b', 'a?b', 'a#b'])
      expect(URL.parse(fill(host) ?? '')?.href ?? 'no URL').not.toMatch(/@|evil\.example\/|^https:\/\/a\//);
  });

  it('suggest the nearest trait for an unknown one', () => {
    const overlay = {
      overlayVersion: 1,
      title: 'Acme',
      profile: { ...profiles[0], traits: [{ name: 'no-patches', source: 'https://example.com' }] },
    };
    expect(() => parseOverlay(overlay)).toThrow(/"no-patches" is not known \(did you mean "no-patch"\?\)/);
  });
});

describe('a connection that is set up as the page of its profile says', () => {
  // At the same time, since most of it is waits that the providers name.
  it.concurrent.each(profiles)('works against a sandbox that plays $name', async (profile) => {
    const { name, traits, auth } = profile;
    await using sandbox = await startSandbox({
      quirks: traits.map((trait) => trait.name),
      auth: { type: auth[0]?.type ?? 'bearer' },
    });
    const baseUrl = sandbox.scimBaseUrl;
    await using connector = createConnector({
      profile: name,
      parameters: samplesOf(profile),
      baseUrl,
      auth: sandbox.auth,
    });
    const { actions, triggers } = connector;

    const first = await triggers.user_deprovisioned.poll({});
    const user = await actions.create_user({
      userName: 'ada@example.com',
      emails: [{ value: 'ada@example.com', primary: true }],
    });
    const other = await actions.create_user({ userName: 'bob@example.com' });
    await acceptInvitation(sandbox, 'ada@example.com');
    expect(await actions.find_user({ user: { email: 'ada@example.com' } })).toMatchObject({ id: user.id });
    await actions.update_user({ user: { id: user.id }, displayName: 'Ada' });
    const group = await actions.create_group({ displayName: 'Crew' });
    await actions.add_group_members({
      group: { id: String(group.id) },
      members: [{ id: user.id }, { id: other.id }],
    });
    const second = await triggers.user_deprovisioned.poll({}, first.cursor);
    expect(second.events).toEqual([]);
    await actions.deactivate_user({ user: { id: user.id } });
    const third = await triggers.user_deprovisioned.poll({}, second.cursor);
    expect(third.events).toMatchObject([{ subject: { id: user.id } }]);

    const environment = {
      SCIM_BASE_URL: baseUrl,
      ...Object.fromEntries(
        Object.entries(sandbox.auth).map(([key, value]) => [
          `SCIM_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
          value,
        ]),
      ),
    };
    const { out } = await runCli(commandOf(name), { env: environment });
    expect(JSON.parse(out).resources).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: other.id })]),
    );
  });
});
