import { describe, expect, it } from 'vitest';
import { expectNoSecret } from '../support/expect-no-secret.ts';
import { createFakePlatform } from '../support/fake-platform.ts';
import { openPush } from '../support/webhook/open-source.ts';
import { eventsOf, refusalOf, reportedBy } from '../support/webhook/outcome.ts';
import { type PushRequestParts, pushRequest } from '../support/webhook/push-request.ts';

const secret = 'the-secret-of-the-hook';
const previousSecret = 'the-secret-before';

function openBench(settings: Readonly<Record<string, unknown>> = { secret }) {
  const platform = createFakePlatform(() => ({ status: 500 }));
  const receiver = openPush('okta_event_hook', platform, settings);
  return {
    platform,
    receive: ({ headers, ...request }: PushRequestParts) =>
      receiver.receive(
        pushRequest({
          ...request,
          headers: { authorization: secret, 'content-type': 'application/json', ...headers },
        }),
      ),
  };
}

const ada = { id: '00u1', type: 'User', alternateId: 'ada@example.com', displayName: 'Ada Lovelace' };
const crew = { id: '00g1', type: 'UserGroup', alternateId: 'unknown', displayName: 'Crew' };

/** An entry of the System Log, of which hooks send a list (developer.okta.com/docs/concepts/event-hooks). */
const entry = (eventType: string, target: unknown = [ada], more: object = {}) => ({
  uuid: `uuid-of-${eventType}`,
  published: '2025-12-31T22:23:07.777Z',
  eventType,
  version: '0',
  severity: 'INFO',
  actor: { id: '00u9', type: 'User', alternateId: 'admin@example.com', displayName: 'Admin' },
  outcome: { result: 'SUCCESS', reason: null },
  target,
  ...more,
});

const hook = (...events: readonly unknown[]): string =>
  JSON.stringify({
    eventType: 'com.okta.event_hook',
    eventTypeVersion: '1.0',
    cloudEventsVersion: '0.1',
    source: 'https://example.okta.com/api/v1/eventHooks/who1',
    eventId: 'b5a188b9-5ece-4636-b041-482ffda96311',
    data: { events },
    eventTime: '2025-12-31T22:23:08.000Z',
    contentType: 'application/json',
  });

describe('the one-time verification', () => {
  const challenge = { 'x-okta-verification-challenge': 'my "challenge"' };

  it.each([
    ['with the secret', { authorization: secret }],
    ['without it', { authorization: null }],
  ])('echoes the challenge, %s', async (_, headers) => {
    const received = await openBench().receive({ method: 'GET', headers: { ...challenge, ...headers } });
    expect(received).toEqual({
      kind: 'accepted',
      events: [],
      reply: {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: '{"verification":"my \\"challenge\\""}',
      },
    });
  });

  it('fails if the hook has another secret', async () => {
    const received = await openBench().receive({
      method: 'GET',
      headers: { ...challenge, authorization: 'x' },
    });
    expect(refusalOf(received)).toEqual([401, 'authentication_failed']);
  });

  it.each<[what: string, value: string | readonly string[] | null]>([
    ['no challenge', null],
    ['two challenges', ['a', 'b']],
    ['an empty challenge', ''],
    ['a challenge with a line break', 'a\r\nb'],
    ['a challenge that is too long', 'x'.repeat(1_001)],
  ])('rejects %s', async (_, value) => {
    const headers = { 'x-okta-verification-challenge': value };
    expect(refusalOf(await openBench().receive({ method: 'GET', headers }))).toEqual([
      400,
      'invalid_request',
    ]);
  });
});

describe('the sender', () => {
  it('is accepted with the secret, and gets a response without a body', async () => {
    const received = await openBench().receive({ body: hook(entry('user.lifecycle.deactivate')) });
    expect(received.reply).toEqual({ status: 204, headers: {}, body: '' });
    expect(eventsOf(received)).toHaveLength(1);
  });

  it('is accepted with the previous secret during rotation', async () => {
    const bench = openBench({ secret, previousSecret });
    for (const authorization of [secret, previousSecret])
      expect((await bench.receive({ body: hook(), headers: { authorization } })).kind).toBe('accepted');
  });

  it.each<[what: string, authorization: string | readonly string[] | null, status: number]>([
    ['nothing', null, 401],
    ['an empty value', '', 401],
    ['an expired previous secret', previousSecret, 401],
    ['a part of the secret', secret.slice(0, -1), 401],
    ['another scheme', `Bearer ${secret}`, 401],
    ['two values', [secret, 'x'], 400],
  ])('is rejected with %s', async (_, authorization, status) => {
    const bench = openBench({ secret, previousSecret: '' });
    const received = await bench.receive({ body: hook(), headers: { authorization } });
    expect(refusalOf(received)[0]).toBe(status);
    for (const hidden of [secret, previousSecret]) {
      expectNoSecret(received.kind === 'refused' && received.reason, hidden);
      expectNoSecret(received.reply, hidden);
      expectNoSecret(bench.platform.logged, hidden);
    }
  });

  it.each<[what: string, request: PushRequestParts, status: number]>([
    ['another method', { method: 'DELETE' }, 405],
    ['another media type', { headers: { 'content-type': 'text/html' } }, 415],
    ['two media types', { headers: { 'content-type': ['application/json', 'text/html'] } }, 400],
    ['invalid JSON', { body: '{' }, 400],
    ['invalid UTF-8', { body: new Uint8Array([0x7b, 0xff, 0x7d]) }, 400],
    ['too many levels', { body: `${'['.repeat(70)}${']'.repeat(70)}` }, 400],
    ['a body that is too large', { body: ' '.repeat(2 * 1024 * 1024 + 1) }, 413],
    ['no events', { body: '{"data":{}}' }, 400],
    ['a list', { body: '[]' }, 400],
  ])('is rejected with %s', async (_, request, status) => {
    expect(refusalOf(await openBench().receive({ body: hook(), ...request }))).toEqual([
      status,
      'invalid_request',
    ]);
  });

  it('cannot be configured with an empty secret', () => {
    expect(() => openBench({ secret: '' })).toThrow('`secret` must not be empty');
  });
});

describe('reported events', () => {
  it('map one event completely', async () => {
    const received = await openBench().receive({ body: hook(entry('user.lifecycle.deactivate')) });
    expect(eventsOf(received)).toEqual([
      {
        id: 'uuid-of-user.lifecycle.deactivate',
        type: 'deactivate',
        occurredAt: '2025-12-31T22:23:07.777Z',
        resource: 'User',
        subject: { id: '00u1', externalId: null, userName: 'ada@example.com', displayName: 'Ada Lovelace' },
        changes: [{ path: 'active', from: null, to: false, fromKnown: false, toKnown: true }],
        data: null,
        source: 'okta_event_hook',
        cause: null,
        isLate: false,
        dedupeKey: 'okta_event_hook/uuid-of-user.lifecycle.deactivate/deactivate',
      },
    ]);
  });

  it('map many events of one request, and skip those without a subject', async () => {
    const bench = openBench();
    const received = await bench.receive({
      body: hook(
        entry('user.lifecycle.create'),
        entry('user.lifecycle.suspend', []),
        entry('user.lifecycle.suspend', null),
        entry('user.lifecycle.suspend', [{ ...ada, id: 7 }]),
        { eventType: 'user.lifecycle.suspend', target: [ada] },
        null,
        'text',
        entry('user.session.start'),
        entry('group.lifecycle.create', [crew]),
      ),
    });
    expect(reportedBy(received)).toEqual(['create User 00u1', 'create Group 00g1']);
    const passed = bench.platform.logged.filter(({ event }) => event === 'event_ignored');
    expect(passed).toHaveLength(4);
  });

  it.each(['FAILURE', 'SKIPPED', 'DENY', 'UNKNOWN'])(
    'do not include operations that ended with %s',
    async (result) => {
      const tried = entry('user.lifecycle.deactivate', [ada], { outcome: { result } });
      expect(reportedBy(await openBench().receive({ body: hook(tried) }))).toEqual([]);
    },
  );

  it('report a deletion once, by its key, even if the log has two entries for it', async () => {
    const received = await openBench().receive({
      body: hook(entry('user.lifecycle.delete.initiated'), entry('user.lifecycle.delete.completed')),
    });
    const keys = eventsOf(received).map(({ dedupeKey }) => dedupeKey);
    expect(keys).toEqual(['okta_event_hook/User/00u1/delete', 'okta_event_hook/User/00u1/delete']);
  });

  it('have the same key if they are repeated, and the time of the log if they have none', async () => {
    const bench = openBench();
    const once = entry('user.lifecycle.suspend', [ada], { published: undefined });
    const keysOf = async () =>
      eventsOf(await bench.receive({ body: hook(once) })).map(({ dedupeKey }) => dedupeKey);
    expect(await keysOf()).toEqual(await keysOf());
    expect(eventsOf(await bench.receive({ body: hook(once) }))[0]?.occurredAt).toBe(
      '2026-01-01T00:00:00.000Z',
    );
  });

  it('list the changed attributes of a profile if Okta names them', async () => {
    const update = (changedAttributes: unknown) =>
      entry('user.account.update_profile', [ada], { debugContext: { debugData: { changedAttributes } } });
    const tell = async (names: unknown) =>
      reportedBy(await openBench().receive({ body: hook(update(names)) }));
    expect(await tell('firstName,lastName, department, email,secondEmail,shoeSize')).toEqual([
      'patch User 00u1 {name.givenName: ? → ?, name.familyName: ? → ?, urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department: ? → ?, emails: ? → ?, shoeSize: ? → ?}',
    ]);
    expect(await tell(['profile.title'])).toEqual(['patch User 00u1 {title: ? → ?}']);
    for (const nothing of [undefined, null, '', 7]) expect(await tell(nothing)).toEqual(['patch User 00u1']);
  });
});
