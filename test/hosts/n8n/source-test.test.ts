import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createHost } from '../../../hosts/n8n/runtime/create-host.ts';
import type { SourceTest } from '../../../hosts/n8n/runtime/source-test.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';

const host = createHost(loadManifest(), async () => undefined);

/** The part of a request that the tests look at. */
interface Sent {
  readonly method: string;
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
/** A status with its body, by the part of the URL behind the host. */
type Answers = Readonly<Record<string, readonly [status: number, body: unknown]>>;

const keys = { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] };
const token = { issuer: 'i', audience: 'a', jwksUrl: 'https://scim.example.com/jwks' };
const credentials = {
  push: { source: 'security_event_token', ...token },
  poll: {
    source: 'security_event_poll',
    ...token,
    pollUrl: 'https://scim.example.com/poll',
    pollToken: 'poll-token',
  },
  okta: {
    source: 'okta_event_hook',
    secret: 'a-long-random-value',
    orgUrl: 'https://acme.okta.com',
    apiToken: 'admin-token',
  },
  workato: {
    source: 'workato_activity_log',
    apiUrl: 'https://www.workato.com/api',
    apiToken: 'client-token',
  },
  workos: { source: 'workos_events', apiKey: 'sk_1' },
} as const;

/** Tests a credential. A URL without an answer does not respond. */
async function test(data: object, answers: Answers): Promise<{ result: SourceTest; sent: readonly Sent[] }> {
  const sent: Sent[] = [];
  const request = async (options: object): Promise<never> => {
    const one = options as Sent;
    sent.push(one);
    const [, answer] = Object.entries(answers).find(([path]) => one.uri.includes(path)) ?? [];
    if (answer === undefined) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const [statusCode, body] = answer;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { statusCode, headers: {}, body: Readable.from([Buffer.from(text)]) } as never;
  };
  const log = (): void => undefined;
  const functions = { logger: { debug: log, info: log, warn: log }, helpers: { request } };
  return { result: await host.testEventSource(functions, data as Record<string, unknown>), sent };
}

const connected: SourceTest = { isConnected: true };
const hooks = 'https://acme.okta.com/api/v1/eventHooks';

describe('the test of a credential of an event source', () => {
  it('fetches the keys that verify pushed tokens', async () => {
    const { result, sent } = await test(credentials.push, { '/jwks': [200, keys] });
    expect(result).toEqual(connected);
    expect(sent.map(({ method, uri }) => [method, uri])).toEqual([['GET', token.jwksUrl]]);
  });

  it('polls a stream for no events, and acknowledges nothing', async () => {
    const answers: Answers = { '/jwks': [200, keys], '/poll': [200, { sets: {} }] };
    const { result, sent } = await test(credentials.poll, answers);
    expect(result).toEqual(connected);
    expect(JSON.parse(sent[1]?.body ?? '')).toEqual({ maxEvents: 0, returnImmediately: true });
    expect(sent[1]?.headers).toMatchObject({ authorization: 'Bearer poll-token' });
  });

  it("lists Okta's hooks with the API token, and changes nothing", async () => {
    const { result, sent } = await test(credentials.okta, { '/eventHooks': [200, []] });
    expect(result).toEqual(connected);
    expect(sent.map(({ method, uri }) => [method, uri])).toEqual([['GET', hooks]]);
  });

  it.each([
    ['workato', 'https://www.workato.com/api/activity_logs?'],
    ['workos', 'https://api.workos.com/events?'],
  ] as const)('reads one page of the log of %s', async (name, url) => {
    const { result, sent } = await test(credentials[name], { [url]: [200, { data: [] }] });
    expect(result).toEqual(connected);
    expect(sent).toHaveLength(1);
  });

  it('says that settings without a URL were not tried', async () => {
    const { orgUrl: _, apiToken: __, ...manual } = credentials.okta;
    const { result, sent } = await test(manual, {});
    expect(result).toEqual({ isConnected: false });
    expect(sent).toEqual([]);
  });

  const answered = (status: number, body: unknown = {}): Answers => ({ 'https://': [status, body] });
  it.each<[keyof typeof credentials, string, Answers, string]>([
    ['push', 'no response', {}, 'cannot be fetched: the connection was refused. Check "JWKS URL".'],
    ['push', '404', answered(404), 'the response has status 404. Check "JWKS URL".'],
    [
      'push',
      'a web page',
      answered(200, '<html></html>'),
      'the response is not a key set. Check "JWKS URL".',
    ],
    [
      'push',
      'no keys',
      answered(200, { keys: [] }),
      'The key set of the issuer has no keys. Check "JWKS URL".',
    ],
    [
      'poll',
      '401',
      { '/jwks': [200, keys], '/poll': [401, {}] },
      'The event stream responded with status 401. Use a valid token as "Poll Token".',
    ],
    [
      'poll',
      '403',
      { '/jwks': [200, keys], '/poll': [403, {}] },
      'status 403. Grant "Poll Token" permission to read the stream.',
    ],
    ['poll', 'no response', { '/jwks': [200, keys] }, 'check "Poll URL" and the network'],
    [
      'okta',
      '401',
      answered(401),
      'The Okta organization responded with status 401. Use a valid Okta token as "API Token".',
    ],
    ['okta', '403', answered(403), 'Use the token of an administrator who can manage event hooks'],
    ['okta', '404', answered(404), 'Check "Okta Domain", the URL of the organization without "-admin".'],
    [
      'okta',
      'a web page',
      answered(200, '<html></html>'),
      'The response is not from the Okta event hooks API. Check "Okta Domain"',
    ],
    ['okta', 'no response', {}, 'No response from the Okta organization: the connection was refused.'],
    ['workato', '401', answered(401), 'as "API Token", and the "API URL" of its data center.'],
    [
      'workato',
      '403',
      answered(403),
      'grant the role of the API client the endpoint "Get activity audit log"',
    ],
    ['workato', '404', answered(404), 'Check that "API URL" is the Developer API of your data center'],
    ['workos', '401', answered(401), 'Use a valid API key of the WorkOS environment as "API Key".'],
    ['workos', '403', answered(403), 'grant "API Key" permission to read events'],
  ])('explains an error in the labels of the form: %s, %s', async (name, _, answers, text) => {
    const { result } = await test(credentials[name], answers);
    expect(result).toEqual({ problem: expect.stringContaining(text) });
    expect(JSON.stringify(result)).not.toMatch(/`|poll-token|admin-token|client-token|sk_1/);
  });

  it('rejects a secret that can be guessed, before it connects', async () => {
    const { result, sent } = await test({ ...credentials.okta, secret: 'short' }, {});
    expect(result).toEqual({
      problem: expect.stringMatching(/"Secret" must have at least 16 characters.*in "Previous Secret"/),
    });
    expect(sent).toEqual([]);
  });
});
