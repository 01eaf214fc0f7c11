import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ token: 'over-http', limits: { maxPayloadBytes: 10_000 } });
});
afterEach(() => sandbox.close());

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** node:http rather than fetch, which tidies up URLs and headers. */
function send(
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(sandbox.scimBaseUrl);
    const sent = { authorization: 'Bearer over-http', 'content-type': 'application/scim+json', ...headers };
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers: sent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Sends bytes as they are, and returns all that comes back. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(sandbox.scimBaseUrl).port), '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}

const user = (userName: string): string => JSON.stringify({ schemas: [userUrn], userName });

it('serves SCIM below /scim/v2 on the loopback interface', async () => {
  expect(sandbox.scimBaseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/scim\/v2$/);
  const created = await send('POST', '/scim/v2/Users', user('Žofie'));
  expect(created.status).toBe(201);
  expect(created.headers['content-type']).toBe('application/scim+json; charset=utf-8');
  expect(Number(created.headers['content-length'])).toBe(Buffer.byteLength(created.text));
  const { id, meta, userName } = JSON.parse(created.text);
  expect(userName).toBe('Žofie');
  expect(created.headers.location).toBe(`${sandbox.scimBaseUrl}/Users/${id}`);
  expect(meta.location).toBe(created.headers.location);
  const { pathname } = new URL(meta.location);
  expect((await send('GET', pathname)).text).toBe(created.text);
  expect((await send('GET', `${pathname}/`)).text).toBe(created.text);
});

it('generates a token if none is given, and rejects any other', async () => {
  const other = await startSandbox();
  try {
    expect(other.token).toMatch(/^[\w-]{32}$/);
    const answer = await fetch(`${other.scimBaseUrl}/Users`, {
      headers: { authorization: 'Bearer over-http' },
    });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="SCIM", error="invalid_token"',
    ]);
  } finally {
    await other.close();
  }
});

it('answers HEAD as GET without a body', async () => {
  const [get, head] = [await send('GET', '/scim/v2/Users'), await send('HEAD', '/scim/v2/Users')];
  expect([head.status, head.text]).toEqual([200, '']);
  expect(head.headers['content-length']).toBe(get.headers['content-length']);
});

it.each(['//', '/scim', '/SCIM/v2/Users', '/scim/v2x/Users', '/scim/v1/Users'])(
  'has nothing at %s',
  async (path) => {
    const answer = await send('GET', path);
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.text)).toMatchObject({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '404',
    });
  },
);

it.each([
  ['a length', { 'content-length': '10001' }],
  ['chunks', { 'transfer-encoding': 'chunked' }],
])('answers 413 to a body that is too long, sent with %s', async (_, headers) => {
  const answer = await send('POST', '/scim/v2/Users', 'x'.repeat(10_001), headers);
  expect(answer.status).toBe(413);
  expect(JSON.parse(answer.text)).toMatchObject({
    status: '413',
    detail: expect.stringContaining('10000 bytes'),
  });
  expect((await send('POST', '/scim/v2/Users', user('after'))).status).toBe(201);
});

it('answers 414 to a URL that is too long, and 431 to headers that are', async () => {
  const long = await send('GET', `/scim/v2/Users?filter=${'x'.repeat(33_000)}`);
  expect([long.status, JSON.parse(long.text).status]).toEqual([414, '414']);
  const text = await raw(`GET /scim/v2/Users HTTP/1.1\r\nhost: x\r\nx-long: ${'y'.repeat(70_000)}\r\n\r\n`);
  expect(text).toMatch(/^HTTP\/1\.1 431 /);
  expect(text).toContain('"status":"431"');
});

it('answers 400 to bytes that are not HTTP', async () => {
  const text = await raw('HELLO\r\n\r\n');
  expect(text).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/scim\+json[\s\S]*"status":"400"/);
});

it('rejects an encoded body, and reads one without a content type', async () => {
  expect((await send('POST', '/scim/v2/Users', user('a'), { 'content-encoding': 'gzip' })).status).toBe(415);
  const { port } = new URL(sandbox.scimBaseUrl);
  const body = user('untyped');
  const text = await raw(
    `POST /scim/v2/Users HTTP/1.1\r\nhost: x:${port}\r\nauthorization: Bearer over-http\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
  expect(text).toMatch(/^HTTP\/1\.1 201 /);
});

it('completes a request in flight before it closes, and accepts no new ones', async () => {
  const { port } = new URL(sandbox.scimBaseUrl);
  const body = user('in-flight');
  const answer = new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1');
    let text = '';
    let isAsked = false;
    socket.setEncoding('utf8');
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (isAsked || !text.includes('100 Continue')) return;
      isAsked = true;
      // The server has asked for the body, so it is in the middle of the request: now it is asked to close.
      const closing = sandbox.close();
      socket.write(body);
      void closing;
    });
    socket.on('close', () => resolve(text));
    socket.write(
      `POST /scim/v2/Users HTTP/1.1\r\nhost: x:${port}\r\nauthorization: Bearer over-http\r\nexpect: 100-continue\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
  });
  expect(await answer).toContain('201 Created');
  await expect(fetch(sandbox.scimBaseUrl)).rejects.toThrow();
});

it('runs two independent services in one process', async () => {
  const other = await startSandbox({ token: 'over-http' });
  try {
    await send('POST', '/scim/v2/Users', user('babs'));
    const answer = await fetch(`${other.scimBaseUrl}/Users`, {
      headers: { authorization: 'Bearer over-http' },
    });
    expect(await answer.json()).toMatchObject({ totalResults: 0 });
  } finally {
    await other.close();
  }
});

it('reports a port that is taken', async () => {
  const port = Number(new URL(sandbox.scimBaseUrl).port);
  await expect(startSandbox({ port })).rejects.toThrow(/EADDRINUSE/);
});
