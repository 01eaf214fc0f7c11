import { beforeAll, describe, expect, it } from 'vitest';
import { expectNoSecret } from '../support/expect-no-secret.ts';
import { openPush } from '../support/webhook/open-source.ts';
import { eventsOf, expectAnswerOfRfc8935, refusalOf, reportedBy } from '../support/webhook/outcome.ts';
import type { PushRequestParts } from '../support/webhook/push-request.ts';
import { jwksUrl, openSetBench } from '../support/webhook/set-bench.ts';
import {
  audience,
  eventUri,
  type IssuerKey,
  issuedAtInSeconds,
  issuer,
  issuerKey,
  setClaims,
  signSet,
} from '../support/webhook/set-issuer.ts';

let key: IssuerKey;
let token: string;
beforeAll(async () => {
  key = await issuerKey('ES256');
  token = await signSet(key, setClaims());
});

describe('a request (RFC 8935 §2.1)', () => {
  it.each<[what: string, request: PushRequestParts, answer: readonly [number, string]]>([
    ['another method', { method: 'PUT' }, [405, 'invalid_request']],
    ['a GET', { method: 'GET' }, [405, 'invalid_request']],
    ['another media type', { headers: { 'content-type': 'application/jwt' } }, [415, 'invalid_request']],
    ['JSON', { headers: { 'content-type': 'application/json' } }, [415, 'invalid_request']],
    ['no media type', { headers: { 'content-type': null } }, [415, 'invalid_request']],
    [
      'two media types',
      { headers: { 'content-type': ['application/secevent+jwt', 'application/secevent+jwt'] } },
      [400, 'invalid_request'],
    ],
    ['a compressed body', { headers: { 'content-encoding': 'gzip' } }, [415, 'invalid_request']],
    ['an empty body', { body: '' }, [400, 'invalid_request']],
    ['a body of dots', { body: '..' }, [400, 'invalid_request']],
    ['a web page', { body: '<html></html>' }, [400, 'invalid_request']],
    [
      'JSON serialization',
      { body: '{"payload":"","protected":"","signature":""}' },
      [400, 'invalid_request'],
    ],
    ['two tokens', { body: 'a.b.c,a.b.c' }, [400, 'invalid_request']],
    [
      'bytes that are not text',
      { body: new Uint8Array([0xff, 0x2e, 0xfe, 0x2e, 0xff]) },
      [400, 'invalid_request'],
    ],
    ['a body that is too large', { body: 'a'.repeat(2 * 1024 * 1024 + 1) }, [413, 'invalid_request']],
  ])('rejects %s', async (_, request, answer) => {
    const bench = openSetBench(key);
    const received = await bench.push(token, request);
    expect(refusalOf(received)).toEqual(answer);
    expectAnswerOfRfc8935(received);
    if (answer[0] === 405) expect(received.reply.headers.allow).toBe('POST');
    expect(bench.asked()).toBe(0);
  });

  it.each(['application/secevent+jwt; charset=utf-8', 'Application/SecEvent+JWT'])(
    'accepts the media type "%s"',
    async (type) => {
      const bench = openSetBench(key);
      expect(reportedBy(await bench.push(token, { headers: { 'content-type': type } }))).toHaveLength(1);
    },
  );
});

describe('the transmitter', () => {
  const bearerToken = 'a-token-that-was-agreed';

  it.each([
    'Bearer a-token-that-was-agreed',
    'bearer a-token-that-was-agreed',
    'BEARER   a-token-that-was-agreed',
  ])('is accepted with "%s"', async (authorization) => {
    const bench = openSetBench(key, { bearerToken });
    expect((await bench.push(token, { headers: { authorization } })).kind).toBe('accepted');
  });

  it.each<[what: string, authorization: string | readonly string[] | null, status: number]>([
    ['no token', null, 401],
    ['another token', 'Bearer another-token', 401],
    ['a part of the token', 'Bearer a-token-that-was', 401],
    ['more than the token', 'Bearer a-token-that-was-agreed!', 401],
    ['an empty token', 'Bearer ', 401],
    ['the token alone', bearerToken, 401],
    ['another scheme', `Basic ${bearerToken}`, 401],
    ['two tokens', ['Bearer a', `Bearer ${bearerToken}`], 400],
    ['the token twice', [`Bearer ${bearerToken}`, `Bearer ${bearerToken}`], 400],
  ])('is rejected with %s, without a hint at the correct one', async (_, authorization, status) => {
    const bench = openSetBench(key, { bearerToken });
    const received = await bench.push(token, { headers: { authorization } });
    expect(refusalOf(received)).toEqual([
      status,
      status === 401 ? 'authentication_failed' : 'invalid_request',
    ]);
    if (status === 401) expect(received.reply.headers['www-authenticate']).toBe('Bearer');
    expectAnswerOfRfc8935(received);
    expectNoSecret(received.kind === 'refused' && received.reason, bearerToken);
    expectNoSecret(received.reply, bearerToken);
    expectNoSecret(bench.platform.logged, bearerToken);
    expect(bench.asked()).toBe(0);
  });

  it('needs no token if none is configured, and can send one', async () => {
    const bench = openSetBench(key);
    expect((await bench.push(token)).kind).toBe('accepted');
    expect((await bench.push(token, { headers: { authorization: 'Bearer any' } })).kind).toBe('accepted');
  });
});

describe('the claims (RFC 8417 §2.2)', () => {
  const week = 7 * 24 * 3600;

  it.each<[what: string, claims: Readonly<Record<string, unknown>>, err: string]>([
    ['another issuer', { iss: 'https://evil.example' }, 'invalid_issuer'],
    ['the issuer with a trailing slash', { iss: `${issuer}/` }, 'invalid_issuer'],
    ['no issuer', { iss: undefined }, 'invalid_issuer'],
    ['a list of issuers', { iss: [issuer] }, 'invalid_issuer'],
    ['another audience', { aud: 'https://other.example' }, 'invalid_audience'],
    ['other audiences', { aud: ['https://other.example', `${audience}/x`] }, 'invalid_audience'],
    ['no audience', { aud: undefined }, 'invalid_audience'],
    ['an empty audience', { aud: [] }, 'invalid_audience'],
    ['an audience in an object', { aud: { 0: audience } }, 'invalid_audience'],
    ['no time', { iat: undefined }, 'invalid_request'],
    ['a time that is a string', { iat: String(issuedAtInSeconds) }, 'invalid_request'],
    ['a time beyond all dates', { iat: 1e300 }, 'invalid_request'],
    ['a time in milliseconds', { iat: issuedAtInSeconds * 1000 }, 'invalid_request'],
    ['a time in the future', { iat: issuedAtInSeconds + 301 }, 'invalid_request'],
    ['a time of more than a week ago', { iat: issuedAtInSeconds - week - 1 }, 'invalid_request'],
    ['an expiry in the past', { exp: issuedAtInSeconds - 301 }, 'invalid_request'],
    ['an expiry that is a string', { exp: 'never' }, 'invalid_request'],
    ['a start in the future', { nbf: issuedAtInSeconds + 301 }, 'invalid_request'],
    ['no id', { jti: undefined }, 'invalid_request'],
    ['an empty id', { jti: '' }, 'invalid_request'],
    ['an id that is a number', { jti: 7 }, 'invalid_request'],
    ['an id that is too long', { jti: 'x'.repeat(1_001) }, 'invalid_request'],
    ['no events', { events: undefined }, 'invalid_request'],
    ['empty events', { events: {} }, 'invalid_request'],
    ['a list of events', { events: [eventUri('prov:delete')] }, 'invalid_request'],
    ['no subject', { sub_id: undefined }, 'invalid_request'],
    ['"sub" for a subject', { sub_id: undefined, sub: '/Users/1' }, 'invalid_request'],
    ['a full event without data', { events: { [eventUri('prov:create:full')]: {} } }, 'invalid_request'],
  ])('rejects %s', async (_, claims, err) => {
    const received = await openSetBench(key).tell(claims);
    expect(refusalOf(received)).toEqual([400, err]);
    expectAnswerOfRfc8935(received);
  });

  it.each<[what: string, claims: Readonly<Record<string, unknown>>]>([
    ['one audience', { aud: audience }],
    ['several audiences', { aud: ['https://other.example', audience] }],
    ['a clock that is ahead a little', { iat: issuedAtInSeconds + 299 }],
    ['a token of almost a week ago', { iat: issuedAtInSeconds - week }],
    ['parts of a second', { iat: issuedAtInSeconds - 0.25 }],
    ['an expiry in the future', { exp: issuedAtInSeconds + 60, nbf: issuedAtInSeconds - 60 }],
    ['a "txn", a "version", and unknown claims', { txn: 'b7b953f1', version: 'x', other: [1] }],
  ])('accepts %s', async (_, claims) => {
    expect(reportedBy(await openSetBench(key).tell(claims))).toHaveLength(1);
  });

  it('accepts a token up to the maximum age of the settings', async () => {
    const bench = openSetBench(key, { maxAgeInSeconds: 60 });
    expect((await bench.tell({ iat: issuedAtInSeconds - 60 })).kind).toBe('accepted');
    expect(refusalOf(await bench.tell({ iat: issuedAtInSeconds - 61 }))).toEqual([400, 'invalid_request']);
  });

  it('rejects a token that it accepted before, once the token is too old', async () => {
    const bench = openSetBench(key, { maxAgeInSeconds: 3600 });
    expect((await bench.push(token)).kind).toBe('accepted');
    bench.platform.advance(3601 * 1000);
    expect(refusalOf(await bench.push(token))).toEqual([400, 'invalid_request']);
  });

  it('returns the same key for a repeated token, and different keys for other tokens', async () => {
    const bench = openSetBench(key);
    const keysOf = async (claims = {}) =>
      eventsOf(await bench.tell(claims)).map(({ dedupeKey }) => dedupeKey);
    expect(eventsOf(await bench.push(token))[0]?.dedupeKey).toBe(
      eventsOf(await bench.push(token))[0]?.dedupeKey,
    );
    const all = [
      ...(await keysOf()),
      ...(await keysOf({ jti: 'a' })),
      ...(await keysOf({ jti: 'a/activate' })),
      ...(await keysOf({ jti: 'a%2F' })),
      ...(await keysOf({ jti: 'a', events: { [eventUri('prov:delete')]: {} } })),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('the payload', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const json = JSON.stringify(setClaims());

  it.each<[what: string, payload: Uint8Array]>([
    [
      'invalid UTF-8',
      new Uint8Array([...bytes(json.slice(0, -1)), 0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    ],
    ['invalid JSON', bytes(json.slice(0, -1))],
    ['a value that is not an object', bytes('[]')],
    ['null', bytes('null')],
    ['nothing', bytes('')],
    ['too many levels', bytes(`${json.slice(0, -1)},"x":${'['.repeat(64)}${']'.repeat(64)}}`)],
    ['a million levels', bytes(`${json.slice(0, -1)},"x":${'['.repeat(500_000)}${']'.repeat(500_000)}}`)],
  ])('is rejected if it is %s, even with a valid signature', async (_, payload) => {
    const received = await openSetBench(key).push(await signSet(key, payload));
    expect(refusalOf(received)[0]).toBe(400);
    expectAnswerOfRfc8935(received);
  });

  it('is accepted with 60 levels', async () => {
    const payload = bytes(`${json.slice(0, -1)},"x":${'['.repeat(60)}${']'.repeat(60)}}`);
    expect((await openSetBench(key).push(await signSet(key, payload))).kind).toBe('accepted');
  });

  it('has the last of two claims with the same name (RFC 7519 §4)', async () => {
    const twice = (first: string, last: string) =>
      bytes(`{"iss":"${first}",${json.slice(1, -1)},"iss":"${last}"}`);
    const bench = openSetBench(key);
    const received = await bench.push(await signSet(key, twice('https://evil.example', issuer)));
    expect(received.kind).toBe('accepted');
    const other = await bench.push(await signSet(key, twice(issuer, 'https://evil.example')));
    expect(refusalOf(other)).toEqual([400, 'invalid_issuer']);
  });

  it('cannot pollute a prototype', async () => {
    const data =
      '{"schemas":[],"userName":"ada","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"name":{"__proto__":{"polluted":1}}}';
    const events = `{"${eventUri('prov:create:full')}":{"data":${data}},"__proto__":{"polluted":1}}`;
    const payload = bytes(
      `${JSON.stringify(setClaims({ events: undefined })).slice(0, -1)},"__proto__":{"iss":"x"},"events":${events}}`,
    );
    const received = await openSetBench(key).push(await signSet(key, payload));
    const reported = eventsOf(received)[0]?.data;
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(reported?.polluted).toBeUndefined();
    expect(Object.getPrototypeOf(reported)).toBe(Object.prototype);
  });
});

describe('the settings', () => {
  const open = (settings: Readonly<Record<string, unknown>>) => () =>
    openPush('security_event_token', openSetBench(key).platform, { issuer, audience, jwksUrl, ...settings });

  it.each([
    ['http://scim.example.com/jwks.json', '`jwksUrl` must start with "https://"'],
    ['ftp://scim.example.com/jwks.json', '`jwksUrl` must start with "https://"'],
    ['https://user:password@scim.example.com/jwks.json', '`jwksUrl` must not contain a username or password'],
    ['jwks.json', '`jwksUrl` must be a full URL'],
  ])('reject a key address that is not secure: %s', (url, message) => {
    expect(open({ jwksUrl: url })).toThrow(message);
  });

  it.each(['http://127.0.0.1:8080/jwks', 'http://localhost/jwks', 'http://[::1]:1/jwks'])(
    'accept a loopback key address: %s',
    (url) => {
      expect(open({ jwksUrl: url })).not.toThrow();
    },
  );

  it('reject an empty token', () => {
    expect(open({ bearerToken: '' })).toThrow('`bearerToken` must not be empty');
  });
});
