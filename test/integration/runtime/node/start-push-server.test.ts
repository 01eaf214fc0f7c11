import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogEntry } from '../../../../connector/platform.ts';
import {
  defaultLimits,
  type PushServer,
  type PushServerLimits,
  startPushServer,
} from '../../../../runtime/node/start-push-server.ts';
import type {
  PushReply,
  PushRequest,
  PushRequestHead,
  Refused,
} from '../../../../triggers/sources/source.ts';
import {
  maxMessageBytes,
  RejectedRequest,
} from '../../../../triggers/sources/webhook-auth/request-checks.ts';

// The real timers, unless a test holds a wait.
vi.mock('node:timers/promises', async (original) => {
  const timers = await original<typeof import('node:timers/promises')>();
  return { ...timers, setTimeout: vi.fn(timers.setTimeout) };
});

const never = new AbortController().signal;
const accepted: PushReply = { status: 202, headers: {}, body: '' };
let received: PushRequest[];
let server: PushServer;
let answer: (request: PushRequest) => Promise<PushReply>;
let log: LogEntry[];

beforeEach(async () => {
  received = [];
  log = [];
  answer = async () => accepted;
  server = await start();
});

afterEach(() => server.close(AbortSignal.abort()));

/** Starts a server with one source. A request with the header `authorization: wrong` has a wrong secret. */
function start(limits: Partial<PushServerLimits> = {}): Promise<PushServer> {
  const endpoint = {
    checkHead: ({ headers }: PushRequestHead): Refused | undefined =>
      headers.authorization?.[0] === 'wrong' ? wrongSecret : undefined,
    async receive(request: PushRequest) {
      received.push(request);
      return { kind: 'accepted' as const, events: [], reply: await answer(request) };
    },
  };
  return startPushServer({
    port: 0,
    host: '127.0.0.1',
    sources: new Map([['workos', endpoint]]),
    log: (entry) => log.push(entry),
    now: Date.now,
    limits: { lingerInMs: 50, ...limits },
  });
}

const wrongSecret = new RejectedRequest('authentication_failed', {
  what: 'The secret is wrong.',
  nextStep: 'Correct it.',
  status: 401,
}).refused;

/** The timers of the server from now on. Those of Node's own servers are not among them. */
function useFakeTimers() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  return {
    pass: (ms: number) => vi.advanceTimersByTime(ms),
    [Symbol.dispose]: () => vi.useRealTimers(),
  };
}

/** Sends bytes as they are, and returns all that comes back until the connection is closed. */
async function sendRaw(bytes: string | Uint8Array): Promise<string> {
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
  socket.write(bytes);
  return text(socket);
}

it('passes on the raw body, the method, and every value of every header', async () => {
  const body = Buffer.from([0x7b, 0xff, 0x00, 0xc3, 0x28, 0x7d]);
  const head =
    'POST /workos?x=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Signature: one\r\nx-signature: two\r\n' +
    `Authorization: a\r\nAuthorization: b\r\nContent-Length: ${body.length}\r\n\r\n`;
  expect(await sendRaw(Buffer.concat([Buffer.from(head), body]))).toMatch(/^HTTP\/1\.1 202 /);
  expect(received).toHaveLength(1);
  const [{ method, headers, body: bytes } = { method: '', headers: {}, body: new Uint8Array() }] = received;
  expect(method).toBe('POST');
  expect(headers['x-signature']).toEqual(['one', 'two']);
  expect(headers.authorization).toEqual(['a', 'b']);
  expect(Buffer.from(bytes)).toEqual(body);
});

it('passes on a GET, with which Okta verifies a hook', async () => {
  answer = async () => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '{"verification":"x"}',
  });
  const response = await fetch(`${server.origin}/workos`, {
    headers: { 'x-okta-verification-challenge': 'x' },
  });
  expect([response.status, await response.json()]).toEqual([200, { verification: 'x' }]);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(received[0]).toMatchObject({ method: 'GET', headers: { 'x-okta-verification-challenge': ['x'] } });
});

it('responds with 202 and no body (RFC 8935)', async () => {
  const response = await fetch(`${server.origin}/workos`, { method: 'POST', body: '{}' });
  expect([response.status, await response.text()]).toEqual([202, '']);
});

it('responds to /healthz', async () => {
  expect((await fetch(`${server.origin}/healthz`)).status).toBe(200);
  expect(received).toEqual([]);
});

it.each(['/', '/okta_event_hook', '/workos/x', '//workos', '/__proto__'])(
  'responds with 404 at %s',
  async (path) => {
    expect((await fetch(server.origin + path, { method: 'POST', body: '{}' })).status).toBe(404);
    expect(received).toEqual([]);
  },
);

it('rejects a body that is too long, with and without Content-Length, and serves the next request', async () => {
  const long = 'x'.repeat(maxMessageBytes + 1);
  const refused = await fetch(`${server.origin}/workos`, { method: 'POST', body: long });
  expect(refused.status).toBe(413);
  const chunks = new ReadableStream({
    start(controller) {
      for (let sent = 0; sent < long.length; sent += 65_536)
        controller.enqueue(Buffer.from(long.slice(0, 65_536)));
      controller.close();
    },
  });
  const unstated = { method: 'POST', body: chunks, duplex: 'half' } as RequestInit;
  expect((await fetch(`${server.origin}/workos`, unstated)).status).toBe(413);
  expect(received).toEqual([]);
  expect(
    (await fetch(`${server.origin}/workos`, { method: 'POST', body: 'x'.repeat(maxMessageBytes) })).status,
  ).toBe(202);
});

it('asks the sender to retry if its events could not be stored', async () => {
  answer = () => Promise.reject(new Error('the disk is full, says /home/ada/watch.state'));
  const response = await fetch(`${server.origin}/workos`, { method: 'POST', body: '{}' });
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10']);
  expect(await response.text()).not.toContain('ada');
});

it('survives a sender that disconnects during a request', async () => {
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
  socket.write('POST /workos HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
  await once(socket, 'connect');
  socket.destroy();
  expect((await fetch(`${server.origin}/workos`, { method: 'POST', body: '{}' })).status).toBe(202);
  expect(received).toHaveLength(1);
});

describe('closing the server', () => {
  it('completes requests in progress, and accepts no new ones', async () => {
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    answer = async () => {
      begun.resolve();
      await go.promise;
      return accepted;
    };
    const inFlight = fetch(`${server.origin}/workos`, { method: 'POST', body: '{}' });
    await begun.promise;
    const closing = server.close(never);
    await expect(fetch(`${server.origin}/workos`, { method: 'POST', body: '{}' })).rejects.toThrow();
    go.resolve();
    expect((await inFlight).status).toBe(202);
    await closing;
    await server.close(never);
    expect(received).toHaveLength(1);
  });

  it('aborts requests in progress when the signal is aborted', async () => {
    const begun = Promise.withResolvers<void>();
    answer = () => {
      begun.resolve();
      return new Promise(() => undefined);
    };
    const inFlight = fetch(`${server.origin}/workos`, { method: 'POST', body: '{}' });
    await begun.promise;
    const abort = new AbortController();
    const closing = server.close(abort.signal);
    abort.abort();
    await expect(inFlight).rejects.toThrow();
    await closing;
  });

  it.each([
    ['sends nothing', '', 0],
    ['sends a part of a head', 'POST /workos HTTP/1.1\r\nHost: x\r\n', defaultLimits.headInMs],
    [
      'sends a part of a body',
      'POST /workos HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{',
      defaultLimits.requestInMs,
    ],
  ])('waits for no sender that %s, and completes what others have sent', async (_, bytes, timeoutInMs) => {
    const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    answer = async () => {
      begun.resolve();
      await go.promise;
      return accepted;
    };
    const silent = connect(Number(new URL(server.origin).port), '127.0.0.1');
    await once(silent, 'connect');
    silent.write(bytes);
    const inFlight = fetch(`${server.origin}/workos`, { method: 'POST', body: '{}' });
    await begun.promise;
    using timers = useFakeTimers();
    const closing = server.close(never);
    timers.pass(timeoutInMs);
    await expect(text(silent)).resolves.toBe('');
    go.resolve();
    expect((await inFlight).status).toBe(202);
    await closing;
    expect(received).toHaveLength(1);
  });
});

describe('before the body is read', () => {
  /** The head of a request that never sends the body it announces. */
  const withoutBody = (...headers: readonly string[]): string =>
    ['POST /workos HTTP/1.1', 'Host: x', 'Content-Length: 1000', ...headers, '', ''].join('\r\n');

  it('rejects a wrong secret', async () => {
    expect(await sendRaw(withoutBody('Authorization: wrong'))).toMatch(/^HTTP\/1\.1 401 /);
    expect(received).toEqual([]);
  });

  it('rejects a request to no source', async () => {
    const head = withoutBody().replace('/workos', '/x');
    expect(await sendRaw(head)).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('asks for the body only if the head is accepted', async () => {
    const expecting = ['Expect: 100-continue', 'Connection: close'];
    expect(await sendRaw(withoutBody(...expecting, 'Authorization: wrong'))).toMatch(/^HTTP\/1\.1 401 /);
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
    socket.write(withoutBody(...expecting));
    const [first] = await once(socket, 'data');
    expect(String(first)).toMatch(/^HTTP\/1\.1 100 /);
    socket.write('x'.repeat(1000));
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 202 /);
  });

  it('lets a sender that has sent its body see the rejection', async () => {
    const headers = { authorization: 'wrong' };
    const body = 'x'.repeat(maxMessageBytes);
    await server.close(never);
    server = await start({ lingerInMs: 5_000 });
    expect((await fetch(`${server.origin}/workos`, { method: 'POST', headers, body })).status).toBe(401);
  });
});

describe('limits', () => {
  const post = (headers = {}): Promise<Response> =>
    fetch(`${server.origin}/workos`, { method: 'POST', body: '{}', headers });

  async function restart(limits: Partial<PushServerLimits>): Promise<void> {
    await server.close(AbortSignal.abort());
    server = await start(limits);
  }

  it('asks the senders of too many requests to retry', async () => {
    await restart({ requests: 1 });
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    answer = async () => {
      begun.resolve();
      await go.promise;
      return accepted;
    };
    const first = post();
    await begun.promise;
    const second = await post();
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '1']);
    go.resolve();
    expect((await first).status).toBe(202);
    expect((await post()).status).toBe(202);
  });

  it('closes connections beyond the limit at once, and says so in the log', async () => {
    await restart({ connections: 1 });
    const { port } = new URL(server.origin);
    const first = connect(Number(port), '127.0.0.1');
    await once(first, 'connect');
    const second = connect(Number(port), '127.0.0.1').on('error', () => undefined);
    await once(second, 'close');
    expect(log).toMatchObject([{ level: 'warn', event: 'push_rejected', status: 0 }]);
    first.destroy();
  });

  it('ends a request whose body is too slow', async () => {
    await restart({ headInMs: 50, requestInMs: 100 });
    const head = 'POST /workos HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf';
    expect(await sendRaw(head)).toMatch(/^HTTP\/1\.1 408 /);
    expect(received).toEqual([]);
  });

  it('answers no more wrong secrets than may wait, and still accepts the correct one', async () => {
    await restart({ delayedResponses: 1 });
    const begun = Promise.withResolvers<void>();
    const delay = Promise.withResolvers<void>();
    vi.mocked(wait).mockImplementationOnce(() => {
      begun.resolve();
      return delay.promise;
    });
    const delayed = post({ authorization: 'wrong' });
    await begun.promise;
    for (let tries = 0; tries < 2; tries += 1)
      await expect(post({ authorization: 'wrong' })).rejects.toThrow();
    expect((await post()).status).toBe(202);
    delay.resolve();
    expect((await delayed).status).toBe(401);
  });

  it('logs wrong secrets as a sum', async () => {
    for (let tries = 0; tries < 3; tries += 1) await post({ authorization: 'wrong' });
    const refused = { level: 'warn', event: 'push_rejected', origin: 'workos', status: 401, code: 'auth' };
    expect(log).toMatchObject([refused]);
    await server.close(never);
    expect(log).toMatchObject([refused, { ...refused, count: 2 }]);
  });
});
