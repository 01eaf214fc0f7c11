import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { HttpRequest } from '../../../../connector/platform.ts';
import { createHttpClient } from '../../../../runtime/node/http-client.ts';
import { listen, type TestServer } from '../../../support/listen.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: TestServer | undefined;
const client = createHttpClient();

afterEach(async () => {
  vi.useRealTimers();
  client.close();
  await server?.close();
  server = undefined;
});

/** From now on, no timer of the client fires unless the test lets time pass: a busy machine is no timeout. */
function stopTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
}

async function get(handler: Handler, request: Partial<HttpRequest> = {}) {
  server = await listen(handler);
  return client.send({
    method: 'GET',
    url: `${server.origin}/scim/v2/Users`,
    headers: { authorization: 'Bearer secret-token-5f2c9a' },
    timeoutInMs: 10_000,
    maxResponseBytes: 10_000,
    ...request,
  });
}

const text = JSON.stringify({ userName: 'Zoë', note: 'x'.repeat(2_000) });
const encodings: readonly (readonly [string, (body: string | Buffer) => Buffer])[] = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['GZIP', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['compress', gzipSync],
];

describe('a compressed response', () => {
  it.each(encodings)('is decoded (%s)', async (encoding, compress) => {
    const response = await get((_, answer) => {
      answer.setHeader('content-encoding', encoding);
      answer.end(compress(text));
    });

    expect(response).toMatchObject({ status: 200, body: text });
  });

  it.each(encodings)('is rejected if its decoded size exceeds the limit (%s)', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(50_000_000));
    const before = process.memoryUsage().arrayBuffers;

    await expect(
      get(
        (_, answer) => {
          answer.setHeader('content-encoding', encoding);
          answer.end(bomb);
        },
        { maxResponseBytes: 200_000 },
      ),
    ).rejects.toMatchObject({ code: 'TOO_LARGE', message: 'the response is larger than 200000 bytes' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });

  it('is decoded if its size equals the limit', async () => {
    const handler: Handler = (_, answer) => {
      answer.setHeader('content-encoding', 'gzip');
      answer.end(gzipSync(text));
    };
    const maxResponseBytes = Buffer.byteLength(text);

    expect((await get(handler, { maxResponseBytes })).body).toBe(text);
    await server?.close();
    await expect(get(handler, { maxResponseBytes: maxResponseBytes - 1 })).rejects.toMatchObject({
      code: 'TOO_LARGE',
    });
  });

  it('causes a transport error if it is not in the declared encoding', async () => {
    await expect(
      get((_, answer) => {
        answer.setHeader('content-encoding', 'gzip');
        answer.end(text);
      }),
    ).rejects.toMatchObject({ name: 'TransportError', maybeSent: true, isTransient: true });
  });

  it.each(['gzip', 'br', 'deflate'])('may be empty (%s)', async (encoding) => {
    const response = await get((_, answer) => {
      answer.writeHead(204, { 'content-encoding': encoding });
      answer.end();
    });

    expect(response).toMatchObject({ status: 204, body: '' });
  });

  it.each(['identity', 'constructor', 'zstd'])(
    'is unchanged with an unsupported encoding (%s)',
    async (encoding) => {
      const response = await get((_, answer) => {
        answer.setHeader('content-encoding', encoding);
        answer.end(text);
      });

      expect(response.body).toBe(text);
    },
  );
});

describe('a response', () => {
  it('is rejected as soon as it exceeds the limit', async () => {
    await expect(
      get(
        (_, answer) => {
          answer.write('x'.repeat(2_000));
          answer.write('x'.repeat(2_000));
        },
        { maxResponseBytes: 3_000 },
      ),
    ).rejects.toMatchObject({ code: 'TOO_LARGE', isTransient: false });
  });

  it('is returned without a byte order mark', async () => {
    expect((await get((_, answer) => answer.end(`\ufeff${text}`))).body).toBe(text);
  });

  it('is decoded if a character spans two chunks', async () => {
    const [first, second] = [Buffer.from('"Zoë"').subarray(0, 4), Buffer.from('"Zoë"').subarray(4)];
    const response = await get((_, answer) => {
      answer.write(first, () => setTimeout(() => answer.end(second), 20));
    });

    expect(response.body).toBe('"Zoë"');
  });

  it('with a redirect is returned, not followed', async () => {
    const paths: (string | undefined)[] = [];
    const response = await get((request, answer) => {
      paths.push(request.url);
      answer.writeHead(302, { location: '/elsewhere' });
      answer.end();
    });

    expect(response).toMatchObject({ status: 302, headers: { location: '/elsewhere' } });
    expect(paths).toEqual(['/scim/v2/Users']);
  });

  it('has its header names in lower case, and repeated headers joined', async () => {
    const response = await get((_, answer) => {
      answer.writeHead(200, ['X-Request-Id', 'a', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
      answer.end();
    });

    expect(response.headers).toMatchObject({ 'x-request-id': 'a', 'set-cookie': 'a=1, b=2' });
  });
});

describe('a response with', () => {
  it('a repeated header that has one value is read by the first', async () => {
    const response = await get((_, answer) => {
      answer.writeHead(429, [
        'Retry-After',
        '5',
        'Retry-After',
        '7',
        'Content-Type',
        'text/plain',
        'Content-Type',
        'text/html',
      ]);
      answer.end();
    });

    expect(response.headers).toMatchObject({ 'retry-after': '5', 'content-type': 'text/plain' });
  });

  it('interim responses before it is read as the last one', async () => {
    const response = await get((_, answer) => {
      answer.writeProcessing();
      answer.writeEarlyHints({ link: '</style.css>; rel=preload' });
      answer.writeHead(201, { 'x-request-id': 'a' });
      answer.end(text);
    });

    expect(response).toMatchObject({ status: 201, headers: { 'x-request-id': 'a' }, body: text });
    expect(response.headers).not.toHaveProperty('link');
  });
});

describe('a request', () => {
  it.each(['DELETE', 'GET', 'POST', 'PATCH', 'PUT'] as const)(
    'has a content length if it has a body (%s)',
    async (method) => {
      const body = JSON.stringify({ displayName: 'Zoë' });
      let seen: IncomingMessage['headers'] = {};
      const response = await get(
        (request, answer) => {
          seen = request.headers;
          request.pipe(answer);
        },
        { method, body },
      );

      expect(response.body).toBe(body);
      expect(seen).toMatchObject({ 'content-length': String(Buffer.byteLength(body)) });
      expect(seen).not.toHaveProperty('transfer-encoding');
    },
  );

  it.each([
    ['a line break', 'W/"1"\r\nx-injected: yes'],
    ['a line feed', 'W/"1"\nx-injected: yes'],
    ['a null', 'W/"1"\0'],
    ['a letter that no header can hold', 'W/"Ł"'],
  ])('is rejected and not sent with %s in a header', async (_, value) => {
    const handler = vi.fn<Handler>((_request, answer) => answer.end());

    await expect(get(handler, { headers: { 'if-match': value } })).rejects.toMatchObject({
      code: 'ERR_INVALID_CHAR',
      message: expect.stringContaining('the request contains invalid'),
      maybeSent: false,
      isTransient: false,
    });
    expect(handler).not.toHaveBeenCalled();
  });

  it('cannot inject a header through its URL', async () => {
    const lines: (string | undefined)[] = [];
    server = await listen((request, answer) => {
      lines.push(request.url, request.headers['x-injected'] as string | undefined);
      answer.end();
    });
    await client.send({
      method: 'GET',
      url: `${server.origin}/Users/a b\r\nx-injected: yes`,
      headers: {},
      timeoutInMs: 10_000,
      maxResponseBytes: 100,
    });

    expect(lines).toEqual(['/Users/a%20bx-injected:%20yes', undefined]);
  });

  it('ignores credentials in its URL', async () => {
    let seen: string | undefined;
    server = await listen((request, answer) => {
      seen = request.headers.authorization;
      answer.end();
    });
    await client.send({
      method: 'GET',
      url: `${server.origin.replace('//', '//me:pass@')}/Users`,
      headers: { authorization: 'Bearer mine' },
      timeoutInMs: 10_000,
      maxResponseBytes: 100,
    });

    expect(seen).toBe('Bearer mine');
  });

  it('reuses the connection of the previous one', async () => {
    const ports = new Set<number | undefined>();
    server = await listen((request, answer) => {
      ports.add(request.socket.remotePort);
      answer.end();
    });
    const request = {
      method: 'GET',
      url: server.origin,
      headers: {},
      timeoutInMs: 10_000,
      maxResponseBytes: 100,
    } as const;
    for (let time = 0; time < 5; time += 1) await client.send(request);

    expect(ports.size).toBe(1);
  });

  it('opens another connection if the server has closed the idle one', async () => {
    const isClosed = Promise.withResolvers<void>();
    const bodies: string[] = [];
    server = await listen((request, answer) => {
      request.socket.on('close', () => isClosed.resolve());
      request.on('data', (chunk) => bodies.push(String(chunk)));
      request.on('end', () => answer.end(() => setImmediate(() => request.socket.end())));
    });
    const request = {
      method: 'POST',
      url: server.origin,
      headers: {},
      timeoutInMs: 10_000,
      maxResponseBytes: 100,
    } as const;
    await client.send({ ...request, body: 'one' });
    await isClosed.promise;

    expect(await client.send({ ...request, body: 'two' })).toMatchObject({ status: 200 });
    expect(bodies).toEqual(['one', 'two']);
  });

  it('leaves an idle connection, which ends when the client is closed', async () => {
    // By themselves, the client and the server would close it after some seconds.
    stopTime();
    const isClosed = Promise.withResolvers<'closed'>();
    await get((request, answer) => {
      if (server !== undefined) server.server.keepAliveTimeout = 0;
      request.socket.on('close', () => isClosed.resolve('closed'));
      answer.end();
    });
    client.close();

    expect(await isClosed.promise).toBe('closed');
  });
});

/** A TCP server. */
async function raw(onConnection: (socket: Socket) => void): Promise<{ url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const tcp = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    // A paused socket does not report that the other side has closed.
    socket.resume();
    onConnection(socket);
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  return {
    url: `http://127.0.0.1:${(tcp.address() as AddressInfo).port}/`,
    async close() {
      const closed = once(tcp, 'close');
      tcp.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/scim+json\r\ncontent-length: 100000\r\n\r\n';
const stages: readonly (readonly [string, (socket: Socket) => void])[] = [
  ['nothing', () => undefined],
  ['half a header', (socket) => socket.write(head.slice(0, 30))],
  ['a header', (socket) => socket.write(head)],
  ['a part of a body', (socket) => socket.write(`${head}{"Resources":`)],
  [
    'one byte after the other',
    (socket) => {
      socket.write(head);
      const timer = setInterval(() => socket.write(' '), 20);
      socket.on('close', () => clearInterval(timer));
    },
  ],
];

describe.each(stages)('a server that sends %s and no more', (_, onConnection) => {
  const request = { method: 'GET', headers: {}, maxResponseBytes: 1_000_000 } as const;

  it('causes a timeout, counted from the start of the request', async () => {
    stopTime();
    const isSent = Promise.withResolvers<void>();
    const tcp = await raw((socket) => {
      onConnection(socket);
      socket.once('data', () => isSent.resolve());
    });
    const sent = expect(client.send({ ...request, url: tcp.url, timeoutInMs: 250 })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      message: 'no response within 250 ms',
      maybeSent: true,
      isTransient: true,
    });
    await isSent.promise;
    vi.advanceTimersByTime(249);
    // If each byte started the count again, this would never end.
    await sleep(100);
    vi.advanceTimersByTime(1);

    await sent;
    await tcp.close();
  });

  it('is disconnected immediately when the signal aborts', async () => {
    const isConnected = Promise.withResolvers<void>();
    const isClosed = Promise.withResolvers<void>();
    const tcp = await raw((socket) => {
      onConnection(socket);
      socket.on('close', () => isClosed.resolve());
      isConnected.resolve();
    });
    const controller = new AbortController();
    const reason = new Error('enough');
    const sent = client.send({ ...request, url: tcp.url, timeoutInMs: 20_000, signal: controller.signal });
    void isConnected.promise.then(() => setTimeout(() => controller.abort(reason), 50));

    await expect(sent).rejects.toBe(reason);
    await isClosed.promise;
    await tcp.close();
  });

  it('causes a transport error when it closes the connection', async () => {
    const tcp = await raw((socket) => {
      onConnection(socket);
      socket.once('data', () => setTimeout(() => socket.destroy(), 60));
    });

    await expect(client.send({ ...request, url: tcp.url, timeoutInMs: 20_000 })).rejects.toMatchObject({
      name: 'TransportError',
      maybeSent: true,
      isTransient: true,
    });
    await tcp.close();
  });
});

describe('a server that accepts a connection, but not TLS', () => {
  const request = { method: 'GET', headers: {}, maxResponseBytes: 1_000_000 } as const;

  it.each(['a timeout', 'an abort'])('is disconnected by %s', async (way) => {
    stopTime();
    const isConnected = Promise.withResolvers<void>();
    const isClosed = Promise.withResolvers<void>();
    const tcp = await raw((socket) => {
      socket.on('close', () => isClosed.resolve());
      isConnected.resolve();
    });
    const controller = new AbortController();
    const sent = client.send({
      ...request,
      url: tcp.url.replace('http:', 'https:'),
      timeoutInMs: 250,
      signal: controller.signal,
    });
    const failed = expect(sent).rejects.toThrow(way === 'a timeout' ? 'no response within 250 ms' : 'enough');
    await isConnected.promise;
    if (way === 'a timeout') vi.advanceTimersByTime(250);
    else controller.abort(new Error('enough'));

    await failed;
    await isClosed.promise;
    await tcp.close();
  });
});

it('sends nothing if the signal is already aborted', async () => {
  const handler = vi.fn<Handler>((_request, answer) => answer.end());
  const reason = new Error('never');

  await expect(get(handler, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(handler).not.toHaveBeenCalled();
});

it('sends nothing if the signal aborts before its first route is open', async () => {
  const handler = vi.fn<Handler>((_request, answer) => answer.end());
  server = await listen(handler);
  const controller = new AbortController();
  const reason = new Error('too late');
  const sent = createHttpClient().send({
    method: 'GET',
    url: server.origin,
    headers: {},
    timeoutInMs: 10_000,
    maxResponseBytes: 100,
    signal: controller.signal,
  });
  controller.abort(reason);

  await expect(sent).rejects.toBe(reason);
  expect(handler).not.toHaveBeenCalled();
});

it('removes its listeners from a long-lived signal', async () => {
  const { signal } = new AbortController();
  const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
  server = await listen((_, answer) => answer.end());
  for (let time = 0; time < 20; time += 1) {
    await client.send({
      method: 'GET',
      url: server.origin,
      headers: {},
      timeoutInMs: 10_000,
      maxResponseBytes: 100,
      signal,
    });
  }

  expect(remove).toHaveBeenCalledTimes(add.mock.calls.length);
});

it('accepts a timeout that is longer than the longest timer', async () => {
  const response = await get((_, answer) => setTimeout(() => answer.end('{}'), 50), { timeoutInMs: 2 ** 40 });

  expect(response.body).toBe('{}');
});
