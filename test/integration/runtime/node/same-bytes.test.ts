import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import axios from 'axios';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { HttpRequest } from '../../../../connector/platform.ts';
import { createAxiosClient } from '../../../../runtime/node/axios-client.ts';
import { createHttpClient } from '../../../../runtime/node/http-client.ts';

/** A request as its bytes say, without a parser in between that could normalize it. */
interface SentRequest {
  readonly line: string;
  /** Sorted, with the names in lower case: neither order nor case has a meaning (RFC 9110 §5.1, §5.3). */
  readonly headers: readonly string[];
  readonly body: string;
}

let received = '';
const tcp = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.setEncoding('latin1');
  socket.on('data', (bytes: string) => {
    received += bytes;
    const end = received.indexOf('\r\n\r\n');
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1] ?? 0);
    if (end >= 0 && received.length >= end + 4 + length) socket.write('HTTP/1.1 204 No Content\r\n\r\n');
  });
});
const ours = createHttpClient();
// A proxy of the environment must not take part.
const theirs = createAxiosClient(axios.create({ proxy: false }));
let origin = '';

beforeAll(async () => {
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  origin = `http://127.0.0.1:${(tcp.address() as AddressInfo).port}`;
});

afterAll(() => {
  ours.close();
  tcp.close();
});

beforeEach(() => {
  received = '';
});

async function sentBy(
  client: typeof ours,
  request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>,
): Promise<SentRequest> {
  received = '';
  await client.send({
    ...request,
    url: `${origin}${request.url}`,
    timeoutInMs: 5_000,
    maxResponseBytes: 1_000,
  });
  const [head = '', ...rest] = received.split('\r\n\r\n');
  const [line = '', ...headers] = head.split('\r\n');
  return {
    line,
    headers: headers.map((text) => text.replace(/^[^:]*/, (name) => name.toLowerCase())).sort(),
    body: Buffer.from(rest.join('\r\n\r\n'), 'latin1').toString(),
  };
}

const common = {
  accept: 'application/scim+json, application/json;q=0.9',
  authorization: 'Bearer secret-token-5f2c9a',
  'user-agent': 'rolecall',
};
const typed = { ...common, 'content-type': 'application/scim+json' };
const body = JSON.stringify({ displayName: 'Zoë 🎓', note: '\r\n\r\n' });

const requests: readonly (readonly [
  string,
  string,
  Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>,
])[] = [
  ['a read', '/scim/v2/Users/1', { method: 'GET', url: '/scim/v2/Users/1', headers: common }],
  [
    'a search with an encoded filter',
    '/scim/v2/Users?filter=userName%20eq%20%22a%2Bb%40example.com%22&count=1',
    {
      method: 'GET',
      url: '/scim/v2/Users?filter=userName%20eq%20%22a%2Bb%40example.com%22&count=1',
      headers: common,
    },
  ],
  [
    'an ID that is not encoded',
    "/scim/v2/Users/a%20%C3%AB'%22|(1);b=c",
    { method: 'GET', url: '/scim/v2/Users/a ë\'"|(1);b=c', headers: common },
  ],
  ['a create', '/scim/v2/Users', { method: 'POST', url: '/scim/v2/Users', headers: typed, body }],
  ['a POST without a body', '/scim/v2/.search', { method: 'POST', url: '/scim/v2/.search', headers: common }],
  [
    'a replacement of a version',
    '/scim/v2/Users/1',
    { method: 'PUT', url: '/scim/v2/Users/1', headers: { ...typed, 'if-match': 'W/"é"' }, body },
  ],
  ['a PATCH', '/scim/v2/Users/1', { method: 'PATCH', url: '/scim/v2/Users/1', headers: typed, body }],
  ['a deletion', '/scim/v2/Users/1', { method: 'DELETE', url: '/scim/v2/Users/1', headers: common }],
];

it.each(requests)('the default transport and axios send the same bytes (%s)', async (_, target, request) => {
  const sent = await sentBy(ours, request);

  expect(sent).toEqual(await sentBy(theirs, request));
  expect(sent.line).toBe(`${request.method} ${target} HTTP/1.1`);
  expect(sent.body).toBe(request.body ?? '');
  for (const [name, value] of Object.entries(request.headers))
    expect(sent.headers).toContain(`${name}: ${value}`);
});
