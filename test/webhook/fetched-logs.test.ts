import { describe, expect, it } from 'vitest';
import { type HttpResponse, TransportError } from '../../connector/platform.ts';
import { showActivityEntry, showEvent } from '../../sandbox/workspace/audit/show-event.ts';
import { workatoAuditNames } from '../../triggers/sources/providers/workato-audit-events.ts';
import { expectNoSecret } from '../support/expect-no-secret.ts';
import { failureOf } from '../support/failure-of.ts';
import { createFakePlatform, type FakeSend, fakeEpochInMs } from '../support/fake-platform.ts';
import { openPull, openPush, sampleSettings } from '../support/webhook/open-source.ts';
import { eventsOf, inShort } from '../support/webhook/outcome.ts';
import { pushRequest } from '../support/webhook/push-request.ts';
import { signBody } from '../support/webhook/sign-body.ts';
import { createWorkosApi, type WorkosEvent } from '../support/webhook/workos-api.ts';

const apiToken = 'the-token-of-the-api-client';
const apiKey = 'sk_the_key_of_the_environment';
const startAt = '2025-12-01T00:00:00Z';
const roleUrn = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';

const fetched = {
  workato_activity_log: { apiUrl: 'https://app.eu.workato.com/api', apiToken, startAt },
  workos_events: { apiKey, startAt },
} as const;

function poll(type: keyof typeof fetched, send: FakeSend, settings: object = {}) {
  const platform = createFakePlatform(send);
  return { platform, polled: openPull(type, platform, { ...fetched[type], ...settings }).poll(undefined) };
}

describe('an event of the Workato audit log', () => {
  const event = (name: string, parts: object = {}) => ({
    id: 17,
    event: name,
    timestamp: '2025-12-31T12:34:56.789Z',
    user: { id: '7', name: 'Root', email: 'root@example.com' },
    resource: {
      type: 'ManagedUserGrant',
      id: 1718,
      member: { id: 1719, type: 'User', name: 'Ada Lovelace', email: 'ada@example.com' },
    },
    details: { source: 'scim_auto_sync' },
    ...parts,
  });
  const group = { type: 'UserGroup', id: 5, name: 'Crew' };

  it.each<[what: string, entry: ReturnType<typeof event>]>([
    ...[...workatoAuditNames].map(
      ([name, { resource }]) =>
        [name, event(name, resource === 'Group' ? { resource: group } : {})] as [
          string,
          ReturnType<typeof event>,
        ],
    ),
    [
      'an accepted invitation, as Workato documents it',
      event('team_invitation_accept', {
        resource: { type: 'MemberInvitation', id: 847, name: 'Alice Jackson', email: 'alice@example.com' },
        user: { id: 6464, name: 'Alice', email: 'alice@example.com' },
        timestamp: '2020-05-04 18:53:16 UTC',
      }),
    ],
    [
      'a role with its values',
      event('team_membership_role_updated', {
        details: {
          source: 'manual',
          before: { [roleUrn]: { workato_role: 'Admin' } },
          after: { workato_role: 'Analyst' },
        },
      }),
    ],
    [
      'members of a group',
      event('user_group_updated', {
        resource: group,
        details: { before: { members: [{ value: 'a' }] }, after: { members: [{ value: 'b' }] } },
      }),
    ],
    [
      'no ID of a member',
      event('team_membership_deleted', { resource: { type: 'ManagedUserGrant', id: 5 } }),
    ],
  ])(
    'maps to the same events, with the same keys, when it is pushed and when it is fetched: %s',
    async (_, one) => {
      const push = openPush(
        'workato_audit_log',
        createFakePlatform(() => ({})),
        { bearerToken: 'secret' },
      );
      const body = JSON.stringify(showEvent(one as never, 'root@example.com'));
      const pushed = eventsOf(
        await push.receive(pushRequest({ body, headers: { authorization: 'secret' } })),
      );
      const entry = showActivityEntry(one as never, 'root@example.com');
      let pages = 0;
      const { polled } = poll(
        'workato_activity_log',
        () => {
          pages += 1;
          return { body: JSON.stringify({ data: pages === 1 ? [entry] : [], total: 1 }) };
        },
        { startAt: '2020-01-01T00:00:00Z' },
      );
      const { events } = await polled;
      const source = 'workato_activity_log';
      expect(events).toEqual(pushed.map((reported) => ({ ...reported, source })));
      expect(events.map(({ dedupeKey }) => dedupeKey)).toEqual(pushed.map(({ dedupeKey }) => dedupeKey));
    },
  );

  it('is requested from the data center, with the token, the time, and the events that are mapped', async () => {
    const { platform, polled } = poll('workato_activity_log', () => ({ body: '{"data":[],"total":0}' }), {
      apiUrl: 'https://app.eu.workato.com/api/',
    });
    await polled;
    const [request] = platform.sent;
    const url = new URL(request?.url ?? '');
    expect([request?.method, url.origin, url.pathname]).toEqual([
      'GET',
      'https://app.eu.workato.com',
      '/api/activity_logs',
    ]);
    expect(request?.headers.authorization).toBe(`Bearer ${apiToken}`);
    expect([...url.searchParams]).toEqual([
      ['page[size]', '100'],
      ['from', '2025-12-01T00:00:00.000Z'],
      ...[...workatoAuditNames.keys()].map((name) => ['include_event_types[]', name]),
    ]);
  });
});

describe('an event of WorkOS', () => {
  const user = { id: 'directory_user_1', username: 'ada', state: 'active', raw_attributes: {} };
  const crew = { id: 'directory_group_1', name: 'Crew', raw_attributes: {} };
  const event = (name: string, data: object, id = 'event_1'): WorkosEvent => ({
    id,
    event: name,
    created_at: '2025-12-31T23:59:00.000Z',
    data,
  });
  const tellPushed = async (one: WorkosEvent) => {
    const body = JSON.stringify(one);
    const signature = `t=${fakeEpochInMs}, v1=${signBody('secret', fakeEpochInMs, body)}`;
    const push = openPush(
      'workos',
      createFakePlatform(() => ({})),
      { secret: 'secret' },
    );
    return eventsOf(await push.receive(pushRequest({ headers: { 'workos-signature': signature }, body })));
  };
  const sending =
    (events: WorkosEvent[]): FakeSend =>
    ({ url, headers }) =>
      createWorkosApi(apiKey, events).answer(url, headers.authorization);

  it.each<WorkosEvent>([
    event('dsync.user.created', user),
    event('dsync.user.updated', { ...user, state: 'inactive', previous_attributes: { state: 'active' } }),
    event('dsync.user.updated', { ...user, job_title: 'Lead', previous_attributes: { job_title: null } }),
    event('dsync.user.deleted', user),
    event('dsync.group.created', crew),
    event('dsync.group.updated', { ...crew, previous_attributes: { name: 'Gang' } }),
    event('dsync.group.deleted', crew),
    event('dsync.group.user_added', { group: crew, user }),
    event('dsync.group.user_removed', { group: crew, user }),
  ])(
    'maps to the same events, with the same keys, when it is pushed and when it is fetched: $event',
    async (one) => {
      const pushed = await tellPushed(one);
      const { events } = await poll('workos_events', sending([one])).polled;
      expect(pushed.length).toBeGreaterThan(0);
      expect(events).toEqual(pushed.map((reported) => ({ ...reported, source: 'workos_events' })));
      expect(events.map(({ dedupeKey }) => dedupeKey)).toEqual(pushed.map(({ dedupeKey }) => dedupeKey));
    },
  );

  it('of an unlinked directory is a log entry, as from the webhook', async () => {
    const unlinked = event('dsync.deleted', { id: 'directory_1' });
    const { platform, polled } = poll('workos_events', sending([unlinked]));
    expect((await polled).events).toEqual([]);
    expect(platform.logged).toContainEqual({
      level: 'warn',
      event: 'directory_unlinked',
      source: 'workos_events',
      directory: 'directory_1',
    });
  });

  it('is requested by time first, then after the last event', async () => {
    const many = Array.from({ length: 150 }, (_, index) =>
      event('dsync.user.created', { ...user, id: `u${index}` }, `event_${index}`),
    );
    const api = createWorkosApi(apiKey, many);
    const { polled } = poll('workos_events', ({ url, headers }) => api.answer(url, headers.authorization), {
      organizationId: 'org_1',
    });
    expect((await polled).events.map(inShort)).toHaveLength(150);
    const names = (query: URLSearchParams) => [...new Set(query.keys())];
    expect(api.queries.map(names)).toEqual([
      ['limit', 'order', 'range_start', 'organization_id', 'events[]'],
      ['limit', 'order', 'after', 'organization_id', 'events[]'],
    ]);
    expect(api.queries[0]?.get('range_start')).toBe('2025-12-02T00:01:00.000Z');
    expect(api.queries[1]?.get('after')).toBe('event_99');
  });
});

describe.each([
  ['workato_activity_log', apiToken],
  ['workos_events', apiKey],
] as const)('a response to %s', (type, secret) => {
  it.each<[what: string, answer: Partial<HttpResponse>, code: string, nextStep: RegExp]>([
    ['the token is wrong', { status: 401, body: `{"message":"${secret}"}` }, 'auth', /`api(Token|Key)`/],
    ['the token lacks the permission', { status: 403 }, 'forbidden', /grant/i],
    ['there is no such API', { status: 404, body: '{}' }, 'not_found', /`apiUrl`/],
    ['a web page with 404', { status: 404, body: '<html>' }, 'provider_fault', /`apiUrl`/],
    ['too many requests', { status: 429, headers: { 'retry-after': '30' } }, 'rate_limited', /less often/],
    ['out of service', { status: 503, headers: { 'retry-after': '30' } }, 'unavailable', /again later/],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://evil.example/' } },
      'provider_fault',
      /`apiUrl`/,
    ],
    ['a web page', { body: '<html>Sign in</html>' }, 'provider_fault', /`apiUrl`/],
    ['nothing', { body: '' }, 'provider_fault', /`apiUrl`/],
    ['no list', { body: '{"data":{}}' }, 'provider_fault', /`apiUrl`/],
    ['an entry without an ID', { body: '{"data":[{}]}' }, 'provider_fault', /`apiUrl`/],
  ])('fails the poll and says what to do: %s', async (_, answer, code, nextStep) => {
    const { platform, polled } = poll(type, () => answer);
    const error = await failureOf(polled);
    expect(error).toMatchObject({ code, nextStep: expect.stringMatching(nextStep) });
    if (answer.headers?.['retry-after'] !== undefined) expect(error.retryAfterInMs).toBe(30_000);
    expect(platform.sent).toHaveLength(1);
    expectNoSecret(error, secret);
    expectNoSecret(platform.logged, secret);
  });

  it('fails the poll if the connection breaks', async () => {
    const { polled } = poll(type, () => {
      throw new TransportError('ECONNRESET', 'it broke', { maybeSent: true, isTransient: true });
    });
    expect(await failureOf(polled)).toMatchObject({ code: 'unavailable', transient: true });
  });

  it.each(['http://api.example.com', 'api', 'https://a:b@api.example.com'])(
    'is not requested from an address where the token is not safe: %s',
    (apiUrl) => {
      const settings = { ...sampleSettings(type), apiUrl };
      expect(() =>
        openPull(
          type,
          createFakePlatform(() => ({})),
          settings,
        ),
      ).toThrow('apiUrl');
    },
  );
});
