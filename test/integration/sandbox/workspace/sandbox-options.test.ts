import { describe, expect, it } from 'vitest';
import { openWorkspace, patchUrn, roleUrn, root, send, userUrn } from './workspace-fixture.ts';

describe('two workspaces in one process', () => {
  it('share nothing', async () => {
    const left = await openWorkspace({ token: 'same' });
    const right = await openWorkspace({ token: 'same' });
    const id = await left.user('ann@example.com');
    const { session } = (await left.login('ann@example.com')).body;
    expect((await right.scim('GET', `/Users/${id}`)).status).toBe(404);
    expect(await right.session(session.id)).toBe('unknown');
    expect(await right.reported()).toEqual([]);
    await right.admin('PATCH', '/settings', { capability: false });
    expect((await left.scim('GET', '/Users')).status).toBe(200);
    const { status } = await send('GET', `${right.sandbox.adminUrl}/settings`, left.sandbox.adminToken);
    expect(status).toBe(401);
  });
});

describe('userExtensions', () => {
  const urn = 'urn:example:schemas:acme:1.0:User';
  const schema = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id: urn,
    name: 'AcmeUser',
    attributes: [
      { name: 'costCenter', type: 'string', multiValued: false, caseExact: true },
      { name: 'badges', type: 'string', multiValued: true },
    ],
  };

  it('a provider’s own attributes are described, stored, patched and found', async () => {
    const workspace = await openWorkspace({ userExtensions: [schema] });
    expect((await workspace.scim('GET', `/Schemas/${urn}`)).body).toMatchObject({
      id: urn,
      name: 'AcmeUser',
    });
    const { body } = await workspace.scim('GET', '/ResourceTypes/User');
    expect(body.schemaExtensions.map(({ schema }: { schema: string }) => schema)).toContain(urn);
    const id = await workspace.user('ann@example.com', {
      schemas: [userUrn, urn],
      [urn]: { costCenter: 'A1', unknown: 'x' },
      [roleUrn]: { workato_role: 'Admin' },
    });
    const patched = await workspace.patch(id, { op: 'add', path: `${urn}:badges`, value: ['blue'] });
    expect(patched.body).toMatchObject({
      schemas: [userUrn, roleUrn, urn],
      [urn]: { costCenter: 'A1', badges: ['blue'] },
    });
    const filter = encodeURIComponent(`${urn}:costCenter eq "A1"`);
    expect((await workspace.scim('GET', `/Users?filter=${filter}`)).body.totalResults).toBe(1);
    expect((await workspace.reported(1))[0]).toMatchObject({
      event: 'team_membership_updated',
      after: { [urn]: { costCenter: 'A1', badges: ['blue'] } },
    });
    // End users are no collaborators.
    const { identityScimBaseUrls, identityTokens } = workspace.sandbox;
    expect((await send('GET', `${identityScimBaseUrls.dev}/Schemas/${urn}`, identityTokens.dev)).status).toBe(
      404,
    );
  });
});

describe('groups', () => {
  it('can be switched off: SCIM knows nothing of them, and they are there when it is on again', async () => {
    const workspace = await openWorkspace();
    const ann = await workspace.user('ann@example.com');
    const bob = await workspace.user('bob@example.com');
    await workspace.group('Crew', [ann, bob]);
    await workspace.admin('PATCH', '/settings', { groups: false });
    expect((await workspace.scim('GET', '/Groups')).status).toBe(404);
    expect((await workspace.scim('GET', '/ResourceTypes')).body.totalResults).toBe(1);
    expect((await workspace.scim('GET', '/ResourceTypes/Group')).status).toBe(404);
    expect((await workspace.scim('GET', '/')).body.totalResults).toBe(2);
    expect((await workspace.scim('GET', `/Users/${ann}`)).body).not.toHaveProperty('groups');
    await workspace.login('ann@example.com', { workato_user_groups: ['All collaborators'] });
    await workspace.scim('DELETE', `/Users/${bob}`);
    await workspace.admin('PATCH', '/settings', { groups: true });
    const { body } = await workspace.scim('GET', '/Groups');
    expect(body.Resources).toMatchObject([{ displayName: 'Crew', members: [{ value: ann }] }]);
    expect(body.Resources[0].members).toHaveLength(1);
  });
});

describe('the admin API', () => {
  it('says where everything is', async () => {
    const workspace = await openWorkspace();
    const { origin, ...urls } = workspace.sandbox;
    expect(urls).toMatchObject({
      scimBaseUrl: `${origin}/scim/v2`,
      adminUrl: `${origin}/admin`,
      apiUrl: `${origin}/api`,
      acsUrl: `${origin}/saml/acs`,
      audience: `${origin}/saml/metadata`,
      eventsIssuer: 'https://workspace.example',
      eventsAudience: 'https://receiver.example',
      jwksUrl: `${origin}/events/jwks.json`,
      eventPollUrl: `${origin}/events/poll`,
    });
  });

  it('shows and changes the settings, and tells of each change once', async () => {
    const workspace = await openWorkspace({ customRoles: ['Auditor'] });
    const { body } = await workspace.admin('PATCH', '/settings', {
      actor: root,
      mode: 'scim_only',
      customRoles: ['Auditor', { name: 'Provisioner', privileges: ['SCIM provisioning'] }],
    });
    expect(body).toMatchObject({
      capability: true,
      mode: 'scim_only',
      customRoles: [
        { name: 'Auditor', privileges: [] },
        { name: 'Provisioner', privileges: ['SCIM provisioning'] },
      ],
    });
    expect((await workspace.admin('GET', '/settings')).body).toEqual(body);
    expect(await workspace.reported()).toMatchObject([
      { event: 'workspace_settings_updated', source: 'manual', by: root, after: { mode: 'scim_only' } },
    ]);
  });

  it.each([
    [{ moon: true }, 'There is no setting "moon". The settings are capability'],
    [{ constructor: true }, 'There is no setting "constructor"'],
    ['{"__proto__": {"capability": false}}', 'There is no setting "__proto__"'],
    [{ capability: 'yes' }, '"capability" must be true or false'],
    [{ mode: 'both' }, '"mode" must be one of hybrid, scim_only'],
    [{ customRoles: ['Admin'] }, 'There are two roles "Admin"'],
    [{ customRoles: [{}] }, '"customRoles[].name" must be a text'],
    [{ idp: { entityId: 'x' } }, '"idp.certificate" must be a text'],
    [{ rootEmail: '' }, '"rootEmail" must be a text'],
    [{ actor: 'nobody@example.com', mode: 'hybrid' }, 'nobody@example.com has no access'],
    [[], 'The body must be a JSON object'],
    ['{"mode"', 'The body is not valid JSON'],
    [`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 'The body is nested deeper than 32 levels'],
  ])('refuses %j as settings', async (given, message) => {
    const workspace = await openWorkspace();
    const { adminUrl, adminToken } = workspace.sandbox;
    const answer = await send('PATCH', `${adminUrl}/settings`, adminToken, given, {
      'content-type': 'application/json',
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.body.error.message).toContain(message);
    expect(await workspace.reported()).toEqual([]);
  });

  it('needs its token, and says what there is not', async () => {
    const workspace = await openWorkspace();
    const { adminUrl, token } = workspace.sandbox;
    for (const wrong of [undefined, token, '']) {
      expect((await send('GET', `${adminUrl}/settings`, wrong)).status).toBe(401);
    }
    expect(await workspace.admin('GET', '/moon')).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    });
    const notAllowed = await workspace.admin('POST', '/settings', {});
    expect([notAllowed.status, notAllowed.headers.get('allow')]).toEqual([405, 'GET, PATCH']);
    expect((await workspace.admin('GET', '/members/nobody')).body.error.code).toBe('no_such_member');
  });

  it('works for a user extension, a group and a member that are named alike', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('settings');
    const group = await workspace.group('settings', [id]);
    expect((await workspace.admin('GET', `/members/${group}`)).status).toBe(404);
    expect((await workspace.admin('GET', '/members/settings')).body).toMatchObject({
      id,
      groups: ['settings'],
    });
    expect((await workspace.admin('GET', '/groups')).body.data).toEqual([
      { id: group, name: 'settings', members: ['settings'] },
    ]);
    // Nor can SCIM reach what is kept next to its resources.
    for (const path of ['Settings:workspace', 'Token:scim', `MemberState:${id}`]) {
      expect((await workspace.scim('GET', `/Users/${path}`)).status).toBe(404);
      const add = { op: 'add', path: 'members', value: [{ value: path }] };
      const patch = { schemas: [patchUrn], Operations: [add] };
      expect((await workspace.scim('PATCH', `/Groups/${group}`, patch)).status).toBe(400);
    }
  });
});
