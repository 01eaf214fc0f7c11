import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConnectorError } from '../../connector/errors.ts';
import { type HttpResponse, TransportError } from '../../connector/platform.ts';
import { createNodePlatform, type NodePlatform } from '../../runtime/node/node-platform.ts';
import type { PullReceiver } from '../../triggers/sources/source.ts';
import { expectNoSecret } from '../support/expect-no-secret.ts';
import { failureOf } from '../support/failure-of.ts';
import { createFakePlatform, type FakePlatform } from '../support/fake-platform.ts';
import { listen, type TestServer } from '../support/listen.ts';
import { openPull, openPush } from '../support/webhook/open-source.ts';
import { eventsOf, inShort } from '../support/webhook/outcome.ts';
import { pushRequest } from '../support/webhook/push-request.ts';
import { jwksUrl } from '../support/webhook/set-bench.ts';
import {
  audience,
  eventUri,
  type IssuerKey,
  issuedAtInSeconds,
  issuer,
  issuerKey,
  keySetOf,
  setClaims,
  signSet,
} from '../support/webhook/set-issuer.ts';
import { type SetTransmitter, startSetTransmitter } from '../support/webhook/start-set-transmitter.ts';

const pollUrl = 'https://scim.example.com/events/poll';
const pollToken = 'a-poll-token-that-nobody-sees';

let key: IssuerKey;
beforeAll(async () => {
  key = await issuerKey('ES256');
});

/** A token with these events of a user, issued a number of seconds after the first. */
const say = (
  jti: string,
  event = 'prov:deactivate',
  after = 0,
  claims: Readonly<Record<string, unknown>> = {},
) =>
  signSet(
    key,
    setClaims({
      jti,
      iat: issuedAtInSeconds + after,
      sub_id: { format: 'scim', uri: `/Users/${jti}` },
      events: { [eventUri(event)]: {} },
      ...claims,
    }),
  );

describe('a stream over real HTTP', () => {
  let transmitter: SetTransmitter;
  let keys: TestServer;
  let keysAreDown: boolean;
  let platform: NodePlatform;
  const logged: unknown[] = [];

  beforeEach(async () => {
    transmitter = await startSetTransmitter();
    keysAreDown = false;
    keys = await listen((_, response) => response.writeHead(keysAreDown ? 500 : 200).end(keySetOf(key)));
    platform = createNodePlatform({ log: (entry) => logged.push(entry) });
    logged.length = 0;
  });
  afterEach(async () => {
    platform.close();
    await transmitter.close();
    await keys.close();
  });

  const open = (settings: Readonly<Record<string, unknown>> = {}): PullReceiver =>
    openPull(
      'security_event_poll',
      { ...platform, now: () => issuedAtInSeconds * 1000 },
      {
        issuer,
        audience,
        jwksUrl: `${keys.origin}/jwks`,
        pollUrl: transmitter.pollUrl,
        pollToken,
        ...settings,
      },
    );

  it('returns the pending tokens, and acknowledges them when the cursor is passed back', async () => {
    transmitter.outbox.set('a', await say('a'));
    transmitter.outbox.set('b', await say('b', 'prov:delete'));
    const receiver = open();
    const first = await receiver.poll(undefined);
    expect(first.events.map(inShort)).toEqual(['deactivate User a {active: ? → false}', 'delete User b']);
    expect(first.events.map(({ source }) => source)).toEqual(['security_event_poll', 'security_event_poll']);
    expect(first).toMatchObject({ cursor: { version: 1, ack: ['a', 'b'], errs: [] }, more: false });
    expect(first.pages.size).toBe(0);
    expect([...transmitter.outbox.keys()]).toEqual(['a', 'b']);
    const second = await receiver.poll(first.cursor);
    expect(second).toMatchObject({ events: [], cursor: { version: 1, ack: [], errs: [] }, more: false });
    expect(transmitter.outbox.size).toBe(0);
    expect(transmitter.polls).toEqual([
      {
        authorization: `Bearer ${pollToken}`,
        contentLanguage: undefined,
        body: { maxEvents: 100, returnImmediately: true },
      },
      {
        authorization: `Bearer ${pollToken}`,
        contentLanguage: undefined,
        body: { maxEvents: 100, returnImmediately: true, ack: ['a', 'b'] },
      },
    ]);
  });

  it('returns unacknowledged tokens again, with the same keys', async () => {
    transmitter.outbox.set('a', await say('a'));
    const first = await open().poll(undefined);
    // The host went down before it kept the cursor.
    const again = await open().poll(undefined);
    expect(again.events).toEqual(first.events);
    expect(JSON.parse(JSON.stringify(again.cursor))).toEqual(again.cursor);
  });

  it('loses no token if a response is lost', async () => {
    transmitter.outbox.set('a', await say('a'));
    const receiver = open();
    const first = await receiver.poll(undefined);
    transmitter.outbox.set('b', await say('b'));
    transmitter.loseNextAnswer();
    expect((await failureOf(receiver.poll(first.cursor))).code).toBe('unavailable');
    const second = await receiver.poll(first.cursor);
    expect(second.events.map(({ subject }) => subject.id)).toEqual(['b']);
  });

  it('returns tokens in portions, and reports whether there are more', async () => {
    const all = ['a', 'b', 'c', 'd', 'e'];
    for (const jti of all) transmitter.outbox.set(jti, await say(jti));
    const receiver = open({ maxEvents: 2 });
    const seen: string[] = [];
    let cursor: unknown;
    let polls = 0;
    for (let more = true; more; polls += 1) {
      const result = await receiver.poll(cursor);
      seen.push(...result.events.map(({ subject }) => subject.id));
      ({ cursor, more } = result);
    }
    expect(seen).toEqual(all);
    expect(polls).toBe(3);
  });

  it('asks for more at once only if a token of the poll was accepted', async () => {
    for (const jti of ['x', 'y', 'z']) transmitter.outbox.set(jti, 'not a token');
    const receiver = open({ maxEvents: 2 });
    expect((await receiver.poll(undefined)).more).toBe(false);
    transmitter.outbox.clear();
    for (const jti of ['a', 'b', 'c']) transmitter.outbox.set(jti, await say(jti));
    expect((await receiver.poll(undefined)).more).toBe(true);
  });

  it('reports a rejected token to the provider and in the log, and accepts the others', async () => {
    const forged = await signSet(await issuerKey('ES256'), setClaims({ jti: 'forged' }));
    transmitter.outbox.set('forged', forged);
    transmitter.outbox.set('other-id', await say('mine'));
    transmitter.outbox.set(
      'stranger',
      await say('stranger', 'prov:delete', 0, { iss: 'https://evil.example' }),
    );
    transmitter.outbox.set('nonsense', 'not a token');
    transmitter.outbox.set('__proto__', 'x');
    transmitter.outbox.set('old', await say('old', 'prov:delete', -8 * 24 * 3600));
    transmitter.outbox.set('a', await say('a'));
    const errs = {
      forged: 'authentication_failed',
      'other-id': 'invalid_request',
      stranger: 'invalid_issuer',
      nonsense: 'invalid_request',
      old: 'invalid_request',
    };
    const receiver = open();
    const first = await receiver.poll(undefined);
    expect(first.events.map(({ subject }) => subject.id)).toEqual(['a']);
    await receiver.poll(first.cursor);
    expect(Object.fromEntries([...transmitter.reported].filter(([jti]) => jti !== '__proto__'))).toEqual(
      errs,
    );
    expect(transmitter.reported.get('__proto__')).toBe('invalid_request');
    expect(transmitter.outbox.size).toBe(0);
    expect(transmitter.polls[1]?.contentLanguage).toBe('en');
    expect(Object.values(transmitter.polls[1]?.body.setErrs ?? {})).toContainEqual({
      err: 'invalid_issuer',
      description: 'The "iss" of the token is not the expected issuer.',
    });
    const refused = logged.filter((entry) => (entry as { event: string }).event === 'set_rejected');
    expect(refused).toHaveLength(6);
    expect(refused).toContainEqual({
      level: 'warn',
      event: 'set_rejected',
      jti: 'forged',
      err: 'authentication_failed',
      why: expect.stringContaining('The signature does not match the token.'),
    });
    expectNoSecret(logged, pollToken);
  });

  it('fails while the keys cannot be fetched, and acknowledges no token', async () => {
    transmitter.outbox.set('a', await say('a'));
    keysAreDown = true;
    const error = await failureOf(open().poll(undefined));
    expect(error).toBeInstanceOf(ConnectorError);
    expect(error.code).toBe('unavailable');
    keysAreDown = false;
    const result = await open().poll(undefined);
    expect(result.events).toHaveLength(1);
    expect(transmitter.reported.size).toBe(0);
  });

  it('sorts events by time, whatever their order in the response', async () => {
    // JSON.parse puts names that look like numbers before all others.
    transmitter.outbox.set('b', await say('b', 'prov:delete', 1));
    transmitter.outbox.set('7', await say('7', 'prov:delete', 3));
    transmitter.outbox.set('a', await say('a', 'prov:delete', 2));
    const { events } = await open().poll(undefined);
    expect(events.map(({ subject }) => subject.id)).toEqual(['b', 'a', '7']);
  });

  it('acknowledges tokens without events as well', async () => {
    transmitter.outbox.set('a', await say('a', 'feed:add'));
    const { events, cursor } = await open().poll(undefined);
    expect(events).toEqual([]);
    expect(cursor).toMatchObject({ ack: ['a'] });
  });

  it('returns the same key as for the pushed token', async () => {
    const token = await say('a');
    transmitter.outbox.set('a', token);
    const [polled] = (await open().poll(undefined)).events;
    const push = openPush(
      'security_event_token',
      { ...platform, now: () => issuedAtInSeconds * 1000 },
      { issuer, audience, jwksUrl: keys.origin },
    );
    const headers = { 'content-type': 'application/secevent+jwt' };
    const [pushed] = eventsOf(await push.receive(pushRequest({ headers, body: token })));
    expect(polled?.dedupeKey).toBe(pushed?.dedupeKey);
  });

  it('ends the poll when it is aborted', async () => {
    const stopped = new AbortController();
    stopped.abort(new Error('stopped'));
    await expect(open().poll(undefined, stopped.signal)).rejects.toThrow('stopped');
  });
});

describe('a response of the stream', () => {
  let platform: FakePlatform;
  let answer: () => Partial<HttpResponse>;
  const poll = (cursor?: unknown) =>
    openPull('security_event_poll', platform, { issuer, audience, jwksUrl, pollUrl, pollToken }).poll(cursor);

  beforeEach(() => {
    platform = createFakePlatform(({ url }) => (url === jwksUrl ? { body: keySetOf(key) } : answer()));
  });

  it.each<[what: string, answer: Partial<HttpResponse>, code: string]>([
    ['the token is rejected', { status: 401 }, 'auth'],
    ['the token lacks the permission', { status: 403 }, 'forbidden'],
    ['there is no stream', { status: 404, body: '{}' }, 'not_found'],
    ['a web page with 404', { status: 404, body: '<html>' }, 'provider_fault'],
    ['too many requests', { status: 429, headers: { 'retry-after': '30' } }, 'rate_limited'],
    ['the service is unavailable', { status: 503, headers: { 'retry-after': '30' } }, 'unavailable'],
    ['a redirect', { status: 302, headers: { location: 'https://evil.example/' } }, 'provider_fault'],
    ['a page', { body: '<html>Sign in</html>' }, 'provider_fault'],
    ['nothing', { body: '' }, 'provider_fault'],
    ['no tokens', { body: '{}' }, 'provider_fault'],
    ['a list of tokens', { body: '{"sets":[]}' }, 'provider_fault'],
    ['a 202 without a body', { status: 202, body: '' }, 'provider_fault'],
  ])('fails the poll and says what to do: %s', async (_, given, code) => {
    answer = () => given;
    const error = await failureOf(poll());
    expect(error).toMatchObject({ code, nextStep: expect.stringMatching(/^[A-Z].*\.$/) });
    if (given.headers?.['retry-after'] !== undefined) expect(error.retryAfterInMs).toBe(30_000);
    expectNoSecret(error, pollToken);
  });

  it.each([
    ['ECONNREFUSED', 'unavailable'],
    ['ETIMEDOUT', 'unavailable'],
    ['TOO_LARGE', 'provider_fault'],
  ])('fails the poll if the connection ends with %s', async (code, expected) => {
    answer = () => {
      throw new TransportError(code, 'it broke', { maybeSent: true, isTransient: true });
    };
    expect((await failureOf(poll())).code).toBe(expected);
  });

  it('contains no events if its set is empty', async () => {
    answer = () => ({ body: '{"sets":{}}' });
    expect(await poll()).toMatchObject({
      events: [],
      cursor: { version: 1, ack: [], errs: [] },
      more: false,
    });
  });

  it('with many tokens of an unknown key makes it fetch the keys once, and reject the tokens', async () => {
    const gone = { ...key, kid: 'gone' };
    const unknown = ['x', 'y', 'z'];
    const sets = Object.fromEntries(
      await Promise.all(unknown.map(async (jti) => [jti, await signSet(gone, setClaims({ jti }))] as const)),
    );
    answer = () => ({ body: JSON.stringify({ sets: { ...sets, a: token } }) });
    const token = await say('a');
    const receiver = openPull('security_event_poll', platform, {
      issuer,
      audience,
      jwksUrl,
      pollUrl,
      pollToken,
    });
    const errs = unknown.map((jti) => expect.objectContaining({ jti, err: 'invalid_key' }));
    expect((await receiver.poll(undefined)).cursor).toMatchObject({ ack: ['a'], errs });
    // A moment later they would have to be fetched again, and it is not certain that the key is not there.
    platform.advance(1_000);
    expect((await failureOf(receiver.poll(undefined))).code).toBe('unavailable');
    platform.advance(9_000);
    expect((await receiver.poll(undefined)).cursor).toMatchObject({ ack: ['a'], errs });
    expect(platform.sent.filter(({ url }) => url === jwksUrl)).toHaveLength(2);
  });

  it.each([
    { version: 2, ack: [], errs: [] },
    { version: 1, ack: 'a', errs: [] },
    { version: 1, ack: [1], errs: [] },
    { version: 1, ack: [], errs: [{ jti: 'a' }] },
    { ack: [], errs: [] },
    'cursor',
    7,
    [],
  ])('is not requested with an invalid cursor: %j', async (cursor) => {
    answer = () => ({ body: '{"sets":{}}' });
    const error = await failureOf(poll(cursor));
    expect(error.code).toBe('invalid_input');
    expect(platform.sent).toHaveLength(0);
  });

  it.each(['http://scim.example.com/poll', 'poll', 'https://a:b@scim.example.com/poll'])(
    'is not requested from an address where the token is not safe: %s',
    (url) => {
      const settings = { issuer, audience, jwksUrl, pollUrl: url, pollToken };
      expect(() => openPull('security_event_poll', platform, settings)).toThrow('pollUrl');
    },
  );
});
