import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectNoSecret } from '../support/expect-no-secret.ts';
import { createFakePlatform, fakeEpochInMs } from '../support/fake-platform.ts';
import { openPush } from '../support/webhook/open-source.ts';
import { eventsOf, refusalOf } from '../support/webhook/outcome.ts';
import { type PushRequestParts, pushRequest } from '../support/webhook/push-request.ts';
import { signBody } from '../support/webhook/sign-body.ts';

const secret = 'the-signing-secret';
const previousSecret = 'the-secret-before';

const senders = [
  {
    source: 'workos',
    header: 'workos-signature',
    key: 'v1',
    body: JSON.stringify({
      id: 'event_1',
      event: 'dsync.user.deleted',
      data: { id: 'directory_user_1', email: 'ada@example.com', state: 'inactive' },
      created_at: '2026-01-01T00:00:00.000Z',
    }),
  },
  {
    source: 'ory_polis',
    header: 'boxyhq-signature',
    key: 's',
    body: JSON.stringify({
      event: 'user.deleted',
      tenant: 'acme',
      product: 'crm',
      directory_id: 'dir1',
      data: { id: 'u1', email: 'ada@example.com', first_name: 'Ada', last_name: 'L', active: true, raw: {} },
    }),
  },
] as const;

describe.each(senders)('$source', ({ source, header, key, body }) => {
  function openBench(settings: Readonly<Record<string, unknown>> = { secret }) {
    const platform = createFakePlatform(() => ({ status: 500 }));
    const receiver = openPush(source, platform, settings);
    return {
      platform,
      receive: ({ headers, ...request }: PushRequestParts) =>
        receiver.receive(
          pushRequest({
            body,
            ...request,
            headers: { 'content-type': 'application/json', [header]: signed(), ...headers },
          }),
        ),
    };
  }

  const signed = (by = secret, time: number | string = fakeEpochInMs, of: string | Uint8Array = body) =>
    `t=${time}, ${key}=${signBody(by, time, of)}`;

  it('accepts a signed message, and responds with 200 and no body', async () => {
    const received = await openBench().receive({});
    expect(received.reply).toEqual({ status: 200, headers: {}, body: '' });
    expect(eventsOf(received).map(({ type }) => type)).toEqual(['delete']);
  });

  it.each([
    ['without a space', signed().replace(', ', ',')],
    ['in another order', signed().split(', ').reverse().join(',')],
    ['in capitals', signed().replace(/[a-f0-9]{64}/, (hex) => hex.toUpperCase())],
    ['with unknown parts', `x=1,${signed()},v0=abc,=,y`],
    ['with two signatures, one of them valid', `${signed()},${key}=${'0'.repeat(64)}`],
    ['with the invalid signature first', signed().replace(key, `${key}=${'0'.repeat(64)},${key}`)],
  ])('reads the signature %s', async (_, value) => {
    expect((await openBench().receive({ headers: { [header]: value } })).kind).toBe('accepted');
  });

  it('accepts the previous secret during rotation, and not afterwards', async () => {
    const headers = { [header]: signed(previousSecret) };
    expect((await openBench({ secret, previousSecret }).receive({ headers })).kind).toBe('accepted');
    expect((await openBench({ secret, previousSecret }).receive({})).kind).toBe('accepted');
    expect(refusalOf(await openBench().receive({ headers }))).toEqual([403, 'authentication_failed']);
  });

  it('rejects a message that is signed with an empty secret', async () => {
    const headers = { [header]: signed('') };
    expect(refusalOf(await openBench({ secret, previousSecret: '' }).receive({ headers }))[0]).toBe(403);
    expect(() => openBench({ secret: '' })).toThrow('`secret` must not be empty');
  });

  it.each<[what: string, value: string | readonly string[] | null, status: number]>([
    ['no signature', null, 403],
    ['two headers', [signed(), signed()], 400],
    ['an empty header', '', 403],
    ['no time', `${key}=${signBody(secret, fakeEpochInMs, body)}`, 403],
    ['two times', `t=${fakeEpochInMs},${signed()}`, 403],
    ['an invalid time', signed(secret, 'now'), 403],
    ['a time in seconds, long ago in milliseconds', signed(secret, fakeEpochInMs / 1000), 400],
    ['a time below zero', signed(secret, -fakeEpochInMs), 403],
    ['a time with an exponent', signed(secret, '1.7e12'), 403],
    ['a signature that is cut', signed().slice(0, -2), 403],
    ['a signature that is longer', `${signed()}00`, 403],
    ['a signature in base64', `t=${fakeEpochInMs},${key}=${Buffer.alloc(32).toString('base64')}`, 403],
    ['a signature of another time', signed().replace(String(fakeEpochInMs), String(fakeEpochInMs + 1)), 403],
    [
      'a signature without the time',
      signed().replace(/=[a-f0-9]{64}/, `=${signBody(secret, '', body)}`),
      403,
    ],
    ['too many signatures', `${signed()}${`,${key}=${'0'.repeat(64)}`.repeat(10)}`, 403],
  ])('rejects %s', async (_, value, status) => {
    const bench = openBench();
    const received = await bench.receive({ headers: { [header]: value } });
    expect(refusalOf(received)[0]).toBe(status);
    expectNoSecret(received.kind === 'refused' && received.reason, secret);
    expectNoSecret(received.reply, secret);
    expectNoSecret(bench.platform.logged, secret);
  });

  it('rejects every body with one changed byte', async () => {
    const bytes = new TextEncoder().encode(body);
    const bench = openBench();
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), async (at, byte) => {
        fc.pre(bytes[at] !== byte);
        const other = bytes.slice();
        other[at] = byte;
        expect(refusalOf(await bench.receive({ body: other }))).toEqual([403, 'authentication_failed']);
      }),
    );
  });

  it('rejects an equivalent body with other bytes', async () => {
    for (const other of [`${body} `, ` ${body}`, JSON.stringify(JSON.parse(body), null, 1), `\ufeff${body}`])
      expect(refusalOf(await openBench().receive({ body: other }))[0]).toBe(403);
  });

  it('rejects a message that is too old, is dated ahead, or is repeated later', async () => {
    const bench = openBench();
    const at = (time: number) => bench.receive({ headers: { [header]: signed(secret, time) } });
    expect((await at(fakeEpochInMs - 300_000)).kind).toBe('accepted');
    expect(refusalOf(await at(fakeEpochInMs - 300_001))).toEqual([400, 'invalid_request']);
    expect((await at(fakeEpochInMs + 300_000)).kind).toBe('accepted');
    expect(refusalOf(await at(fakeEpochInMs + 300_001))).toEqual([400, 'invalid_request']);
    const replayed = signed();
    expect((await bench.receive({ headers: { [header]: replayed } })).kind).toBe('accepted');
    bench.platform.advance(300_001);
    expect(refusalOf(await bench.receive({ headers: { [header]: replayed } }))).toEqual([
      400,
      'invalid_request',
    ]);
  });

  it('uses the maximum age of the settings', async () => {
    const bench = openBench({ secret, maxAgeInSeconds: 10 });
    const at = (time: number) => bench.receive({ headers: { [header]: signed(secret, time) } });
    expect((await at(fakeEpochInMs - 10_000)).kind).toBe('accepted');
    expect(refusalOf(await at(fakeEpochInMs - 10_001))).toEqual([400, 'invalid_request']);
  });

  it('returns the same keys for a message that is repeated within that time', async () => {
    const bench = openBench();
    const keysOf = async () => eventsOf(await bench.receive({})).map(({ dedupeKey }) => dedupeKey);
    expect(await keysOf()).toEqual(await keysOf());
  });

  it.each<[what: string, request: PushRequestParts, status: number]>([
    ['another method', { method: 'GET' }, 405],
    ['another media type', { headers: { 'content-type': 'text/plain' } }, 415],
    ['two media types', { headers: { 'content-type': ['application/json', 'application/json'] } }, 400],
    ['a compressed body', { headers: { 'content-encoding': 'br' } }, 415],
    ['a body that is too large', { body: ' '.repeat(2 * 1024 * 1024 + 1) }, 413],
  ])('rejects %s', async (_, request, status) => {
    expect(refusalOf(await openBench().receive(request))).toEqual([status, 'invalid_request']);
  });

  it.each<[what: string, body: string | Uint8Array]>([
    ['invalid JSON', '{'],
    ['invalid UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a value that is not an object', '"text"'],
    ['an empty object', '{}'],
    ['too many levels', `{"a":${'['.repeat(70)}${']'.repeat(70)}}`],
    ['no subject', JSON.stringify({ ...JSON.parse(body), data: {} })],
    ['an ID that is a number', JSON.stringify({ ...JSON.parse(body), data: { id: 7 } })],
    ['no data', JSON.stringify({ ...JSON.parse(body), data: null })],
  ])('rejects a signed message with %s', async (_, other) => {
    const headers = { [header]: signed(secret, fakeEpochInMs, other) };
    expect(refusalOf(await openBench().receive({ body: other, headers }))).toEqual([400, 'invalid_request']);
  });
});
