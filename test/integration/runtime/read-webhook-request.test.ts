import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connector, ConnectorError, createConnector, type Received } from '../../../runtime/index.ts';
import type { WebhookRequest } from '../../../runtime/read-webhook-request.ts';
import { listen } from '../../support/listen.ts';
import {
  audience,
  issuer,
  issuerKey,
  keySetOf,
  setClaims,
  signSet,
} from '../../support/webhook/set-issuer.ts';
import { signBody } from '../../support/webhook/sign-body.ts';
import { parsingServers, type Receive, type RunningServer, servers } from './start-servers.ts';

const secret = 'the-secret';
const key = await issuerKey('ES256');
// Two spaces, and letters of several bytes: what is parsed and written again has other bytes.
const message = JSON.stringify({
  id: 'event_1',
  event: 'dsync.user.deleted',
  created_at: '2025-12-31T19:07:33.155Z',
  data: { object: 'directory_user', id: 'directory_user_1', username: 'ada@example.com', first_name: 'Ádá' },
}).replaceAll(':', ':  ');

let connector: Connector;
let jwks: RunningServer;
let received: Received | undefined;
let failure: unknown;
let receive: Receive;

beforeAll(async () => {
  jwks = await listen((_, response) => response.end(keySetOf(key)));
  connector = createConnector({ baseUrl: 'https://scim.example.com', token: 'unused' });
  const receivers: Readonly<Record<string, { receive(request: WebhookRequest): Promise<Received> }>> = {
    '/okta': connector.receiver('okta_event_hook', { secret }),
    '/workos': connector.receiver('workos', { secret }),
    '/set': connector.receiver('security_event_token', { issuer, audience, jwksUrl: jwks.origin }),
  };
  receive = async (path, request) => {
    try {
      received = await receivers[path]?.receive(request);
      if (received === undefined) throw new Error(`There is no receiver at ${path}`);
      return received;
    } catch (error) {
      failure = error;
      throw error;
    }
  };
});

afterAll(async () => {
  connector.close();
  await jwks.close();
});

function workos(body: string, signed = body): RequestInit {
  const time = Date.now();
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'WorkOS-Signature': `t=${time}, v1=${signBody(secret, time, signed)}`,
    },
    body,
  };
}

describe.each(Object.entries(servers))('a receiver in %s', (_, start) => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await start((path, request) => receive(path, request));
  });
  afterAll(() => server.close());

  it('answers Okta’s verification', async () => {
    const headers = { 'X-Okta-Verification-Challenge': 'a "challenge"' };
    const response = await fetch(`${server.origin}/okta`, { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(await response.json()).toEqual({ verification: 'a "challenge"' });
  });

  it('reads the events of a message whose signature covers the raw body', async () => {
    const response = await fetch(`${server.origin}/workos`, workos(message));
    expect(response.status).toBe(200);
    expect(received).toMatchObject({
      kind: 'accepted',
      events: [{ type: 'delete', subject: { id: 'directory_user_1' } }],
    });
  });

  it('rejects a message whose body was serialized again', async () => {
    const rewritten = JSON.stringify(JSON.parse(message));
    const response = await fetch(`${server.origin}/workos`, workos(rewritten, message));
    expect(response.status).toBe(403);
    expect(received).toMatchObject({ kind: 'refused' });
  });

  it('reads a security event token, and answers 202 without a body', async () => {
    const iat = Math.floor(Date.now() / 1000);
    const response = await fetch(`${server.origin}/set`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/secevent+jwt' },
      body: await signSet(key, setClaims({ iat })),
    });
    expect([response.status, await response.text()]).toEqual([202, '']);
    expect(received).toMatchObject({ kind: 'accepted', events: [{ type: 'deactivate' }] });
  });

  it('answers 204 to an Okta event hook', async () => {
    const response = await fetch(`${server.origin}/okta`, {
      method: 'POST',
      headers: { authorization: secret, 'content-type': 'application/json' },
      body: '{"data": {"events": []}}',
    });
    expect([response.status, await response.text()]).toEqual([204, '']);
  });
});

describe.each(['node:http', 'Express with express.raw()', 'Fastify', 'Hono'])('a receiver in %s', (name) => {
  it('answers 413 to a body that is too long, instead of breaking the connection', async () => {
    const server = await (servers[name] as (typeof servers)[string])((path, request) =>
      receive(path, request),
    );
    try {
      const response = await fetch(`${server.origin}/workos`, workos('x'.repeat(2 * 1024 * 1024 + 1)));
      expect(response.status).toBe(413);
    } finally {
      await server.close();
    }
  });
});

describe.each(Object.entries(parsingServers))('behind %s', (_, start) => {
  it('a receiver explains how to keep the raw body', async () => {
    const server = await start((path, request) => receive(path, request));
    failure = undefined;
    try {
      expect((await fetch(`${server.origin}/workos`, workos(message))).status).toBe(500);
    } finally {
      await server.close();
    }
    expect(failure).toBeInstanceOf(ConnectorError);
    expect(failure).toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(
        /^The request's body was parsed before it reached the receiver.*express\.json\(\).*parseAs: 'buffer'/,
      ),
    });
  });
});

describe('a plain request', () => {
  const { headers, ...request } = { method: 'POST', headers: workos(message).headers, body: message };

  it.each([
    ['a text for each header', headers as Record<string, string>],
    [
      'a list for each header',
      Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, [value]])),
    ],
  ])('can have %s, and its body as text', async (_, given) => {
    expect(await receive('/workos', { ...request, headers: given })).toMatchObject({ kind: 'accepted' });
  });

  it('has a header twice if it is sent in two spellings', async () => {
    const twice = { ...(headers as Record<string, string>), 'workos-signature': 't=1, v1=00' };
    expect(await receive('/workos', { ...request, headers: twice })).toMatchObject({
      kind: 'refused',
      reply: { status: 400 },
    });
  });

  it('can have no body', async () => {
    expect(
      await receive('/okta', { method: 'GET', headers: { 'x-okta-verification-challenge': 'c' } }),
    ).toMatchObject({ kind: 'accepted', reply: { body: '{"verification":"c"}' } });
  });
});
