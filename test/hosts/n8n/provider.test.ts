import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { AuthType } from '../../../connector/manifest/connection.zod.ts';
import { fillBaseUrl } from '../../../connector/profile.ts';
import { credentialTypes } from '../../../hosts/n8n/credential-types.ts';
import { connectionProperties } from '../../../hosts/n8n/form/connection-properties.ts';
import type { N8nProperty } from '../../../hosts/n8n/form/n8n-property.ts';
import { createHost, type N8nHost } from '../../../hosts/n8n/runtime/create-host.ts';
import type {
  N8nHttpOptions,
  N8nHttpResponse,
  N8nItemFunctions,
  N8nPollFunctions,
} from '../../../hosts/n8n/runtime/n8n-functions.ts';
import { ConnectorError, createConnector } from '../../../runtime/index.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { profiles } from '../../../runtime/profiles.ts';
import { actionOf, definition } from '../../support/open-test-session.ts';
import { allPresets, namesOf, type Outcome, runStory, type Side } from '../profile-stories.ts';
import { fillForm } from './support/fill-form.ts';
import { functionsWith } from './support/functions-with.ts';

const { methods } = definition.connection.auth;

/** The parameters that a credential shows. */
function shown(type: AuthType, provider: unknown): readonly N8nProperty[] {
  const method = methods.find((one) => one.type === type) ?? methods[0];
  const includes = (conditions = {}): boolean[] =>
    Object.values<readonly unknown[]>(conditions).map((values) => values.includes(provider));
  return connectionProperties(definition, method).filter(
    ({ displayOptions }) =>
      !includes(displayOptions?.show).includes(false) && !includes(displayOptions?.hide).includes(true),
  );
}

describe('the form of a credential', () => {
  it('has each parameter once if it extends a credential of n8n', () => {
    const method = methods.find(({ type }) => type === 'oauth_client_credentials') ?? methods[0];
    const names = connectionProperties(definition, method).map(({ name }) => name);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it.each(methods.map(({ type }) => type))('offers every provider, and none by default: %s', (type) => {
    const [select] = shown(type, 'other').filter((property) => property.type !== 'hidden');

    expect(select).toMatchObject({ displayName: 'Provider', type: 'options', default: 'other' });
    expect(select?.options?.map((option) => 'value' in option && option.value).toSorted()).toEqual(
      ['other', ...profiles.map(({ name }) => name)].toSorted(),
    );
  });

  it.each(methods.map(({ type }) => type))('has one base URL and one notice for a provider: %s', (type) => {
    for (const { name, provider, auth, baseUrl, docs } of profiles) {
      const form = shown(type, name);
      const urls = form.filter((property) => property.name === 'baseUrl');
      const notices = form.filter((property) => property.type === 'notice');
      const samples = Object.fromEntries((baseUrl.parameters ?? []).map(({ key, sample }) => [key, sample]));

      expect(notices).toHaveLength(1);
      // n8n merges the parameters of a credential that extends another one by their names.
      const isExtension = type === 'oauth_client_credentials';
      expect(urls).toHaveLength(1);
      const isTaken = auth.some((method) => method.type === type);
      if (isExtension) expect(notices[0]?.displayName.includes(baseUrl.template)).toBe(isTaken);
      else
        expect(urls[0]).toMatchObject({
          required: true,
          placeholder: `e.g. ${fillBaseUrl({ provider, baseUrl } as never, samples)}`,
        });
      expect(notices[0]?.displayName).toContain(docs.replaceAll('&', '&amp;'));
      expect(notices[0]?.displayName.includes('does not accept this authentication method')).toBe(!isTaken);
    }
  });

  it.each(['other', undefined, 'a-provider-of-another-version', '={{ $json.provider }}'])(
    'has the general base URL without a known provider: %s',
    (provider) => {
      const form = shown('bearer', provider);
      expect(form.filter(({ name }) => name === 'baseUrl')).toMatchObject([
        { placeholder: 'e.g. https://workato.com/scim/v2' },
      ]);
      expect(form.some(({ type }) => type === 'notice')).toBe(false);
    },
  );
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The sentences of an error have the labels of each side. */
async function outcomeOf(output: Promise<unknown>): Promise<Outcome> {
  try {
    return { output: await output };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { code: error.code, message: '' };
  }
}

/** The node, with a host of its own for each step. */
const inN8n: Side = ({ baseUrl, auth: { type, ...fields } }, profile) => {
  const data = {
    baseUrl,
    ...fields,
    advancedSettings: true,
    concurrency: 1,
    ...(profile !== undefined && { profile }),
  };
  const functions = functionsWith(type, 'tokenUrl' in fields ? oAuth2Data({ ...data, ...fields }) : data);
  const memory = new Map<string, Record<string, unknown>>();
  const step = (use: (host: N8nHost) => Promise<unknown>): Promise<Outcome> =>
    outcomeOf(use(createHost(loadManifest(), sleep)));
  return {
    run: (key, input) =>
      step(async (host) => {
        const form = fillForm(actionOf(key), input);
        const getNodeParameter = (name: string, _: number, fallback?: unknown) => form[name] ?? fallback;
        const node = { ...functions, getNodeParameter } as N8nItemFunctions;
        const [result] = await host.execute(node, { count: 1, continueOnFail: false });
        if (result?.error !== undefined) throw result.error;
        return key === 'search_users' ? result?.outputs.length : result?.outputs[0];
      }),
    poll: (key, input = {}) =>
      step(async (host) => {
        const stored = memory.get(key) ?? {};
        memory.set(key, stored);
        const parameters: Readonly<Record<string, unknown>> = { event: key, options: input };
        const node = {
          ...functions,
          getNodeParameter: (name: string, fallback?: unknown) => parameters[name] ?? fallback,
          getMode: () => 'trigger',
          getWorkflowStaticData: (type) => (type === 'node' ? stored : {}),
          getWorkflow: () => ({ id: 'workflow' }),
        } as N8nPollFunctions;
        return namesOf((await host.poll(node)) ?? []);
      }),
  };
};

/** The names of n8n's own oAuth2Api. */
function oAuth2Data(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { tokenUrl: accessTokenUrl, ...rest } = data;
  return { ...rest, accessTokenUrl, authentication: 'header' };
}

const inLibrary: Side = (connection, profile) => {
  const cursors = new Map<string, unknown>();
  const step = async (
    use: (connector: ReturnType<typeof createConnector>) => Promise<unknown>,
  ): Promise<Outcome> => {
    await using connector = createConnector({
      ...connection,
      concurrency: 1,
      ...(profile !== undefined && { profile: profile as string }),
    });
    return await outcomeOf(use(connector));
  };
  return {
    run: (key, input) =>
      step(async (connector) => {
        const output = await connector.run(key, input);
        return key === 'search_users'
          ? (output as { resources: readonly unknown[] }).resources.length
          : (output ?? {});
      }),
    poll: (key, input = {}) =>
      step(async (connector) => {
        const { events, cursor } = await connector.poll(key, input, cursors.get(key));
        cursors.set(key, cursor);
        return namesOf(events);
      }),
  };
};

describe('a credential with a provider', () => {
  it.each(profiles)(
    'sends the same requests as the library with the profile: $name',
    async ({ name, traits, auth }) => {
      const sandbox = {
        // Its waits are real, and no profile can spare them.
        quirks: traits.map((trait) => trait.name).filter((trait) => trait !== 'rate-limit-403'),
        auth: { type: auth[0]?.type ?? 'bearer' },
      } as const;
      const library = await runStory(allPresets, inLibrary, sandbox, name);
      expect(await runStory(allPresets, inN8n, sandbox, name)).toEqual(library);
    },
    30_000,
  );

  const host = createHost(loadManifest(), sleep);
  const problemOf = (type: AuthType, data: object): Promise<string | undefined> =>
    host.connectionProblem(
      {
        logger: functionsWith(type, {}).logger,
        helpers: { request: () => Promise.reject(new Error('sent')) },
      },
      credentialTypes[type].name,
      { baseUrl: 'https://scim.example.com', ...data },
    );

  it('is rejected if the provider takes other authentication methods', async () => {
    expect(await problemOf('basic', { username: 'a', password: 'b', profile: 'slack' })).toBe(
      'Invalid credential: "Provider" does not match the authentication method: Slack accepts Bearer token (for another method, select Other SCIM provider). Correct the credential.',
    );
  });

  it('is rejected if the provider is unknown', async () => {
    expect(await problemOf('bearer', { token: 't', profile: 'slak' })).toBe(
      'Invalid credential: "Provider" is unknown ("slak"): select one from the list. Correct the credential.',
    );
  });

  it('works with the profile of an overlay if no provider is selected', async () => {
    const overlay = {
      overlayVersion: 1,
      title: 'Acme',
      profile: {
        ...profiles[0],
        name: 'acme',
        traits: [{ name: 'no-patch', source: 'https://acme.example' }],
      },
    };
    const sent: string[] = [];
    const functions = functionsWith('bearer', { baseUrl: 'https://scim.example.com', token: 't' });
    const user = { id: '1', userName: 'ada', active: true };
    const answer = async ({ method }: N8nHttpOptions): Promise<N8nHttpResponse> => {
      sent.push(method);
      const shownUser = { ...user, ...(method === 'PUT' && { active: false }) };
      return { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(JSON.stringify(shownUser))]) };
    };
    const form = fillForm(actionOf('deactivate_user'), { user: { id: '1' } });
    const node = {
      ...functions,
      helpers: {
        httpRequest: answer,
        httpRequestWithAuthentication: (_: string, options: never) => answer(options),
      },
      getNodeParameter: (name: string, _: number, fallback?: unknown) => form[name] ?? fallback,
    } as unknown as N8nItemFunctions;
    const [result] = await createHost(loadManifest([overlay]), sleep).execute(node, {
      count: 1,
      continueOnFail: false,
    });

    expect(result?.error).toBeUndefined();
    expect(sent).toEqual(['GET', 'PUT']);
  });
});
