import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileManifest } from '../../../connector/definition/compile-manifest.ts';
import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { presets } from '../../../connector/provider/presets.ts';
import type { TraitName } from '../../../connector/traits.ts';
import { inputWithFieldNames } from '../../../hosts/workato/field-names.ts';
import { ConnectorError } from '../../../runtime/index.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import type { Session } from '../../../runtime/open-session.ts';
import { profileOverlay, profiles } from '../../../runtime/profiles.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import { listen } from '../../support/listen.ts';
import { openSkippingSession } from '../../support/open-skipping-session.ts';
import { definition } from '../../support/open-test-session.ts';
import { allPresets, everydayWork, namesOf, type Outcome, runStory, type Side } from '../profile-stories.ts';
import { asJobError, readJobError } from './job-error.ts';
import { type Ask, type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

/** Their presets change the requests for larger groups, and for more groups, than the story has; or only an error. */
const withSameRequests: readonly TraitName[] = [
  'invitation-pending',
  'groups-list-empty-members',
  'groups-list-without-members',
  'max-100-operations',
];

const inputOf = (key: string): object => definition.actions.find((action) => action.key === key)?.input ?? {};

/** The library, with a clock that skips waits, as the driver's does. */
const onNode: Side = ({ baseUrl, auth }, profile) => {
  const cursors = new Map<string, unknown>();
  // Steps send their requests one after another in Workato.
  const connection = { baseUrl, auth, concurrency: 1 };
  const all = profile === undefined ? definition : definitionOf(profileOverlay(profile));
  const step = async (use: (session: Session) => Promise<unknown>): Promise<Outcome> => {
    const { session, close } = openSkippingSession(all, connection);
    try {
      return { output: await use(session) };
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      return asJobError(error, definition);
    } finally {
      close();
    }
  };
  return {
    run: (key, input) => step((session) => session.runAction(key, input)),
    poll: (key, input = {}) =>
      step(async (session) => {
        const { events, cursor } = await session.poll(key, input, cursors.get(key));
        cursors.set(key, JSON.parse(JSON.stringify(cursor)));
        return namesOf(events);
      }),
  };
};

const onRuby =
  (ruby: RubyConnector): Side =>
  ({ baseUrl, auth: { type, ...fields } }, profile) => {
    const closures = new Map<string, unknown>();
    const settings = { baseUrl, auth_type: type, ...fields, ...(typeof profile === 'string' && { profile }) };
    const outcomeOf = async (ask: Ask): Promise<Outcome> => {
      const { value, error } = await ruby.ask({ ...ask, settings });
      return error === undefined ? { output: value } : readJobError(error);
    };
    return {
      run: (key, input) => outcomeOf({ do: 'execute', key, input: inputWithFieldNames(inputOf(key), input) }),
      async poll(key, input = {}) {
        const polled = await outcomeOf({ do: 'poll', key, input, closure: closures.get(key) ?? null });
        if (!('output' in polled)) return polled;
        const { events, next_poll } = polled.output as { events: readonly object[]; next_poll: unknown };
        closures.set(key, next_poll);
        return { output: namesOf(events) };
      },
    };
  };

describe('a connection to a provider with a shipped profile', () => {
  let ruby: RubyConnector;
  beforeAll(async () => {
    ruby = await startRubyConnector(definition);
  });
  beforeEach(() => ruby.ask({ do: 'reset' }));
  afterAll(() => ruby.close());

  it.each(profiles)(
    'works with the same requests on Node and on Ruby: $name',
    async ({ name, traits, auth }) => {
      const sandbox = {
        quirks: traits.map((trait) => trait.name),
        auth: { type: auth[0]?.type ?? 'bearer' },
      } as const;
      const node = await runStory(everydayWork, onNode, sandbox, name);
      const other = await runStory(everydayWork, onRuby(ruby), sandbox, name);

      expect(other).toEqual(node);
      for (const outcome of node.outcomes) expect(outcome).toHaveProperty('output');
      expect(node.outcomes.at(-1)).toMatchObject({
        output: [{ userName: 'ada@example.com' }],
      });
    },
    60_000,
  );

  it('spreads requests over a minute if the provider documents a rate', async () => {
    const sandbox = await startSandbox();
    const settings = { baseUrl: sandbox.scimBaseUrl, token: sandbox.token, profile: 'slack' };
    const search = { do: 'execute', key: 'search_users', input: { pageSize: 1 } };
    const rateOf = async (more: object): Promise<number> => {
      await ruby.ask({ do: 'reset' });
      await ruby.value({ ...search, settings: { ...settings, ...more } });
      return ((await ruby.value({ do: 'reset' })) as readonly number[]).length;
    };
    for (let number = 1; number <= 9; number += 1)
      await ruby.value({
        do: 'execute',
        key: 'create_user',
        input: { userName: `u${number}@example.com` },
        settings,
      });

    expect(await rateOf({})).toBeGreaterThan(0);
    expect(await rateOf({ requestsPerMinute: 1_000_000 })).toBe(0);
    await sandbox.close();
  });

  it('explains a rejected change of a user who may have an open invitation, as on Node', async () => {
    const provider = await listen((_, response) => {
      response.writeHead(403, { 'content-type': 'application/scim+json' });
      response.end('{}');
    });
    const connection = { baseUrl: provider.origin, auth: { type: 'bearer', token: 'token' } } as const;
    const update = { user: { id: '1' }, title: 'Countess' };
    const rename = { group: { id: '1' }, displayName: 'Crew' };
    for (const profile of ['workato', 'slack']) {
      const [node, other] = [onNode(connection, profile), onRuby(ruby)(connection, profile)];
      expect(await other.run('update_user', update)).toEqual(await node.run('update_user', update));
      expect(await other.run('update_group', rename)).toEqual(await node.run('update_group', rename));
    }
    expect(await onRuby(ruby)(connection, 'workato').run('update_user', update)).toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('If the invitation is pending'),
    });
    await provider.close();
  });

  it.each([
    ['slack', 'basic', 'Slack accepts Bearer token'],
    ['keycloak', 'bearer', 'Keycloak accepts OAuth 2.0 client credentials'],
    ['databricks', 'header', 'Databricks accounts accepts OAuth 2.0 client credentials or Bearer token'],
  ])(
    'is rejected with a method that the provider does not accept: %s with %s',
    async (profile, type, words) => {
      const settings = {
        ...{ baseUrl: 'https://scim.example.com', token: 'token', username: 'a', password: 'b' },
        ...{ headerName: 'X-Key', headerValue: 'key', auth_type: type, profile },
      };
      const { error } = await ruby.ask({ do: 'test', settings });

      expect(error).toBe(
        `invalid_input: Invalid input: "Provider" does not match the authentication method: ${words} (for another method, select Other SCIM provider). Correct the input and try again.`,
      );
    },
  );

  it('is rejected with a provider that is not in the list', async () => {
    const settings = { baseUrl: 'https://scim.example.com', token: 'token', profile: 'slak' };
    const { error } = await ruby.ask({ do: 'test', settings });
    expect(error).toMatch(/^invalid_input: Invalid input: "Provider" must be one of.* "?slack"?/);
  });
});

describe('a connector of an overlay with a profile', () => {
  let ruby: RubyConnector | undefined;
  afterEach(() => ruby?.close());

  it.each(Object.keys(presets) as TraitName[])(
    'sends the same requests on Node and on Ruby if the profile states %s',
    async (trait) => {
      const overlay = overlayWith(trait);
      ruby = await startRubyConnector(definitionOf(overlay));
      const sandbox = { quirks: [trait] };
      const node = await runStory(allPresets, onNode, sandbox, overlay);
      const other = await runStory(allPresets, onRuby(ruby), sandbox, overlay);

      expect(other).toEqual(node);
      if (withSameRequests.includes(trait)) return;
      expect(other.requests).not.toEqual((await runStory(allPresets, onNode, sandbox)).requests);
    },
    60_000,
  );
});

function definitionOf(overlay: unknown): ConnectorDefinition {
  return compileManifest(loadManifest([overlay]));
}

function overlayWith(trait: TraitName): object {
  return {
    overlayVersion: 1,
    title: 'Acme',
    profile: {
      name: 'acme',
      provider: 'Acme',
      docs: 'https://example.com/scim',
      baseUrl: { template: 'https://example.com/scim/v2', help: 'The test has its own.' },
      auth: [{ type: 'bearer', help: 'The test has its own.' }],
      traits: [{ name: trait, source: 'https://example.com/scim' }],
    },
  };
}
