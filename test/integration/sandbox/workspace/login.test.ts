import { describe, expect, it } from 'vitest';
import { createSigningKey } from '../../../../sandbox/saml/create-signing-key.ts';
import { openWorkspace, roleUrn, send, standingClock } from './workspace-fixture.ts';

const attributes = {
  workato_full_name: ['Ann Lee'],
  workato_role: ['Admin'],
  workato_role_test: ['Analyst'],
  workato_role_prod: ['NoAccess'],
};

describe('7. SAML login', () => {
  it('provisions just in time, and makes a session', async () => {
    const workspace = await openWorkspace();
    const { status, body, headers } = await workspace.login('ann@example.com', attributes);
    expect(status).toBe(200);
    expect(body.session).toEqual({
      id: expect.stringMatching(/^[\w-]{32}$/),
      member: { id: expect.any(String), name: 'Ann Lee', email: 'ann@example.com' },
    });
    expect(headers.get('set-cookie')).toContain(`rolecall_session=${body.session.id}; HttpOnly`);
    expect(await workspace.session(body.session.id)).toBe('active');
    // The identity provider finds the person by SCIM, and can link to it.
    const found = await workspace.scim('GET', '/Users?filter=userName%20eq%20%22ann@example.com%22');
    expect(found.body.Resources).toMatchObject([
      {
        id: body.session.member.id,
        displayName: 'Ann Lee',
        emails: [{ value: 'ann@example.com' }],
        active: true,
        [roleUrn]: { workato_role: 'Admin', workato_role_test: 'Analyst', workato_role_prod: 'NoAccess' },
      },
    ]);
    expect((await workspace.reported()).map(({ event, source }) => [event, source])).toEqual([
      ['team_invitation_accept', 'saml_auto_sync'],
      ['user_login', 'saml'],
    ]);
  });

  it('reads the email from workato_email, and only otherwise the NameID', async () => {
    const workspace = await openWorkspace();
    const { body } = await workspace.login('00u1', { workato_email: ['ann@example.com'] });
    expect(body.session.member).toMatchObject({ name: 'ann@example.com', email: 'ann@example.com' });
    expect(await workspace.login('00u1')).toMatchObject({
      status: 403,
      body: { error: { code: 'no_email' } },
    });
  });

  it('accepts the response as JSON, too, and nothing else', async () => {
    const workspace = await openWorkspace();
    const { acsUrl } = workspace.sandbox;
    const SAMLResponse = workspace.responseFor('ann@example.com');
    expect((await send('POST', acsUrl, undefined, { SAMLResponse })).status).toBe(200);
    expect((await send('POST', acsUrl, undefined, {})).status).toBe(400);
    expect(
      (await send('POST', acsUrl, undefined, 'SAMLResponse=x', { 'content-type': 'text/plain' })).status,
    ).toBe(415);
    expect((await send('GET', acsUrl, undefined)).status).toBe(405);
  });

  it('the default role is given where the assertion has none', async () => {
    const workspace = await openWorkspace();
    await workspace.login('ann@example.com', { workato_role: ['Admin'], workato_role_test: [''] });
    expect(await workspace.roles('ann@example.com')).toEqual({
      dev: 'Admin',
      test: 'Operator',
      prod: 'Operator',
    });
  });

  it('sets the roles that differ, with the source saml_auto_sync, and tells nothing of those that do not', async () => {
    const workspace = await openWorkspace();
    await workspace.user('ann@example.com', {
      [roleUrn]: { workato_role: 'Admin', workato_role_test: 'Admin' },
    });
    await workspace.login('ann@example.com', attributes);
    await workspace.login('ann@example.com', attributes);
    expect((await workspace.reported(1)).map(({ event }) => event)).toEqual([
      'team_membership_role_updated',
      'user_login',
      'user_login',
    ]);
    expect((await workspace.reported(1))[0]).toMatchObject({
      source: 'saml_auto_sync',
      by: 'ann@example.com',
      before: { workato_role_test: 'Admin', workato_role_prod: 'Operator' },
      after: { workato_role_test: 'Analyst', workato_role_prod: 'NoAccess' },
    });
  });

  it('an unknown role is refused with the valid ones, and changes nothing', async () => {
    const workspace = await openWorkspace();
    await workspace.user('ann@example.com');
    const refused = await workspace.login('ann@example.com', { workato_role: ['King'] });
    expect(refused).toMatchObject({
      status: 403,
      body: { error: { code: 'unknown_role', message: expect.stringContaining('"Admin", "Analyst"') } },
    });
    expect(await workspace.roles('ann@example.com')).toMatchObject({ dev: 'Operator' });
    expect((await workspace.admin('GET', '/sessions')).body.total).toBe(0);
    expect((await workspace.reported(1)).map(({ event }) => event)).toEqual(['user_login_failed']);
  });

  it('hybrid: roles of a login outlast a PUT that has none', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com', { title: 'Lead' });
    await workspace.login('ann@example.com', attributes);
    const { body } = await workspace.scim('GET', `/Users/${id}`);
    const { [roleUrn]: _, ...profile } = body;
    const put = await workspace.scim('PUT', `/Users/${id}`, { ...profile, title: 'Boss' });
    expect(put.body).toMatchObject({ title: 'Boss', [roleUrn]: body[roleUrn] });
    // A PUT that changes nothing is no change, roles or not.
    const again = await workspace.scim('PUT', `/Users/${id}`, { ...profile, title: 'Boss' });
    expect(again.body.meta.version).toBe(put.body.meta.version);
  });

  it('SCIM only: a login changes neither roles nor groups', async () => {
    const workspace = await openWorkspace({ mode: 'scim_only' });
    const id = await workspace.user('ann@example.com', { [roleUrn]: { workato_role: 'Analyst' } });
    await workspace.group('Crew');
    await workspace.login('ann@example.com', { workato_role: ['King'], workato_user_groups: ['Crew'] });
    expect((await workspace.admin('GET', `/members/${id}`)).body).toMatchObject({
      roles: { dev: 'Analyst' },
      groups: [],
    });
    expect((await workspace.reported(2)).map(({ event }) => event)).toEqual(['user_login']);
  });

  it('lets nobody in who is not provisioned when just-in-time provisioning is off', async () => {
    const workspace = await openWorkspace({ jitProvisioning: false });
    expect(await workspace.login('ann@example.com')).toMatchObject({
      status: 403,
      body: { error: { code: 'unknown_member' } },
    });
    await workspace.user('ann@example.com');
    expect((await workspace.login('ann@example.com')).status).toBe(200);
  });

  describe('groups', () => {
    const groupsOf = async (workspace: Awaited<ReturnType<typeof openWorkspace>>): Promise<unknown> =>
      (await workspace.admin('GET', '/members/ann@example.com')).body.groups;

    it.each([
      ['several values', ['Crew', 'Staff']],
      ['one value with commas', ['Crew, Staff']],
    ])('sets those that it names, as %s, and leaves the others', async (_, names) => {
      const workspace = await openWorkspace();
      const id = await workspace.user('ann@example.com');
      const bob = await workspace.user('bob@example.com');
      await workspace.group('Old', [id, bob]);
      await workspace.group('Crew', [id]);
      await workspace.group('Staff', [bob]);
      await workspace.login('ann@example.com', { workato_user_groups: names });
      expect(await groupsOf(workspace)).toEqual(['Crew', 'Staff']);
      const { data } = (await workspace.admin('GET', '/groups')).body;
      expect(data.map(({ members }: { members: unknown }) => members)).toEqual([
        ['bob@example.com'],
        ['ann@example.com'],
        ['bob@example.com', 'ann@example.com'],
      ]);
      expect((await workspace.reported(5))[0]).toMatchObject({
        event: 'team_membership_groups_updated',
        source: 'saml_auto_sync',
        before: { groups: ['Crew', 'Old'] },
        after: { groups: ['Crew', 'Staff'] },
      });
    });

    it.each([
      ['omitted', {}],
      ['without a value', { workato_user_groups: [] }],
      ['empty', { workato_user_groups: [''] }],
      ['what they are', { workato_user_groups: ['Crew'] }],
    ])('changes none when they are %s', async (_, given) => {
      const workspace = await openWorkspace();
      await workspace.group('Crew', [await workspace.user('ann@example.com')]);
      await workspace.login('ann@example.com', given);
      expect(await groupsOf(workspace)).toEqual(['Crew']);
      expect((await workspace.reported(2)).map(({ event }) => event)).toEqual(['user_login']);
    });

    it('"All collaborators" removes every other group', async () => {
      const workspace = await openWorkspace();
      await workspace.group('Crew', [await workspace.user('ann@example.com')]);
      await workspace.login('ann@example.com', { workato_user_groups: ['All collaborators'] });
      expect(await groupsOf(workspace)).toEqual([]);
    });

    it('leaves out those that do not exist, and says so', async () => {
      const workspace = await openWorkspace();
      await workspace.group('Crew');
      await workspace.login('ann@example.com', { workato_user_groups: ['Crew', 'Moon'] });
      expect(await groupsOf(workspace)).toEqual(['Crew']);
      const { body } = await workspace.api('/activity_logs?include_event_types[]=user_login');
      expect(body.data[0].details.unknown_groups).toEqual(['Moon']);
    });
  });

  describe('refuses', () => {
    it('a replay, also of a login that was refused, and of one that comes twice at once', async () => {
      const workspace = await openWorkspace();
      const replayed = { status: 401, body: { error: { code: 'replayed' } } };
      const response = workspace.responseFor('ann@example.com');
      expect((await workspace.postResponse(response)).status).toBe(200);
      expect(await workspace.postResponse(response)).toMatchObject(replayed);
      const refused = workspace.responseFor('ann@example.com', { workato_role: ['King'] });
      expect((await workspace.postResponse(refused)).status).toBe(403);
      expect(await workspace.postResponse(refused)).toMatchObject(replayed);
      const twice = workspace.responseFor('ann@example.com');
      const statuses = await Promise.all(
        [1, 2, 3, 4].map(async () => (await workspace.postResponse(twice)).status),
      );
      expect(statuses.sort()).toEqual([200, 401, 401, 401]);
      expect((await workspace.admin('GET', '/sessions')).body.total).toBe(2);
    });

    it('the second of two copies that were checked at the same time', async () => {
      const both = Promise.withResolvers<void>();
      let checks = 0;
      const workspace = await openWorkspace({
        verifySaml: async (nameId, { isReplayed }) => {
          expect(isReplayed('same')).toBe(false);
          checks += 1;
          if (checks === 2) both.resolve();
          await both.promise;
          return { assertionId: 'same', notOnOrAfter: new Date(Date.now() + 60_000), nameId, attributes: {} };
        },
      });
      const answers = await Promise.all([1, 2].map(() => workspace.postResponse('ann@example.com')));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
      expect((await workspace.admin('GET', '/sessions')).body.total).toBe(1);
    });

    it('an assertion that is expired, not yet valid, or meant for another', async () => {
      const clock = standingClock();
      const workspace = await openWorkspace({ now: clock.now });
      const other = await openWorkspace({ now: clock.now });
      const response = workspace.responseFor('ann@example.com');
      expect((await other.postResponse(response)).body.error.code).toMatch(/^wrong_(audience|recipient)$/);
      clock.move(300_000);
      expect(await workspace.postResponse(response)).toMatchObject({
        status: 401,
        body: { error: { code: 'expired' } },
      });
      clock.move(-700_000);
      expect((await workspace.postResponse(response)).body.error.code).toBe('not_yet_valid');
    });

    it('a response that another key has signed, that was changed, or that is no SAML', async () => {
      const stranger = createSigningKey('A stranger');
      const workspace = await openWorkspace({
        idp: { entityId: 'urn:example:idp', certificate: stranger.certificate },
      });
      const response = workspace.responseFor('ann@example.com');
      const changed = Buffer.from(
        Buffer.from(response, 'base64').toString().replaceAll('ann@', 'eve@'),
      ).toString('base64');
      for (const bad of [response, changed]) {
        expect(await workspace.postResponse(bad)).toMatchObject({
          status: 401,
          body: { error: { code: 'bad_signature' } },
        });
      }
      expect((await workspace.postResponse('bm9wZQ==')).status).toBe(401);
      expect((await workspace.postResponse('')).status).toBe(400);
      expect((await workspace.admin('GET', '/members')).body.total).toBe(0);
      // Anybody can send these: they fill no log.
      expect(await workspace.reported()).toEqual([]);
    });

    it('nothing for longer than it must be remembered', async () => {
      const clock = standingClock();
      const workspace = await openWorkspace({ now: clock.now });
      const first = workspace.responseFor('ann@example.com');
      await workspace.postResponse(first);
      clock.move(400_000);
      await workspace.login('ann@example.com');
      expect((await workspace.postResponse(first)).body.error.code).toBe('expired');
    });
  });
});

describe('sessions', () => {
  it('are random, unknown ones are not active, and their ids stand nowhere', async () => {
    const workspace = await openWorkspace();
    const first = (await workspace.login('ann@example.com')).body.session.id;
    const second = (await workspace.login('ann@example.com')).body.session.id;
    expect(first).not.toBe(second);
    expect(await workspace.session('guess')).toBe('unknown');
    const all = [await workspace.admin('GET', '/sessions'), await workspace.admin('GET', '/audit-log')];
    expect(JSON.stringify(all.map(({ body }) => body))).not.toContain(first);
    expect(all[0]?.body.data).toMatchObject([
      { active: true, member: { email: 'ann@example.com' } },
      { active: true, member: { email: 'ann@example.com' } },
    ]);
  });
});
