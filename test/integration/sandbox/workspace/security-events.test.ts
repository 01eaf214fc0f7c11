import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  auditedNumbers,
  eventsOf,
  headerOf,
  numberOf,
  openPolledWorkspace,
  pollToken,
  type SetClaims,
  startReceiver,
  verifySet,
} from './event-fixture.ts';
import { comparable, createMirror } from './event-mirror.ts';
import {
  type Answer,
  bulkUrn,
  groupUrn,
  openWorkspace,
  patchUrn,
  roleUrn,
  root,
  send,
  userUrn,
} from './workspace-fixture.ts';

type PolledWorkspace = Awaited<ReturnType<typeof openPolledWorkspace>>;

const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function newDbFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-events-'));
  folders.push(folder);
  return join(folder, 'workspace.db');
}

const eventually = (check: () => unknown): Promise<unknown> =>
  vi.waitFor(check, { timeout: 120_000, interval: 10 });

/** The operations of the one SET that waits. */
async function operations(workspace: PolledWorkspace): Promise<unknown> {
  const sets = await workspace.drain();
  expect(sets).toHaveLength(1);
  return sets.map(eventsOf)[0]?.['patch:full'].data.Operations;
}

const patchGroup = (workspace: PolledWorkspace, id: string, ...Operations: readonly object[]) =>
  workspace.scim('PATCH', `/Groups/${id}`, { schemas: [patchUrn], Operations });

describe('14. security events: what a PATCH came to', () => {
  it.each([
    ['a simple attribute', { title: 'Lead' }, [{ op: 'add', path: 'title', value: 'Lead' }]],
    [
      'part of a complex one',
      { 'name.familyName': 'Low' },
      [{ op: 'replace', path: 'name.familyName', value: 'Low' }],
    ],
    [
      'a list',
      { emails: [{ value: 'ann@work.example', type: 'work' }] },
      [{ op: 'replace', path: 'emails', value: [{ value: 'ann@work.example', type: 'work' }] }],
    ],
    [
      'an extension',
      { [enterpriseUrn]: { department: 'Tax', manager: { value: '26118915' } } },
      [
        { op: 'add', path: `${enterpriseUrn}:department`, value: 'Tax' },
        { op: 'add', path: `${enterpriseUrn}:manager`, value: { value: '26118915' } },
      ],
    ],
    [
      'a role, and what was so already',
      { [roleUrn]: { workato_role: 'Admin' }, userName: 'ann@example.com' },
      [{ op: 'add', path: `${roleUrn}:workato_role`, value: 'Admin' }],
    ],
  ])('%s', async (_, value, expected) => {
    const workspace = await openPolledWorkspace();
    const id = await workspace.user('ann@example.com', {
      name: { givenName: 'Ann', familyName: 'Lee' },
      emails: [{ value: 'ann@home.example', type: 'home' }],
    });
    await workspace.drain();
    await workspace.patch(id, { op: 'replace', value });
    expect(await operations(workspace)).toEqual(expected);
  });

  it('what is gone', async () => {
    const workspace = await openPolledWorkspace();
    const id = await workspace.user('ann@example.com', {
      title: 'Lead',
      name: { givenName: 'Ann', familyName: 'Lee' },
      [enterpriseUrn]: { department: 'Tax' },
    });
    await workspace.drain();
    const paths = ['title', 'name.givenName', `${enterpriseUrn}:department`];
    await workspace.patch(id, ...paths.map((path) => ({ op: 'remove', path })));
    expect(await operations(workspace)).toEqual(paths.map((path) => ({ op: 'remove', path })));
  });

  it('the roles that the identity provider assigned, which come back with a change of something else', async () => {
    const workspace = await openPolledWorkspace();
    const id = await workspace.user('ann@example.com', { [roleUrn]: { workato_role: 'Analyst' } });
    await workspace.admin('PATCH', `/members/${id}`, { roles: { dev: 'Admin' } });
    await workspace.drain();
    await workspace.patch(id, { op: 'add', path: 'title', value: 'Lead' });
    expect(await operations(workspace)).toEqual([
      { op: 'replace', path: `${roleUrn}:workato_role`, value: 'Analyst' },
      { op: 'add', path: 'title', value: 'Lead' },
    ]);
  });

  it('members one by one, however they were sent', async () => {
    const workspace = await openPolledWorkspace();
    const [ann, bob, cid] = await Promise.all(
      ['ann', 'bob', 'cid'].map((name) => workspace.user(`${name}@example.com`)),
    );
    const shown = (id: string | undefined) => ({
      value: id,
      $ref: `${workspace.sandbox.scimBaseUrl}/Users/${id}`,
      type: 'User',
    });
    const crew = await workspace.group('Crew', [ann ?? '', bob ?? '']);
    await workspace.drain();
    await patchGroup(
      workspace,
      crew,
      { op: 'replace', value: { id: crew, displayName: 'Crew' } },
      { op: 'replace', path: 'members', value: [{ value: bob }, { value: cid }] },
    );
    expect(await operations(workspace)).toEqual([
      { op: 'remove', path: `members[value eq "${ann}"]` },
      { op: 'add', path: 'members', value: [shown(cid)] },
    ]);
    await patchGroup(
      workspace,
      crew,
      { op: 'remove', path: 'members' },
      { op: 'add', value: { externalId: 'g1' } },
    );
    const [set] = await workspace.drain();
    expect(set?.sub_id).toMatchObject({ uri: `/Groups/${crew}`, externalId: 'g1' });
    expect(set && eventsOf(set)['patch:full'].data.Operations).toEqual([
      { op: 'remove', path: `members[value eq "${bob}"]` },
      { op: 'remove', path: `members[value eq "${cid}"]` },
      { op: 'add', path: 'externalId', value: 'g1' },
    ]);
  });

  it('nothing, where nothing has changed', async () => {
    const workspace = await openPolledWorkspace();
    const id = await workspace.user('ann@example.com', { title: 'Lead' });
    const crew = await workspace.group('Crew', [id]);
    await workspace.drain();
    await patchGroup(workspace, crew, { op: 'replace', value: { id: crew, displayName: 'Crew' } });
    await workspace.patch(id, { op: 'replace', path: 'active', value: 'True' });
    await workspace.scim('PUT', `/Users/${id}`, (await workspace.scim('GET', `/Users/${id}`)).body);
    expect(await workspace.drain()).toEqual([]);
  });
});

describe('14. security events: changes that are no SCIM requests', () => {
  it('of manual and login role changes, as PATCHes, but not of a manual removal', async () => {
    const workspace = await openPolledWorkspace();
    const id = await workspace.user('ann@example.com', { [roleUrn]: { workato_role: 'Analyst' } });
    await workspace.drain();
    const path = `${roleUrn}:workato_role`;
    await workspace.admin('PATCH', `/members/${id}`, { roles: { dev: 'Admin' }, actor: root });
    expect(await operations(workspace)).toEqual([{ op: 'replace', path, value: 'Admin' }]);
    await workspace.login('ann@example.com', { workato_role: ['Operator'] });
    expect(await operations(workspace)).toEqual([{ op: 'replace', path, value: 'Operator' }]);
    await workspace.admin('DELETE', `/members/${id}`);
    await workspace.login('ann@example.com');
    expect(await workspace.drain()).toEqual([]);
  });

  it('of a newcomer who logs in, with one SET for each group that the login changes', async () => {
    const workspace = await openPolledWorkspace();
    const crew = await workspace.group('Crew');
    const band = await workspace.group('Band');
    await workspace.drain();
    await workspace.login('new@example.com', { workato_user_groups: ['Crew', 'Band'] });
    const sets = await workspace.drain();
    const [id] = (await workspace.admin('GET', '/members')).body.data.map((one: { id: string }) => one.id);
    expect(sets.map(({ sub_id }) => sub_id.uri)).toEqual([
      `/Users/${id}`,
      `/Groups/${crew}`,
      `/Groups/${band}`,
    ]);
    // As it stands once the whole login is committed.
    const shown = await workspace.scim('GET', `/Users/${id}`);
    expect(sets.map(eventsOf)[0]).toEqual({
      'create:full': { data: shown.body, version: shown.headers.get('etag') },
    });
    const reported = (await workspace.admin('GET', '/audit-log')).body.data.slice(2);
    expect(reported.map(({ content }: Answer['body']) => content.attributes.event)).toEqual([
      'team_invitation_accept',
      'team_membership_groups_updated',
      'user_login',
    ]);
    // The groups are one event of the audit log, and one transaction of the SETs.
    expect(sets.map(numberOf)).toEqual([reported[0].id, reported[1].id, reported[1].id]);
    expect(new Set(sets.map(({ jti }) => jti)).size).toBe(3);

    await workspace.login('new@example.com', { workato_user_groups: ['All collaborators'] });
    for (const set of await workspace.drain()) {
      expect(eventsOf(set)['patch:full'].data.Operations).toEqual([
        { op: 'remove', path: `members[value eq "${id}"]` },
      ]);
    }
  });

  it('a deleted user leaves the groups without a SET of theirs', async () => {
    const workspace = await openPolledWorkspace();
    const id = await workspace.user('ann@example.com');
    await workspace.group('Crew', [id]);
    await workspace.drain();
    await workspace.scim('DELETE', `/Users/${id}`);
    expect((await workspace.drain()).map(eventsOf)).toEqual([{ delete: {} }]);
  });

  it('each operation of a bulk request is one; those in a circle know each other', async () => {
    const workspace = await openPolledWorkspace();
    const group = (name: string, other: string) => ({
      method: 'POST',
      path: '/Groups',
      bulkId: name,
      data: { schemas: [groupUrn], displayName: name, members: [{ value: `bulkId:${other}` }] },
    });
    await workspace.scim('POST', '/Bulk', {
      schemas: [bulkUrn],
      Operations: [group('left', 'right'), group('right', 'left')],
    });
    const sets = await workspace.drain();
    for (const set of sets) {
      const { data } = eventsOf(set)['create:full'];
      expect(data).toEqual((await workspace.scim('GET', `/Groups/${data.id}`)).body);
    }
    expect(sets).toHaveLength(2);
  });

  it('end users have none', async () => {
    const workspace = await openPolledWorkspace();
    const { identityScimBaseUrls, identityTokens } = workspace.sandbox;
    const user = { schemas: [userUrn], userName: 'end@example.com' };
    const created = await send('POST', `${identityScimBaseUrls.dev}/Users`, identityTokens.dev, user);
    expect(created.status).toBe(201);
    expect(await workspace.drain()).toEqual([]);
  });
});

describe('14. security events: all of them, and no others', () => {
  const people = ['ann', 'bob', 'cid', 'dan'].map((name) => `${name}@example.com`);
  const teams = ['Crew', 'Band', 'Gang'];
  const person = fc.constantFrom(...people);
  const team = fc.constantFrom(...teams);
  const role = fc.constantFrom('Admin', 'Analyst', 'Operator', 'NoAccess');
  const attributes = fc.record(
    {
      title: fc.constantFrom('Lead', 'Clerk'),
      name: fc.record(
        { givenName: fc.constantFrom('A', 'B'), familyName: fc.constantFrom('C', 'D') },
        { requiredKeys: [] },
      ),
      emails: fc.array(fc.record({ value: fc.constantFrom('x@example.com', 'y@example.com') }), {
        maxLength: 2,
      }),
      active: fc.boolean(),
      externalId: fc.constantFrom('1', '2'),
      [enterpriseUrn]: fc.record({ department: fc.constantFrom('Tax', 'Law') }),
      [roleUrn]: fc.record({ workato_role: role, workato_role_prod: role }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  );
  const change = fc.oneof(
    fc.record({ kind: fc.constant('put user' as const), person, attributes }),
    fc.record({ kind: fc.constant('patch user' as const), person, attributes }),
    fc.record({
      kind: fc.constant('remove' as const),
      person,
      path: fc.constantFrom(
        'title',
        'name',
        'name.givenName',
        'emails',
        enterpriseUrn,
        `${roleUrn}:workato_role`,
      ),
    }),
    fc.record({ kind: fc.constant('delete user' as const), person }),
    fc.record({ kind: fc.constant('put group' as const), team, members: fc.subarray(people) }),
    fc.record({
      kind: fc.constant('patch group' as const),
      team,
      op: fc.constantFrom('add', 'remove', 'replace'),
      members: fc.subarray(people),
    }),
    fc.record({ kind: fc.constant('delete group' as const), team }),
    fc.record({ kind: fc.constant('by hand' as const), person, role }),
    fc.record({ kind: fc.constant('remove by hand' as const), person }),
    fc.record({ kind: fc.constant('login' as const), person, role, teams: fc.subarray(teams) }),
  );
  type RandomChange = typeof change extends fc.Arbitrary<infer T> ? T : never;

  /** Creates a change, or a rejected attempt of it: who is not there is created first. */
  async function make(workspace: PolledWorkspace, one: RandomChange): Promise<void> {
    const idOf = async (path: string, name: string, value: string): Promise<string | undefined> => {
      const filter = encodeURIComponent(`${name} eq "${value}"`);
      return (await workspace.scim('GET', `${path}?filter=${filter}`)).body.Resources[0]?.id;
    };
    const userOf = async (email: string) =>
      (await idOf('/Users', 'userName', email)) ?? (await workspace.user(email));
    const groupOf = async (name: string) =>
      (await idOf('/Groups', 'displayName', name)) ?? (await workspace.group(name));
    const members = async (emails: readonly string[]) =>
      Promise.all(emails.map(async (email) => ({ value: await userOf(email) })));
    switch (one.kind) {
      case 'put user':
        await workspace.scim('PUT', `/Users/${await userOf(one.person)}`, {
          schemas: [userUrn],
          userName: one.person,
          ...one.attributes,
        });
        return;
      case 'patch user':
        await workspace.patch(await userOf(one.person), { op: 'replace', value: one.attributes });
        return;
      case 'remove':
        await workspace.patch(await userOf(one.person), { op: 'remove', path: one.path });
        return;
      case 'delete user':
        await workspace.scim('DELETE', `/Users/${await userOf(one.person)}`);
        return;
      case 'put group':
        await workspace.scim('PUT', `/Groups/${await groupOf(one.team)}`, {
          schemas: [groupUrn],
          displayName: one.team,
          members: await members(one.members),
        });
        return;
      case 'patch group': {
        const value = await members(one.members);
        await patchGroup(workspace, await groupOf(one.team), { op: one.op, path: 'members', value });
        return;
      }
      case 'delete group':
        await workspace.scim('DELETE', `/Groups/${await groupOf(one.team)}`);
        return;
      case 'by hand':
        await workspace.admin('PATCH', `/members/${await userOf(one.person)}`, { roles: { dev: one.role } });
        return;
      case 'remove by hand':
        await workspace.admin('DELETE', `/members/${await userOf(one.person)}`);
        return;
      case 'login':
        await workspace.login(one.person, { workato_role: [one.role], workato_user_groups: one.teams });
    }
  }

  it('agree with the audit log one to one, and a receiver that knows nothing else has all as it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 40, size: 'max' }), async (changes) => {
        const workspace = await openPolledWorkspace();
        try {
          for (const one of changes) await make(workspace, one);
          const sets = await workspace.drain();
          const numbers = sets.map(numberOf).filter((number, at, all) => number !== all[at - 1]);
          expect(numbers).toEqual(await auditedNumbers(workspace.sandbox));
          const mirror = createMirror();
          for (const set of sets) mirror.take(set);
          const now: [string, unknown][] = [];
          for (const path of ['/Users', '/Groups']) {
            const { Resources } = (await workspace.scim('GET', path)).body;
            for (const resource of Resources) now.push([`${path}/${resource.id}`, comparable(resource)]);
          }
          expect(mirror.shown()).toEqual(Object.fromEntries(now));
        } finally {
          await workspace.close();
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('14. security events: streams', () => {
  it('keep nothing without a receiver, and nothing once all have it', async () => {
    const dbFile = newDbFile();
    const { url, accepted } = await startReceiver();
    const first = await openWorkspace({ dbFile, eventPollToken: pollToken });
    await first.user('before@example.com');
    await first.admin('PATCH', '/settings', { eventPolling: true, eventPushUrl: url });
    await first.user('ann@example.com');
    await eventually(() => expect(accepted).toHaveLength(1));
    const streams = async () => (await first.admin('GET', '/event-streams')).body;
    await eventually(async () =>
      expect(await streams()).toEqual({
        push: { pending: 0, fault: null },
        poll: { pending: 1, fault: null },
      }),
    );
    const poll = (body: object) => send('POST', first.sandbox.eventPollUrl, pollToken, body);
    const { sets } = (await poll({})).body;
    expect(Object.keys(sets)).toHaveLength(1);
    await poll({ ack: Object.keys(sets), maxEvents: 0 });
    expect((await streams()).poll.pending).toBe(0);
    await first.admin('PATCH', '/settings', { eventPolling: false, eventPushUrl: null });
    expect(await streams()).toEqual({ push: null, poll: null });
    await first.user('after@example.com');
    await first.close();
    const db = new DatabaseSync(dbFile, { readOnly: true });
    const types = db.prepare("SELECT record ->> 'type' AS type FROM resource").all();
    db.close();
    expect(types.map(({ type }) => type)).not.toContain('PollEvent');
    expect(types.map(({ type }) => type)).not.toContain('PushEvent');
  });

  it('one that is closed forgets what waits, one that goes elsewhere does not', async () => {
    const wrong = await startReceiver(Array.from({ length: 50 }, () => 503));
    const { url, accepted } = await startReceiver();
    const workspace = await openPolledWorkspace({ eventPushUrl: wrong.url });
    await workspace.user('ann@example.com');
    await workspace.admin('PATCH', '/settings', { eventPolling: false });
    await workspace.admin('PATCH', '/settings', { eventPolling: true });
    expect(await workspace.drain()).toEqual([]);
    await workspace.admin('PATCH', '/settings', { eventPushUrl: url });
    await eventually(() => expect(accepted).toHaveLength(1));
    wrong.answers.length = 0;
  });

  it('polling is refused while it is off', async () => {
    const workspace = await openPolledWorkspace({ eventPolling: false });
    const { status, body } = await workspace.poll();
    expect([status, body]).toEqual([
      403,
      {
        err: 'access_denied',
        description: 'There is no poll stream. Set "eventPolling" in the settings.',
      },
    ]);
  });

  it('a push that is refused for its audience goes through once that is put right', async () => {
    const refusal = { status: 400, body: { err: 'invalid_audience' } };
    const { url, pushes, accepted, answers } = await startReceiver(Array.from({ length: 50 }, () => refusal));
    const workspace = await openWorkspace({ eventPushUrl: url });
    await workspace.user('ann@example.com');
    await eventually(() => expect(pushes.length).toBeGreaterThan(0));
    await workspace.admin('PATCH', '/settings', { eventAudience: 'https://right.example' });
    answers.length = 0;
    await eventually(() => expect(accepted).toHaveLength(1));
    const right = { ...workspace.sandbox, eventsAudience: 'https://right.example' };
    const [first, last] = await Promise.all([
      verifySet(pushes[0]?.set ?? '', workspace.sandbox),
      verifySet(accepted[0] ?? '', right),
    ]);
    const { aud: _, iat: __, ...same } = first;
    expect(last).toMatchObject(same);
  });

  it('go on after a restart, with the same SETs from another port, signed with the same key', async () => {
    const dbFile = newDbFile();
    const { url, accepted, answers } = await startReceiver(Array.from({ length: 50 }, () => 503));
    const settings = {
      dbFile,
      token: 'durable',
      eventPollToken: pollToken,
      eventPolling: true,
      eventPushUrl: url,
    };
    const first = await openWorkspace(settings);
    await first.user('ann@example.com');
    await first.group('Crew');
    const kept = (await send('POST', first.sandbox.eventPollUrl, pollToken, {})).body.sets;
    const { keys } = (await send('GET', first.sandbox.jwksUrl, undefined)).body;
    await first.close();
    answers.length = 0;
    const second = await openPolledWorkspace(settings);
    expect((await send('GET', second.sandbox.jwksUrl, undefined)).body.keys).toEqual(keys);
    const again = (await second.poll()).body.sets;
    expect(Object.keys(again)).toEqual(Object.keys(kept));
    const claimsOf = async (sets: Record<string, string>): Promise<readonly SetClaims[]> =>
      (await Promise.all(Object.values(sets).map((set) => verifySet(set, second.sandbox)))).map(
        ({ iat, ...rest }) => rest as SetClaims,
      );
    expect(await claimsOf(again)).toEqual(await claimsOf(kept));
    await second.user('bob@example.com');
    await eventually(() => expect(accepted).toHaveLength(3));
    const pushed = await Promise.all(accepted.map((set) => verifySet(set, second.sandbox)));
    const polled = await second.drain();
    expect(pushed.map(({ jti }) => jti)).toEqual(polled.map(({ jti }) => jti));
  });
});

describe('14. security events: keys, tokens and secrets', () => {
  it('a key is rotated: what it has signed stays valid, and what waits is signed with the new one', async () => {
    const workspace = await openPolledWorkspace();
    await workspace.user('ann@example.com');
    const [old = ''] = Object.values<string>((await workspace.poll()).body.sets);
    const rotated = await workspace.admin('POST', '/event-keys/rotate', { algorithm: 'RS256', actor: root });
    expect([rotated.status, rotated.body]).toEqual([
      201,
      {
        data: [
          { kid: expect.any(String), algorithm: 'RS256', active: true, created_at: expect.any(String) },
          { kid: headerOf(old).kid, algorithm: 'ES256', active: false, created_at: expect.any(String) },
        ],
        total: 2,
      },
    ]);
    expect((await workspace.admin('GET', '/event-keys')).body).toEqual(rotated.body);
    const [next = ''] = Object.values<string>((await workspace.poll()).body.sets);
    expect(headerOf(next)).toMatchObject({ alg: 'RS256', kid: rotated.body.data[0].kid });
    const before = await verifySet(old, workspace.sandbox);
    const after = await verifySet(next, workspace.sandbox);
    expect(after.jti).toBe(before.jti);
    expect(await workspace.reported(1)).toMatchObject([
      {
        event: 'security_event_key_rotated',
        by: root,
        before: { algorithm: 'ES256' },
        after: { algorithm: 'RS256' },
      },
    ]);
    // The next one is of the same kind, unless it is said otherwise.
    const third = await workspace.admin('POST', '/event-keys/rotate', {});
    expect(third.body.data[0].algorithm).toBe('RS256');
    const { body } = await send('GET', workspace.sandbox.jwksUrl, undefined);
    expect(body.keys).toHaveLength(3);
    for (const key of body.keys) expect(key).not.toHaveProperty('d');
    const wrong = await workspace.admin('POST', '/event-keys/rotate', { algorithm: 'none' });
    expect([wrong.status, wrong.body.error.message]).toEqual([
      400,
      '"algorithm" must be one of ES256, RS256.',
    ]);
  });

  it('the token for polling is one of the workspace’s tokens', async () => {
    const workspace = await openWorkspace({ eventPolling: true });
    const { eventPollUrl, eventPollToken } = workspace.sandbox;
    const statusWith = async (token: string) =>
      (await send('POST', eventPollUrl, token, { maxEvents: 0 })).status;
    expect(await statusWith(eventPollToken)).toBe(200);
    const { body } = await workspace.admin('POST', '/tokens/events/refresh', { actor: root });
    expect(await statusWith(eventPollToken)).toBe(401);
    expect(await statusWith(body.token)).toBe(200);
    await workspace.admin('POST', '/tokens/events/revoke', { actor: root });
    expect(await statusWith(body.token)).toBe(401);
    expect((await workspace.admin('GET', '/tokens/events')).body).toMatchObject({ issued: false });
  });

  it('the audit log has neither the token of the receiver nor the secret of its URL', async () => {
    const workspace = await openWorkspace();
    const { url } = await startReceiver();
    await workspace.admin('PATCH', '/settings', {
      eventPushUrl: `${url}?key=s3cret`,
      eventPushToken: 's3cret-token',
    });
    await workspace.admin('PATCH', '/settings', { eventPushToken: 's3cret-token-2' });
    const { body } = await workspace.admin('GET', '/audit-log');
    expect(body.data).toHaveLength(2);
    expect(body.data[0].content.attributes.details.after).toEqual({
      eventPushUrl: url,
      eventPushToken: 'hidden',
    });
    expect(JSON.stringify(body)).not.toContain('s3cret');
  });

  it.each([
    [{ eventPushUrl: 'http://example.com/' }, '"eventPushUrl" must be null, an https URL'],
    [{ eventPushToken: 'two words' }, '"eventPushToken" must be null or a bearer token'],
    [{ eventPushToken: 'x\r\nx-other: 1' }, '"eventPushToken" must be null or a bearer token'],
    [{ eventPolling: 'yes' }, '"eventPolling" must be true or false'],
    [{ eventFormat: 'both' }, '"eventFormat" must be one of full, notice'],
    [{ eventIssuer: '' }, '"eventIssuer" must be a text'],
    [{ eventAudience: null }, '"eventAudience" must be a text'],
    [{ limits: { longPollInSeconds: 0 } }, '"limits.longPollInSeconds" must be a whole number from 1'],
  ])('refuses %j as settings', async (given, message) => {
    const workspace = await openWorkspace();
    const { status, body } = await workspace.admin('PATCH', '/settings', given);
    expect([status, body.error.message]).toEqual([400, expect.stringContaining(message)]);
  });
});
