import dns from 'node:dns';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Connector, createConnector } from '../../../../runtime/index.ts';
import { expectNoSecret } from '../../../support/expect-no-secret.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { listenTls, type TlsServer } from '../../../support/listen-tls.ts';
import { type HttpProxy, startHttpProxy } from '../../../support/start-http-proxy.ts';

const token = 'secret-token-5f2c9a';
const host = 'idp.example.com';
const user = { user: { id: '1' } };
const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);
const trusted = getCACertificates('default');

let provider: TlsServer;
let proxy: HttpProxy;
let connector: Connector | undefined;
const seen: { readonly path: string; readonly authorization: string; readonly proxyHeader: unknown }[] = [];

beforeEach(async () => {
  seen.length = 0;
  for (const name of variables) vi.stubEnv(name, undefined);
  provider = await listenTls(host, ({ url = '', headers }, response) => {
    seen.push({
      path: url,
      authorization: headers.authorization ?? '',
      proxyHeader: headers['proxy-authorization'],
    });
    response.setHeader('content-type', 'application/scim+json');
    response.end(JSON.stringify({ id: '1', userName: 'ada' }));
  });
  setDefaultCACertificates([...trusted, provider.certificate]);
});

afterEach(async () => {
  vi.useRealTimers();
  connector?.close();
  connector = undefined;
  await proxy.close();
  await provider.close();
  setDefaultCACertificates(trusted);
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function connect(baseUrl: string, limits: { timeoutInMs?: number; deadlineInMs?: number } = {}): Connector {
  connector = createConnector({ baseUrl, token, allowPlainHttp: true, ...limits });
  return connector;
}

type Lookup = (error: Error) => void;

/** The waits between attempts are as short as they can be by chance. */
function waitShortly(): void {
  vi.spyOn(Math, 'random').mockReturnValue(0.01);
}

describe('an https request through a proxy', () => {
  it('uses a tunnel, and reuses it for the next request', async () => {
    proxy = await startHttpProxy(provider.port);
    vi.stubEnv('HTTPS_PROXY', proxy.origin);
    const { actions } = connect(`https://${host}/scim/v2`);

    for (let time = 0; time < 3; time += 1)
      expect(await actions.get_user(user)).toMatchObject({ userName: 'ada' });

    expect(proxy.seen.map(({ method, target }) => `${method} ${target}`)).toEqual([`CONNECT ${host}:443`]);
    expect(seen).toEqual(
      Array.from({ length: 3 }, () => ({
        path: '/scim/v2/Users/1',
        authorization: `Bearer ${token}`,
        proxyHeader: undefined,
      })),
    );
  });

  it('waits for a tunnel if all connections are in use', async () => {
    proxy = await startHttpProxy(provider.port);
    vi.stubEnv('HTTPS_PROXY', proxy.origin);
    connector = createConnector({ baseUrl: `https://${host}/scim/v2`, token, concurrency: 2 });
    const { get_user } = connector.actions;

    const found = await Promise.all(Array.from({ length: 9 }, () => get_user(user)));

    expect(found).toHaveLength(9);
    expect(proxy.seen).toHaveLength(2);
  });

  it('sends the proxy credentials to the proxy, and the token only to the provider', async () => {
    proxy = await startHttpProxy(provider.port);
    vi.stubEnv('https_proxy', proxy.origin.replace('http://', 'http://me:p%40ss@'));

    await connect(`https://${host}/scim/v2`).actions.get_user(user);

    expect(proxy.seen[0]?.headers['proxy-authorization']).toBe(
      `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
    );
    expectNoSecret(proxy.seen, token);
    expect(seen[0]?.proxyHeader).toBeUndefined();
  });

  it('verifies the certificate of the provider', async () => {
    setDefaultCACertificates(trusted);
    proxy = await startHttpProxy(provider.port);
    vi.stubEnv('ALL_PROXY', proxy.origin);

    const error = await failureOf(connect(`https://${host}/scim/v2`).actions.get_user(user));

    expect(error).toMatchObject({ code: 'unavailable', attempts: 1 });
    expect(error.message).toContain('the TLS certificate or encryption was rejected');
    expect(seen).toEqual([]);
  });

  it.each([201, 204, 302, 403, 407])(
    'fails with a transport error if the proxy responds with %i',
    async (status) => {
      proxy = await startHttpProxy(provider.port, status);
      vi.stubEnv('HTTPS_PROXY', proxy.origin);

      const error = await failureOf(connect(`https://${host}/scim/v2`).actions.get_user(user));

      expect(error).toMatchObject({ code: 'unavailable', attempts: 1 });
      expect(error.message).toContain(`the proxy refused the connection with status ${status}`);
    },
  );

  it('is retried if the proxy cannot reach the provider', async () => {
    proxy = await startHttpProxy(provider.port, 502);
    vi.stubEnv('HTTPS_PROXY', proxy.origin);
    waitShortly();

    const error = await failureOf(connect(`https://${host}/scim/v2`).actions.get_user(user));

    expect(error).toMatchObject({ code: 'unavailable', attempts: 5 });
    expect(error.message).toContain('the proxy refused the connection with status 502');
    expect(proxy.seen).toHaveLength(5);
  });

  it('reports the proxy if nothing is listening there', async () => {
    proxy = await startHttpProxy(provider.port);
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1');
    waitShortly();

    const error = await failureOf(connect(`https://${host}/scim/v2`).actions.get_user(user));

    expect(error.message).toContain('the proxy is unreachable');
    expect(error.nextStep).toContain('HTTPS_PROXY');
  });

  it('fails if the proxy is not an HTTP proxy, and does not bypass it', async () => {
    proxy = await startHttpProxy(provider.port);
    vi.stubEnv('HTTPS_PROXY', 'socks5://127.0.0.1:1080');

    const error = await failureOf(connect(`https://${host}/scim/v2`).actions.get_user(user));

    expect(error).toMatchObject({ code: 'unavailable', attempts: 1 });
    expect(error.message).toContain('the proxy in the environment is not an http or https URL');
  });

  it.each<readonly [string, (running: Connector, signal: AbortSignal) => Promise<unknown>]>([
    ['the timeout', (running) => running.actions.get_user(user)],
    ['an abort', (running, signal) => running.actions.get_user(user, { signal })],
  ])('ends at %s if the proxy does not respond, and closes the connection', async (way, run) => {
    proxy = await startHttpProxy(provider.port, 'silent');
    vi.stubEnv('HTTPS_PROXY', proxy.origin);
    // The time passes once the proxy has the request, however long that takes.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const isAbort = way === 'an abort';
    // No time is left for a second attempt, whatever the wait before it would be.
    const running = connect(`https://${host}/scim/v2`, { timeoutInMs: 400, deadlineInMs: 400 });
    const controller = new AbortController();
    const ended = run(running, controller.signal).then(
      () => 'done',
      (error: Error) => error.message,
    );
    while (proxy.seen.length === 0) await sleep(5);
    if (isAbort) controller.abort(new Error('enough'));
    else vi.advanceTimersByTime(400);

    expect(await ended).toMatch(isAbort ? /^enough$/ : /no response within \d+ ms/);
    while (proxy.openConnections() > 0) await sleep(5);
  });
});

describe('an http request through a proxy', () => {
  it('sends the full URL, with the host of the provider', async () => {
    proxy = await startHttpProxy(provider.port);
    vi.stubEnv('HTTP_PROXY', proxy.origin.replace('http://', 'http://me:pass@'));

    const found = await connect(`http://${host}:8080/scim/v2`).actions.get_user(user);

    expect(found).toMatchObject({ userName: 'from-the-proxy' });
    expect(proxy.seen).toMatchObject([
      {
        method: 'GET',
        target: `http://${host}:8080/scim/v2/Users/1`,
        headers: {
          host: `${host}:8080`,
          'proxy-authorization': `Basic ${Buffer.from('me:pass').toString('base64')}`,
        },
      },
    ]);
  });
});

describe('a request without a proxy', () => {
  it.each(['127.0.0.1', 'localhost', '127.9.9.9', '[::1]'])(
    'goes to loopback (%s) even if the environment sets a proxy',
    async (name) => {
      proxy = await startHttpProxy(provider.port);
      for (const variable of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy'])
        vi.stubEnv(variable, proxy.origin);

      // Nothing is listening on port 1: only the destination of the request matters.
      waitShortly();
      for (const scheme of ['http', 'https'])
        await failureOf(connect(`${scheme}://${name}:1/scim/v2`).actions.get_user(user));

      expect(proxy.seen).toEqual([]);
    },
  );

  it('goes to a host in NO_PROXY', async () => {
    proxy = await startHttpProxy(provider.port);
    vi.stubEnv('HTTPS_PROXY', proxy.origin);
    vi.stubEnv('NO_PROXY', '.invalid');
    const lookup = vi
      .spyOn(dns, 'lookup')
      .mockImplementation(((_: string, __: object, done: Lookup) =>
        done(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }))) as never);

    const error = await failureOf(connect('https://idp.invalid/scim/v2').actions.get_user(user));

    expect(error.message).toMatch(/does not exist/);
    expect(lookup.mock.calls.map(([name]) => name)).toEqual(['idp.invalid']);
    expect(proxy.seen).toEqual([]);
  });
});
