import { Agent } from 'node:http';
import axios, { type AxiosInstance } from 'axios';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConnectionLimits } from '../../../../connector/connection.ts';
import { type Connector, type ConnectorOptions, createConnector } from '../../../../runtime/index.ts';
import { expectNoSecret } from '../../../support/expect-no-secret.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { listen, type TestServer } from '../../../support/listen.ts';
import { startHttpProxy } from '../../../support/start-http-proxy.ts';

const token = 'secret-token-5f2c9a';
const user = { user: { id: '1' } };
const ada = { id: '1', userName: 'ada' };

interface Seen {
  readonly line: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

let server: TestServer;
let connector: Connector;
let seen: Seen[] = [];
let respond: (
  path: string,
) => { status?: number; headers?: Record<string, string>; body?: unknown } | undefined;

beforeEach(async () => {
  seen = [];
  respond = () => ({ body: ada });
  server = await listen((request, response) => {
    seen.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    const answer = respond(request.url ?? '');
    if (answer === undefined) return;
    const { status = 200, headers = {}, body } = answer;
    response.writeHead(status, { 'content-type': 'application/scim+json', ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
});

afterEach(async () => {
  connector.close();
  await server.close();
  vi.unstubAllEnvs();
});

function connect(
  instance: AxiosInstance,
  options: Pick<ConnectorOptions, 'log'> & Partial<ConnectionLimits & { readonly baseUrl: string }> = {},
): Connector {
  connector = createConnector({ baseUrl: `${server.origin}/scim/v2`, token, axios: instance, ...options });
  return connector;
}

describe('an axios instance in the options', () => {
  it('sends every request, with its interceptors, defaults and agent', async () => {
    const httpAgent = new Agent({ keepAlive: true });
    const createConnection = vi.spyOn(httpAgent, 'createConnection');
    const instance = axios.create({ headers: { 'x-tenant': 'acme' }, httpAgent });
    const sent: (string | undefined)[] = [];
    instance.interceptors.request.use((config) => {
      sent.push(config.url);
      config.headers.set('x-signature', 'signed');
      return config;
    });

    expect(await connect(instance).actions.get_user(user)).toMatchObject(ada);
    httpAgent.destroy();

    expect(sent).toEqual([`${server.origin}/scim/v2/Users/1`]);
    expect(createConnection).toHaveBeenCalledOnce();
    expect(seen).toMatchObject([
      {
        line: 'GET /scim/v2/Users/1',
        headers: { authorization: `Bearer ${token}`, 'x-tenant': 'acme', 'x-signature': 'signed' },
      },
    ]);
  });

  it('cannot redirect requests by its own base URL', async () => {
    const instance = axios.create({ baseURL: 'http://127.0.0.1:1/other', allowAbsoluteUrls: false });

    expect(await connect(instance).actions.get_user(user)).toMatchObject(ada);
  });

  it('sends with an adapter of its own', async () => {
    const adapter = vi.fn(async (config) => ({
      data: JSON.stringify(ada),
      status: 200,
      statusText: 'OK',
      headers: {},
      config,
    }));

    expect(await connect(axios.create({ adapter })).actions.get_user(user)).toMatchObject(ada);
    expect(adapter).toHaveBeenCalledOnce();
    expect(seen).toEqual([]);
  });

  it('lets an interceptor retry after a 401', async () => {
    respond = () => (seen.length === 1 ? { status: 401, body: {} } : { body: ada });
    const instance = axios.create();
    instance.interceptors.response.use(undefined, (error) =>
      error.response.status === 401 ? instance.request({ ...error.config }) : Promise.reject(error),
    );

    expect(await connect(instance).actions.get_user(user)).toMatchObject(ada);
    expect(seen).toHaveLength(2);
  });

  it.each([
    ['its default', undefined],
    ['one that accepts everything', () => true],
    ['one that accepts nothing', () => false],
  ])('does not decide which statuses are errors (validateStatus: %s)', async (_, validateStatus) => {
    respond = () => ({ status: 409, body: { detail: 'Taken.', scimType: 'uniqueness' } });
    const instance = axios.create(validateStatus === undefined ? {} : { validateStatus });

    const error = await failureOf(connect(instance).actions.get_user(user));

    expect(error).toMatchObject({ code: 'conflict', status: 409, detail: 'Taken.' });
  });

  it('can parse the body in an interceptor', async () => {
    const instance = axios.create();
    instance.interceptors.response.use((response) => ({ ...response, data: JSON.parse(response.data) }));

    expect(await connect(instance).actions.get_user(user)).toMatchObject(ada);
  });

  it.each(['http', 'fetch'] as const)('does not follow redirects (%s)', async (adapter) => {
    respond = (path) =>
      path.startsWith('/scim/v2')
        ? { status: 307, headers: { location: 'http://localhost:1/' } }
        : { body: ada };

    const error = await failureOf(connect(axios.create({ adapter, maxRedirects: 5 })).actions.get_user(user));

    expect(error).toMatchObject({ code: 'provider_fault' });
    expect(seen.map(({ line }) => line)).toEqual(['GET /scim/v2/Users/1']);
  });

  it.each([
    ['http', axios.create({ adapter: 'http', maxContentLength: -1 })],
    ['fetch', axios.create({ adapter: 'fetch', maxContentLength: -1 })],
    [
      'one that reads without end',
      axios.create({
        adapter: async (config) => ({
          data: JSON.stringify({ ...ada, title: 'x'.repeat(100_000) }),
          status: 200,
          statusText: 'OK',
          headers: {},
          config,
        }),
      }),
    ],
  ])('cannot exceed the response size limit (%s)', async (_, instance) => {
    respond = () => ({ body: { ...ada, title: 'x'.repeat(100_000) } });

    const error = await failureOf(connect(instance, { maxResponseBytes: 50_000 }).actions.get_user(user));

    expect(error).toMatchObject({ code: 'provider_fault', attempts: 1 });
    expect(error.message).toContain('larger than 50000 bytes');
  });

  it.each([
    ['http', axios.create({ adapter: 'http' })],
    ['one that knows no signal', axios.create({ adapter: () => new Promise(() => undefined) })],
  ])('ends at the timeout and at an abort (%s)', async (_, instance) => {
    respond = () => undefined;
    // No time is left for a second attempt, whatever the wait before it would be.
    const limits = { timeoutInMs: 150, deadlineInMs: 150 };
    const late = await failureOf(connect(instance, limits).actions.get_user(user));
    const controller = new AbortController();
    const run = connect(instance).actions.get_user(user, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 50);

    expect(late.message).toMatch(/no response within \d+ ms/);
    await expect(run).rejects.toThrow('enough');
  });

  it('does not use a proxy for loopback', async () => {
    const proxy = await startHttpProxy(1);
    vi.stubEnv('HTTP_PROXY', proxy.origin);
    vi.stubEnv('http_proxy', proxy.origin);

    expect(await connect(axios.create()).actions.get_user(user)).toMatchObject(ada);
    expect(proxy.seen).toEqual([]);
    await proxy.close();
  });

  it('sends no invalid header', async () => {
    const error = await failureOf(
      connect(axios.create()).actions.update_user({ ...user, title: 'x', ifVersion: 'W/"1"\r\nx: y' }),
    );

    expect(error.code).toBe('invalid_input');
    expect(seen).toEqual([]);
  });

  it.each<readonly [string, () => AxiosInstance]>([
    [
      'an interceptor that fails with the request in its message',
      () => {
        const instance = axios.create();
        instance.interceptors.request.use((config) => {
          throw new Error(`no certificate for ${JSON.stringify(config.headers)}`);
        });
        return instance;
      },
    ],
    [
      'an interceptor that fails with the response',
      () => {
        const instance = axios.create();
        instance.interceptors.response.use((response) => {
          throw Object.assign(new Error('stopped'), { response, config: response.config });
        });
        return instance;
      },
    ],
    ['a host that is not there', () => axios.create({ httpAgent: new Agent({ lookup: undefined }) })],
  ])('leaks no secret: %s', async (name, create) => {
    const options = name.startsWith('a host') ? { baseUrl: 'https://idp.invalid/scim/v2' } : {};
    const error = await failureOf(connect(create(), options).actions.get_user(user));

    expect(error).toMatchObject({ code: 'unavailable', attempts: 1 });
    expectNoSecret(error, token);
  });

  it('causes an error if an interceptor returns no response', async () => {
    const instance = axios.create();
    instance.interceptors.response.use((response) => response.data);

    const error = await failureOf(connect(instance).actions.get_user(user));

    expect(error.message).toContain('an interceptor did not return a response');
  });

  it('is rejected if it is not an axios instance', () => {
    expect(() => connect({} as AxiosInstance)).toThrow('must be an axios instance');
  });
});
