import { calculateJwkThumbprint } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import {
  eventsOf,
  headerOf,
  openPolledWorkspace,
  type PushAnswer,
  pollToken,
  startReceiver,
  verifySet,
} from '../integration/sandbox/workspace/event-fixture.ts';
import {
  openWorkspace,
  patchUrn,
  send,
  standingClock,
  userUrn,
} from '../integration/sandbox/workspace/workspace-fixture.ts';

const eventually = (check: () => unknown): Promise<unknown> =>
  vi.waitFor(check, { timeout: 120_000, interval: 10 });

describe('discovery', () => {
  it('[events-discovery]: absent, full or notice, as the streams are', async () => {
    const workspace = await openWorkspace();
    const config = async () => (await workspace.scim('GET', '/ServiceProviderConfig')).body.securityEvents;
    expect(await config()).toBeUndefined();
    await workspace.admin('PATCH', '/settings', { eventPolling: true });
    expect(await config()).toEqual({
      asyncRequest: 'none',
      eventUris: [
        'urn:ietf:params:scim:event:prov:create:full',
        'urn:ietf:params:scim:event:prov:patch:full',
        'urn:ietf:params:scim:event:prov:put:full',
        'urn:ietf:params:scim:event:prov:delete',
        'urn:ietf:params:scim:event:prov:activate',
        'urn:ietf:params:scim:event:prov:deactivate',
      ],
    });
    await workspace.admin('PATCH', '/settings', { eventFormat: 'notice' });
    expect((await config()).eventUris).toContain('urn:ietf:params:scim:event:prov:put:notice');
    // End users have events of no kind.
    const { identityScimBaseUrls, identityTokens } = workspace.sandbox;
    const ofEndUsers = await send(
      'GET',
      `${identityScimBaseUrls.dev}/ServiceProviderConfig`,
      identityTokens.dev,
    );
    expect(ofEndUsers.body).not.toHaveProperty('securityEvents');
    await workspace.admin('PATCH', '/settings', { eventPolling: false });
    expect(await config()).toBeUndefined();
    expect((await workspace.scim('GET', `/Schemas/${spcUrn}`)).body.attributes).toContainEqual(
      expect.objectContaining({ name: 'securityEvents' }),
    );
  });

  const spcUrn = 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig';
});

describe('a SET', () => {
  /** One SET as it is on the wire. */
  async function oneSet() {
    const clock = standingClock('2026-03-01T12:00:00.250Z');
    const workspace = await openPolledWorkspace({
      now: clock.now,
      eventIssuer: 'https://iss.example',
      eventAudience: 'https://aud.example',
    });
    const id = await workspace.user('ann@example.com', { externalId: '00u1' });
    clock.move(60_000);
    const { sets } = (await workspace.poll()).body;
    const [[jti, set]] = Object.entries<string>(sets) as [[string, string]];
    return { workspace, id, jti, set, claims: await verifySet(set, workspace.sandbox) };
  }

  it('[set-typ]: signed, and typed', async () => {
    const { set } = await oneSet();
    expect(set.split('.')).toHaveLength(3);
    expect(headerOf(set)).toEqual({ alg: 'ES256', typ: 'secevent+jwt', kid: expect.any(String) });
  });

  it('[set-claims]: all that it has', async () => {
    const { jti, claims } = await oneSet();
    expect(Object.keys(claims)).toEqual(['iss', 'aud', 'iat', 'jti', 'txn', 'toe', 'sub_id', 'events']);
    expect(claims).toMatchObject({
      iss: 'https://iss.example',
      aud: 'https://aud.example',
      jti,
      // When the change was made, and when this was signed.
      toe: Date.parse('2026-03-01T12:00:00.250Z') / 1000,
      iat: Date.parse('2026-03-01T12:01:00Z') / 1000,
    });
    expect(jti.startsWith(`${claims.txn}.`)).toBe(true);
  });

  it('[set-jwks]: to be verified by anybody, signed by nobody else', async () => {
    const { workspace, set } = await oneSet();
    const { status, body } = await send('GET', workspace.sandbox.jwksUrl, undefined);
    expect([status, body]).toEqual([
      200,
      {
        keys: [
          {
            kty: 'EC',
            crv: 'P-256',
            x: expect.any(String),
            y: expect.any(String),
            kid: headerOf(set).kid,
            alg: 'ES256',
            use: 'sig',
          },
        ],
      },
    ]);
    expect(await calculateJwkThumbprint(body.keys[0])).toBe(headerOf(set).kid);
    const other = await openPolledWorkspace();
    await expect(verifySet(set, { ...workspace.sandbox, jwksUrl: other.sandbox.jwksUrl })).rejects.toThrow();
  });

  it('[event-subject]: by URI and externalId', async () => {
    const { workspace, id, claims } = await oneSet();
    expect(claims.sub_id).toEqual({ format: 'scim', uri: `/Users/${id}`, externalId: '00u1' });
    const group = await workspace.group('Crew');
    expect((await workspace.drain()).at(-1)?.sub_id).toEqual({ format: 'scim', uri: `/Groups/${group}` });
  });
});

describe('events', () => {
  /** The life of a user, as the events of a format. */
  async function life(eventFormat: 'full' | 'notice') {
    const workspace = await openPolledWorkspace({ eventFormat });
    const name = { givenName: 'Ann', familyName: 'Lee' };
    const id = await workspace.user('ann@example.com', { name });
    const created = await workspace.scim('GET', `/Users/${id}`);
    const patched = await workspace.patch(
      id,
      { op: 'replace', path: 'name.familyName', value: 'Low' },
      { op: 'add', value: { title: 'Lead', active: false } },
    );
    const put = await workspace.scim('PUT', `/Users/${id}`, {
      schemas: [userUrn],
      userName: 'ann@example.com',
      active: true,
    });
    await workspace.scim('DELETE', `/Users/${id}`);
    return { created, patched, put, reported: (await workspace.drain()).map(eventsOf) };
  }

  it('[event-full]: data as SCIM shows it, and what a PATCH came to', async () => {
    const { created, patched, put, reported } = await life('full');
    expect(reported).toEqual([
      { 'create:full': { data: created.body, version: created.headers.get('etag') } },
      {
        deactivate: {},
        'patch:full': {
          data: {
            schemas: [patchUrn],
            Operations: [
              { op: 'replace', path: 'name.familyName', value: 'Low' },
              { op: 'add', path: 'title', value: 'Lead' },
            ],
          },
          version: patched.headers.get('etag'),
        },
      },
      { activate: {}, 'put:full': { data: put.body, version: put.headers.get('etag') } },
      { delete: {} },
    ]);
  });

  it('[event-notice]: paths of what changed', async () => {
    const { created, patched, put, reported } = await life('notice');
    expect(reported).toEqual([
      {
        'create:notice': {
          attributes: ['id', 'active', 'userName', 'name'],
          version: created.headers.get('etag'),
        },
      },
      {
        deactivate: {},
        'patch:notice': { attributes: ['name.familyName', 'title'], version: patched.headers.get('etag') },
      },
      { activate: {}, 'put:notice': { attributes: ['name', 'title'], version: put.headers.get('etag') } },
      { delete: {} },
    ]);
  });

  it.each(['full', 'notice'] as const)('[event-no-payload]: with the format %s', async (format) => {
    const { reported } = await life(format);
    expect(reported).toMatchObject([{}, { deactivate: {} }, { activate: {} }, { delete: {} }]);
    for (const one of [reported[1]?.deactivate, reported[2]?.activate, reported[3]?.delete])
      expect(one).toEqual({});
  });

  it('[event-together]: active turns, and more with it', async () => {
    const workspace = await openPolledWorkspace();
    const id = await workspace.user('ann@example.com');
    await workspace.patch(id, { op: 'replace', value: { active: false } });
    await workspace.patch(id, { op: 'replace', value: { active: true, title: 'Lead' } });
    const [, suspended, restored] = await workspace.drain();
    expect(Object.keys(suspended?.events ?? {})).toEqual(['urn:ietf:params:scim:event:prov:deactivate']);
    expect(Object.keys(restored?.events ?? {})).toEqual([
      'urn:ietf:params:scim:event:prov:activate',
      'urn:ietf:params:scim:event:prov:patch:full',
    ]);
  });
});

describe('push', () => {
  it('[set-push]: one by one, each until 202', async () => {
    const { url, pushes, accepted } = await startReceiver([200, 204, 302]);
    const workspace = await openWorkspace({ eventPushUrl: url, eventPushToken: 'push-token' });
    const ann = await workspace.user('ann@example.com');
    const bob = await workspace.user('bob@example.com');
    await eventually(() => expect(accepted).toHaveLength(2));
    const claims = await Promise.all(pushes.map(({ set }) => verifySet(set, workspace.sandbox)));
    const uris = claims.map(({ sub_id }) => sub_id.uri);
    expect(uris).toEqual([...Array.from({ length: 4 }, () => `/Users/${ann}`), `/Users/${bob}`]);
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(2);
    for (const { headers } of pushes) {
      expect(headers).toMatchObject({
        'content-type': 'application/secevent+jwt',
        accept: 'application/json',
        authorization: 'Bearer push-token',
      });
    }
  });

  const refusals: readonly [PushAnswer, string][] = [
    [
      { status: 400, body: { err: 'invalid_request', description: 'It is not valid.' } },
      'The receiver rejected it: invalid_request: It is not valid.',
    ],
    [
      { status: 400, body: { err: 'invalid_key', description: 'Key 12345 has been revoked.' } },
      'The receiver rejected it: invalid_key: Key 12345 has been revoked.',
    ],
    [{ status: 400, body: { err: 'invalid_issuer' } }, 'The receiver rejected it: invalid_issuer'],
    [{ status: 400, body: { err: 'invalid_audience' } }, 'The receiver rejected it: invalid_audience'],
    [
      { status: 400, body: { err: 'authentication_failed' } },
      'The receiver rejected it: authentication_failed',
    ],
    [{ status: 400, body: { err: 'access_denied' } }, 'The receiver rejected it: access_denied'],
    [
      { status: 400, body: { error: 'of another form' } },
      'The receiver answered 400; RFC 8935 requires 202.',
    ],
    [{ status: 400, body: { err: 'x'.repeat(10_000) } }, 'The receiver answered 400; RFC 8935 requires 202.'],
    [401, 'The receiver answered 401; RFC 8935 requires 202.'],
    ['cut', 'There was no response ('],
  ];

  it.each(refusals)('[set-push-refused]: %j is shown, and the SET is sent again', async (answer, fault) => {
    const { url, pushes, accepted, answers } = await startReceiver(Array.from({ length: 50 }, () => answer));
    const workspace = await openWorkspace({ eventPushUrl: url });
    const stream = async () => (await workspace.admin('GET', '/event-streams')).body.push;
    expect(await stream()).toEqual({ pending: 0, fault: null });
    await workspace.user('ann@example.com');
    await eventually(async () =>
      expect(await stream()).toEqual({ pending: 1, fault: expect.stringContaining(fault) }),
    );
    answers.length = 0;
    await eventually(() => expect(accepted).toHaveLength(1));
    await eventually(async () => expect(await stream()).toEqual({ pending: 0, fault: null }));
    const claims = await Promise.all(pushes.map(({ set }) => verifySet(set, workspace.sandbox)));
    expect(claims.length).toBeGreaterThan(1);
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(1);
  });
});

describe('poll', () => {
  const people = ['a@example.com', 'b@example.com', 'c@example.com'] as const;

  async function withThree() {
    // Longer than any test may take: what waits although it must not is seen.
    const workspace = await openPolledWorkspace({ limits: { longPollInSeconds: 3600 } });
    for (const one of people) await workspace.user(one);
    const pollNow = async (body: object = {}): Promise<readonly [string[], boolean]> => {
      const answer = await workspace.poll({ returnImmediately: true, ...body });
      expect(answer.status).toBe(200);
      expect(Object.keys(answer.body)).toEqual(['sets', 'moreAvailable']);
      return [Object.keys(answer.body.sets), answer.body.moreAvailable];
    };
    const [all] = await pollNow();
    const [first = '', second = '', third = ''] = all;
    return { workspace, pollNow, all, first, second, third };
  }

  it('[set-poll]: by jti, in their order', async () => {
    const { workspace } = await withThree();
    const { status, headers, body } = await workspace.poll();
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    const reported: string[] = [];
    for (const [jti, set] of Object.entries<string>(body.sets)) {
      const claims = await verifySet(set, workspace.sandbox);
      expect(claims.jti).toBe(jti);
      reported.push(eventsOf(claims)['create:full'].data.userName);
    }
    expect([reported, body.moreAvailable]).toEqual([people, false]);
    await workspace.drain();
    expect((await workspace.poll({ returnImmediately: true })).body).toEqual({
      sets: {},
      moreAvailable: false,
    });
  });

  it('[set-poll-max]: as many as asked, and whether there are more', async () => {
    const { pollNow, first, second, third } = await withThree();
    expect(await pollNow({ maxEvents: 2 })).toEqual([[first, second], true]);
    expect(await pollNow({ maxEvents: 3 })).toEqual([[first, second, third], false]);
    expect(await pollNow({ maxEvents: 0 })).toEqual([[], true]);
    expect(await pollNow({ maxEvents: 0, ack: [first], returnImmediately: false })).toEqual([[], true]);
    expect(await pollNow({ maxEvents: 0, ack: [second, third], returnImmediately: false })).toEqual([
      [],
      false,
    ]);
    expect(await pollNow()).toEqual([[], false]);
  });

  it('[set-poll-wait]: until there is one', async () => {
    const workspace = await openPolledWorkspace();
    let isAnswered = false;
    const waiting = workspace.poll().then((answer) => {
      isAnswered = true;
      return answer;
    });
    // What changes no member or group wakes nobody.
    await workspace.admin('PATCH', '/settings', { mode: 'scim_only' });
    expect((await workspace.poll({ returnImmediately: true })).body.sets).toEqual({});
    expect(isAnswered).toBe(false);
    await workspace.user('ann@example.com');
    expect(Object.keys((await waiting).body.sets)).toHaveLength(1);
  });

  it('[set-poll-wait]: for a bounded time', async () => {
    const workspace = await openPolledWorkspace({ limits: { longPollInSeconds: 1 } });
    expect((await workspace.poll({ returnImmediately: false })).body).toEqual({
      sets: {},
      moreAvailable: false,
    });
  });

  it('[set-poll-wait]: not beyond the end of the sandbox', async () => {
    const workspace = await openPolledWorkspace({ limits: { longPollInSeconds: 3600 } });
    await workspace.user('ann@example.com');
    const { sets } = (await workspace.poll()).body;
    const waiting = workspace.poll({ ack: Object.keys(sets) });
    // What it acknowledges is gone: it has arrived.
    await eventually(async () =>
      expect((await workspace.admin('GET', '/event-streams')).body.poll.pending).toBe(0),
    );
    await workspace.close();
    const { status, body } = await waiting;
    expect([status, body.sets]).toEqual([200, {}]);
  });

  it('[set-poll-ack]: again until then', async () => {
    const { workspace, pollNow, all, first, second, third } = await withThree();
    expect(await pollNow()).toEqual([all, false]);
    expect(await pollNow({ ack: [second] })).toEqual([[first, third], false]);
    expect(await pollNow({ ack: [second, 'unknown'] })).toEqual([[first, third], false]);
    const refusalOf = (jti: string) =>
      Object.fromEntries([[jti, { err: 'invalid_audience', description: 'The audience is another.' }]]);
    expect(await pollNow({ setErrs: refusalOf(first) })).toEqual([[third], false]);
    expect((await workspace.admin('GET', '/event-streams')).body.poll).toEqual({
      pending: 1,
      fault: `${first} was refused: invalid_audience: The audience is another.`,
    });
    expect(await pollNow({ ack: [third], setErrs: refusalOf(third) })).toEqual([[], false]);
  });

  const invalid: readonly [unknown, string][] = [
    [{ maxEvents: -1 }, '"maxEvents" must be a whole number from 0.'],
    [{ maxEvents: '3' }, '"maxEvents" must be a whole number from 0.'],
    [{ maxEvents: 1.5 }, '"maxEvents" must be a whole number from 0.'],
    [{ returnImmediately: 'yes' }, '"returnImmediately" must be true or false.'],
    [{ ack: 'x' }, '"ack" must be a list of the "jti" of SETs.'],
    [{ ack: [7] }, '"ack" must be a list of the "jti" of SETs.'],
    [{ setErrs: [] }, '"setErrs" must be an object of errors by "jti".'],
    [{ setErrs: { x: 'no' } }, 'Each of "setErrs" must be {"err": …, "description": …}.'],
    [[], 'The body must be a JSON object.'],
    ['{"ack"', 'The body is not valid JSON.'],
  ];

  it.each(invalid)('[set-poll-invalid]: %j', async (given, description) => {
    const { workspace, pollNow, all, first } = await withThree();
    const body = typeof given === 'object' && !Array.isArray(given) ? { ack: [first], ...given } : given;
    const { eventPollUrl } = workspace.sandbox;
    const json = { 'content-type': 'application/json' };
    const refused = await send('POST', eventPollUrl, pollToken, body, json);
    expect([refused.status, refused.body]).toEqual([400, { err: 'invalid_request', description }]);
    expect(await pollNow()).toEqual([all, false]);
  });

  it('[set-poll-invalid]: for those who have the token', async () => {
    const { workspace, pollNow, all, first } = await withThree();
    for (const token of ['wrong', workspace.sandbox.token, workspace.sandbox.adminToken]) {
      const { status, headers, body } = await workspace.poll({ ack: [first] }, token);
      expect([status, headers.get('www-authenticate'), body]).toEqual([
        401,
        'Bearer realm="events"',
        {
          err: 'authentication_failed',
          description: 'Send the polling token as "Authorization: Bearer TOKEN".',
        },
      ]);
    }
    expect(await pollNow()).toEqual([all, false]);
    const got = await send('GET', workspace.sandbox.eventPollUrl, pollToken);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
  });
});
