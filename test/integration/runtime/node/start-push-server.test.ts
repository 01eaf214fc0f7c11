import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PushServer, startPushServer } from '../../../../runtime/node/start-push-server.ts';
import type { PushReply, PushRequest } from '../../../../triggers/sources/source.ts';

const never = new AbortController().signal;
const accepted: PushReply = { status: 202, headers: {}, body: '' };
let received: PushRequest[];
let server: PushServer;
let answer: (request: PushRequest) => Promise<PushReply>;

beforeEach(async () => {
  received = [];
  answer = async () => accepted;
  const take = (request: PushRequest): Promise<PushReply> => {
    received.push(request);
    return answer(request);
  };
  server = await startPushServer({ port: 0, host: '127.0.0.1', sources: new Map([['workos', take]]) });
});

afterEach(() => server.close(AbortSignal.abort()));

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
  const long = 'x'.repeat(1_048_577);
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
    (await fetch(`${server.origin}/workos`, { method: 'POST', body: 'x'.repeat(1_048_576) })).status,
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
});
