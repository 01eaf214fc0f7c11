import { describe, expect, it } from 'vitest';
import {
  openWorkspace,
  patchUrn,
  roleUrn,
  root,
  standingClock,
} from '../integration/sandbox/workspace/workspace-fixture.ts';
import { expectNoSecret } from '../support/expect-no-secret.ts';
import { createFakePlatform } from '../support/fake-platform.ts';
import { openPush } from '../support/webhook/open-source.ts';
import { eventsOf, inShort, refusalOf, reportedBy } from '../support/webhook/outcome.ts';
import { type PushRequestParts, pushRequest } from '../support/webhook/push-request.ts';

const bearerToken = 'the-token-of-the-stream';
const previousBearerToken = 'the-token-before';

function openBench(settings: Readonly<Record<string, unknown>> = { bearerToken }) {
  const platform = createFakePlatform(() => ({ status: 500 }));
  const receiver = openPush('workato_audit_log', platform, settings);
  const receive = ({ headers, ...request }: PushRequestParts) =>
    receiver.receive(pushRequest({ ...request, headers: { authorization: bearerToken, ...headers } }));
  return { platform, receive, tell: (entry: unknown) => receive({ body: JSON.stringify(entry) }) };
}

/** An entry in the form of Workato's sample of 2020 (docs.workato.com/job-history-replication.html). */
const entry = (event: string, attributes: object = {}) => ({
  id: '1f3a9b',
  content: {
    timestamp: '2025-12-31T12:34:56.789Z',
    tags: [],
    attributes: {
      event,
      resource: {
        type: 'ManagedUserGrant',
        id: 1718,
        grant_type: 'team',
        role: 'Admin',
        member: { id: 1719, type: 'User', name: 'Ada Lovelace', email: 'ada@example.com' },
      },
      details: {},
      team: { id: 4711, name: 'Acme', email: root },
      user: { id: 7, name: 'Root', email: root },
      timestamp: '2025-12-31T12:34:56.789Z',
      ...attributes,
    },
  },
});

it('reports an accepted invitation of the documented form about the user who accepted it', async () => {
  const received = await openBench().tell(
    entry('team_invitation_accept', {
      resource: {
        type: 'MemberInvitation',
        id: 847,
        role: 'Admin',
        name: 'Alice Jackson',
        email: 'alice@example.com',
      },
      user: { id: 6464, name: 'Alice', email: 'alice@example.com' },
      timestamp: '2020-05-04 18:53:16 UTC',
    }),
  );
  expect(eventsOf(received)).toMatchObject([
    {
      type: 'create',
      occurredAt: '2020-05-04T18:53:16.000Z',
      subject: { id: '6464', userName: 'alice@example.com', displayName: 'Alice Jackson' },
    },
  ]);
});

describe('the sender', () => {
  it.each([bearerToken, `Bearer ${bearerToken}`, `bearer  ${bearerToken}`])(
    'is accepted with "%s"',
    async (value) => {
      const received = await openBench().receive({
        body: JSON.stringify(entry('team_membership_deleted')),
        headers: { authorization: value },
      });
      expect(received.reply).toEqual({ status: 200, headers: {}, body: '' });
      expect(reportedBy(received)).toEqual(['delete User 1719']);
    },
  );

  it('is accepted with the previous token during rotation', async () => {
    const body = JSON.stringify(entry('user_login'));
    const headers = { authorization: `Bearer ${previousBearerToken}` };
    const both = openBench({ bearerToken, previousBearerToken });
    expect((await both.receive({ body, headers })).kind).toBe('accepted');
    expect(refusalOf(await openBench().receive({ body, headers }))).toEqual([401, 'authentication_failed']);
  });

  it.each<[what: string, value: string | readonly string[] | null, status: number]>([
    ['nothing', null, 401],
    ['an empty value', '', 401],
    ['an empty token', 'Bearer ', 401],
    ['another token', 'Bearer x', 401],
    ['half a token', bearerToken.slice(1), 401],
    ['two tokens', [bearerToken, bearerToken], 400],
  ])('is rejected with %s', async (_, value, status) => {
    const bench = openBench({ bearerToken, previousBearerToken: '' });
    const received = await bench.receive({ body: '{}', headers: { authorization: value } });
    expect(refusalOf(received)[0]).toBe(status);
    expectNoSecret(received.kind === 'refused' && received.reason, bearerToken);
    expectNoSecret(received.reply, bearerToken);
    expectNoSecret(bench.platform.logged, bearerToken);
  });

  it.each<[what: string, request: PushRequestParts, status: number]>([
    ['another method', { method: 'GET' }, 405],
    ['invalid JSON', { body: '{' }, 400],
    ['invalid UTF-8', { body: new Uint8Array([0x22, 0xff, 0x22]) }, 400],
    ['too many levels', { body: `${'['.repeat(70)}${']'.repeat(70)}` }, 400],
    ['a body that is too large', { body: ' '.repeat(2 * 1024 * 1024 + 1) }, 413],
    ['an empty object', { body: '{}' }, 400],
    ['no id', { body: JSON.stringify({ ...entry('user_login'), id: null }) }, 400],
    ['no name', { body: JSON.stringify({ id: 1, content: { attributes: {} } }) }, 400],
  ])('is rejected with %s', async (_, request, status) => {
    expect(refusalOf(await openBench().receive(request))).toEqual([status, 'invalid_request']);
  });

  it('cannot be configured with an empty token', () => {
    expect(() => openBench({ bearerToken: '' })).toThrow('`bearerToken` must not be empty');
  });
});

describe('a message in the documented form', () => {
  it('is mapped completely', async () => {
    expect(eventsOf(await openBench().tell(entry('team_invitation_accept')))).toEqual([
      {
        id: '1f3a9b',
        type: 'create',
        occurredAt: '2025-12-31T12:34:56.789Z',
        resource: 'User',
        subject: { id: '1719', externalId: null, userName: 'ada@example.com', displayName: 'Ada Lovelace' },
        changes: [],
        data: null,
        source: 'workato_audit_log',
        cause: null,
        isLate: false,
        dedupeKey: 'workato_audit_log/4711/1f3a9b/create',
      },
    ]);
  });

  it.each(['team_invitation_created', 'user_login', 'recipe_started', 'end_user_created', 'toString'])(
    'is skipped if it is not about a membership: %s',
    async (name) => {
      expect(reportedBy(await openBench().tell(entry(name)))).toEqual([]);
    },
  );

  it('can contain the job history, which is skipped', async () => {
    const job = { id: 'j-AEcaNzd9-dGQ4Bf', recipe_id: 3026581, status: 'succeeded', context: {} };
    expect(reportedBy(await openBench().tell(job))).toEqual([]);
  });

  it('can be a list, and have no details', async () => {
    const received = await openBench().tell([
      entry('team_membership_deleted'),
      entry('team_membership_suspended', { details: undefined }),
      entry('team_membership_restored', { details: 'none' }),
      entry('team_membership_role_updated', { details: { source: 'saml_auto_sync' } }),
    ]);
    expect(reportedBy(received)).toEqual([
      'delete User 1719',
      'deactivate User 1719 {active: ? → false}',
      'activate User 1719 {active: ? → true}',
      'patch User 1719 by saml_auto_sync',
    ]);
  });

  it.each([null, 'text', {}, { id: '1', content: {} }])(
    'does not block the others of a list if it cannot be read: %j',
    async (broken) => {
      const bench = openBench();
      const received = await bench.tell([broken, entry('team_membership_deleted'), broken]);
      expect(reportedBy(received)).toEqual(['delete User 1719']);
      expect(bench.platform.logged.filter(({ event }) => event === 'event_ignored')).toHaveLength(2);
      expect(refusalOf(await bench.tell(broken))).toEqual([400, 'invalid_request']);
    },
  );

  it('can have an extension under its URI, like the previous role that the workspace reports', async () => {
    const details = { before: {}, after: { [roleUrn]: { workato_role: 'Operator' } } };
    expect(reportedBy(await openBench().tell(entry('team_membership_updated', { details })))).toEqual([
      `patch User 1719 {${roleUrn}:workato_role: null → "Operator"}`,
    ]);
  });

  it('is skipped if it has no subject', async () => {
    const bench = openBench();
    const received = await bench.tell(entry('team_membership_deleted', { resource: { type: 'x' } }));
    expect(reportedBy(received)).toEqual([]);
    expect(bench.platform.logged).toContainEqual(expect.objectContaining({ event: 'event_ignored' }));
  });

  it.each([
    { type: 'ManagedUserGrant', id: 1718 },
    { type: 'ManagedUserGrant', id: 1718, member: { name: 'Ada', email: 'ada@example.com' } },
    { type: 'Recipe', id: 1719, name: 'Sync' },
  ])('never takes the ID of another resource for that of a member: %j', async (resource) => {
    const bench = openBench();
    expect(reportedBy(await bench.tell(entry('team_membership_deleted', { resource })))).toEqual([]);
    expect(bench.platform.logged).toContainEqual(expect.objectContaining({ event: 'event_ignored' }));
  });

  it('can have the user as its resource', async () => {
    const resource = { type: 'User', id: 1719, name: 'Ada Lovelace', email: 'ada@example.com' };
    expect(reportedBy(await openBench().tell(entry('team_membership_deleted', { resource })))).toEqual([
      'delete User 1719',
    ]);
  });

  it.each([
    '2020-05-04 18:53:16 UTC',
    '2020-05-04 11:53:16 -0700',
    '2020-05-04T20:53:16+02:00',
    '2020-05-04T18:53:16',
    1588618396,
    1588618396000,
  ])('dates an event at %j in UTC', async (timestamp) => {
    const received = await openBench().tell(entry('team_membership_deleted', { timestamp }));
    expect(eventsOf(received)).toMatchObject([{ occurredAt: '2020-05-04T18:53:16.000Z' }]);
  });

  it('cannot pollute a prototype', async () => {
    const after =
      '{"__proto__":{"polluted":1},"__proto__.polluted":1,"constructor.prototype.polluted":1,"a.__proto__.b":1}';
    const body = JSON.stringify(entry('team_membership_updated')).replace(
      '"details":{}',
      `"details":{"after":${after}}`,
    );
    expect((await openBench().receive({ body })).kind).toBe('accepted');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(({} as Record<string, unknown>).b).toBeUndefined();
  });
});

describe('a message of the sandbox workspace', () => {
  it('reports the change, its author, and the values before and after', async () => {
    const clock = standingClock();
    const workspace = await openWorkspace({ now: clock.now, mode: 'hybrid' });
    const ann = await workspace.user('ann@example.com', {
      displayName: 'Ann',
      [roleUrn]: { workato_role: 'Admin' },
    });
    await workspace.patch(ann, { op: 'replace', path: 'title', value: 'Lead' });
    await workspace.patch(ann, { op: 'replace', path: `${roleUrn}:workato_role`, value: 'Operator' });
    await workspace.admin('PATCH', `/members/${ann}`, { roles: { prod: 'Analyst' }, actor: root });
    const crew = await workspace.group('Crew', [ann]);
    await workspace.login('ann@example.com', { workato_role: ['Analyst'], workato_user_groups: ['Crew'] });
    await workspace.patch(ann, { op: 'Replace', path: 'active', value: 'False' });
    await workspace.patch(ann, { op: 'replace', value: { active: true, title: 'Head' } });
    await workspace.scim('PATCH', `/Groups/${crew}`, {
      schemas: [patchUrn],
      Operations: [
        { op: 'replace', value: { displayName: 'Gang' } },
        { op: 'remove', path: `members[value eq "${ann}"]` },
      ],
    });
    await workspace.admin('DELETE', `/members/${ann}?actor=${root}`);
    await workspace.login('ann@example.com');
    await workspace.scim('DELETE', `/Groups/${crew}`);
    await workspace.scim('DELETE', `/Users/${ann}`);
    const log: readonly unknown[] = (await workspace.admin('GET', '/audit-log')).body.data;

    const bench = openBench();
    const events = (await Promise.all(log.map(bench.tell))).flatMap(eventsOf);
    const scim = 'by scim_auto_sync';
    const saml = 'by saml_auto_sync';
    const dev = `${roleUrn}:workato_role`;
    const member = JSON.stringify({ value: ann });
    expect(events.map(inShort)).toEqual([
      `create User ${ann} with data ${scim}`,
      `patch User ${ann} {title: null → "Lead"} ${scim}`,
      `patch User ${ann} {${dev}: "Admin" → "Operator"} ${scim}`,
      `patch User ${ann} {${dev}_prod: "Operator" → "Analyst"} by manual`,
      `create Group ${crew} {members[value eq "${ann}"]: null → ${member}} with data ${scim}`,
      `patch User ${ann} {${dev}: "Operator" → "Analyst"} ${saml}`,
      `deactivate User ${ann} {active: true → false} ${scim}`,
      `activate User ${ann} {active: false → true} ${scim}`,
      `patch User ${ann} {title: "Lead" → "Head"} ${scim}`,
      `patch Group ${crew} {displayName: "Crew" → "Gang", members[value eq "${ann}"]: ${member} → null} ${scim}`,
      `delete User ${ann} by manual`,
      `activate User ${ann} {active: ? → true} ${saml}`,
      `delete Group ${crew} ${scim}`,
      `delete User ${ann} ${scim}`,
    ]);
    expect(events[0]?.data).toMatchObject({
      id: ann,
      userName: 'ann@example.com',
      active: true,
      [roleUrn]: { workato_role: 'Admin', workato_role_test: 'Operator', workato_role_prod: 'Operator' },
    });
    expect(events[0]?.subject).toEqual({
      id: ann,
      externalId: null,
      userName: 'ann@example.com',
      displayName: 'Ann',
    });
    const keys = events.map(({ dedupeKey }) => dedupeKey);
    expect(new Set(keys).size).toBe(keys.length);
    const again = (await Promise.all(log.map(bench.tell))).flatMap(eventsOf);
    expect(again.map(({ dedupeKey }) => dedupeKey)).toEqual(keys);
  });

  it('names the groups that a login changed', async () => {
    const workspace = await openWorkspace({ mode: 'hybrid' });
    const ann = await workspace.user('ann@example.com');
    await workspace.group('Crew', [ann]);
    await workspace.group('Gang');
    await workspace.login('ann@example.com', { workato_user_groups: ['Gang'] });
    const log: readonly unknown[] = (await workspace.admin('GET', '/audit-log')).body.data;
    const bench = openBench();
    const reported = (await Promise.all(log.map(bench.tell))).flatMap(reportedBy);
    expect(reported).toContain(
      `patch User ${ann} {groups: [{"display":"Crew"}] → [{"display":"Gang"}]} by saml_auto_sync`,
    );
  });
});
