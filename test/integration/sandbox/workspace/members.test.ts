import { describe, expect, it } from 'vitest';
import { type OpenWorkspace, openWorkspace, patchUrn, roleUrn, userUrn } from './workspace-fixture.ts';

const rolePath = (name: string): string => `${roleUrn}:${name}`;
const setRole = (role: string, name = 'workato_role') => ({
  op: 'replace',
  path: rolePath(name),
  value: role,
});

describe('5. provisioning', () => {
  it('a SCIM create makes a collaborator, with name and email from the attributes', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com', {
      externalId: '00u1',
      name: { givenName: 'Ann', familyName: 'Lee' },
    });
    expect((await workspace.api('/members')).body).toMatchObject({
      total: 1,
      data: [{ id, name: 'Ann Lee', email: 'ann@example.com', external_id: '00u1', status: 'active' }],
    });
    expect((await workspace.login('ann@example.com')).status).toBe(200);
  });

  it.each([
    ['legacy', 'Operator'],
    ['new', 'Member'],
  ] as const)(
    'who has no role gets the default one of the %s permission model',
    async (permissionModel, role) => {
      const workspace = await openWorkspace({ permissionModel });
      const id = await workspace.user('ann@example.com');
      expect(await workspace.roles(id)).toEqual({ dev: role, test: role, prod: role });
      // The SCIM resource shows what was set, and no one has set any.
      expect((await workspace.scim('GET', `/Users/${id}`)).body).not.toHaveProperty([roleUrn]);
    },
  );

  it('the default role is a setting, and changing it changes nobody who is there', async () => {
    const workspace = await openWorkspace({ defaultRole: 'NoAccess' });
    await workspace.user('ann@example.com');
    await workspace.admin('PATCH', '/settings', { defaultRole: 'Analyst' });
    await workspace.user('bob@example.com');
    expect(await workspace.roles('ann@example.com')).toMatchObject({ dev: 'NoAccess' });
    expect(await workspace.roles('bob@example.com')).toMatchObject({ dev: 'Analyst' });
    expect(
      (await workspace.admin('PATCH', '/settings', { defaultRole: 'King' })).body.error.message,
    ).toContain('Admin, Analyst, Operator, NoAccess');
  });

  it('has a role for each environment, of the system or of the workspace’s own', async () => {
    const workspace = await openWorkspace({ customRoles: ['Payroll auditor'] });
    const id = await workspace.user('ann@example.com', {
      [roleUrn]: { workato_role: 'Admin', workato_role_test: 'Payroll auditor' },
    });
    expect(await workspace.roles(id)).toEqual({ dev: 'Admin', test: 'Payroll auditor', prod: 'Operator' });
    const { data } = (await workspace.api('/members')).body;
    expect(data[0].env_roles).toEqual([
      { environment_type: 'dev', name: 'Admin', role_type: 'privilege_group' },
      { environment_type: 'test', name: 'Payroll auditor', role_type: 'privilege_group' },
      { environment_type: 'prod', name: 'Operator', role_type: 'privilege_group' },
    ]);
  });

  it.each(['Environment admin', 'Environment manager', 'Builder', 'Operator', 'Member', 'NoAccess'])(
    'the new permission model has the role %s',
    async (role) => {
      const workspace = await openWorkspace({ permissionModel: 'new' });
      const id = await workspace.user('ann@example.com', { [roleUrn]: { workato_role: role } });
      expect(await workspace.roles(id)).toMatchObject({ dev: role });
      expect((await workspace.api('/members')).body.data[0].env_roles[0].role_type).toBe('environment');
    },
  );

  describe('an unknown role is refused, and nothing changes', () => {
    const all = '"Admin", "Analyst", "Operator", "NoAccess", "Auditor"';
    const cases: readonly [
      string,
      (workspace: OpenWorkspace, id: string) => ReturnType<OpenWorkspace['scim']>,
    ][] = [
      [
        'in a create',
        ({ scim }) =>
          scim('POST', '/Users', {
            schemas: [userUrn],
            userName: 'new@example.com',
            [roleUrn]: { workato_role: 'King' },
          }),
      ],
      ['in a PATCH', ({ patch }, id) => patch(id, setRole('King', 'workato_role_prod'))],
      [
        'in a PUT',
        ({ scim }, id) =>
          scim('PUT', `/Users/${id}`, {
            schemas: [userUrn],
            userName: 'ann@example.com',
            [roleUrn]: { workato_role_test: 'King' },
          }),
      ],
      [
        'among good changes',
        ({ patch }, id) => patch(id, { op: 'add', path: 'title', value: 'x' }, setRole('King')),
      ],
    ];
    it.each(cases)('%s', async (_, call) => {
      const workspace = await openWorkspace({ customRoles: ['Auditor'] });
      const id = await workspace.user('ann@example.com', { [roleUrn]: { workato_role: 'Analyst' } });
      const before = (await workspace.scim('GET', `/Users/${id}`)).body;
      const refused = await call(workspace, id);
      expect(refused).toMatchObject({
        status: 400,
        body: { scimType: 'invalidValue', detail: expect.stringContaining(all) },
      });
      expect((await workspace.scim('GET', `/Users/${id}`)).body).toEqual(before);
      expect((await workspace.scim('GET', '/Users')).body.totalResults).toBe(1);
      expect(await workspace.reported(1)).toEqual([]);
    });

    it('in a bulk request', async () => {
      const workspace = await openWorkspace();
      const { body } = await workspace.scim('POST', '/Bulk', {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        Operations: ['King', 'Admin'].map((role, at) => ({
          method: 'POST',
          path: '/Users',
          bulkId: `b${at}`,
          data: { schemas: [userUrn], userName: `u${at}@example.com`, [roleUrn]: { workato_role: role } },
        })),
      });
      expect(body.Operations.map(({ status }: { status: string }) => status)).toEqual(['400', '201']);
      expect((await workspace.reported()).map(({ who }) => who)).toEqual(['u1@example.com']);
    });
  });

  it('role names are case-sensitive, and the message says which one was meant', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com');
    const { status, body } = await workspace.patch(id, setRole('admin'));
    expect(status).toBe(400);
    expect(body.detail).toContain('did you mean "Admin"?');
  });

  it('an empty role is no role, as from a template whose field nobody filled in', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com', {
      [roleUrn]: { workato_role: 'Admin', workato_role_test: '', workato_role_prod: ' ' },
    });
    expect((await workspace.scim('GET', `/Users/${id}`)).body[roleUrn]).toEqual({ workato_role: 'Admin' });
  });

  it('a removed role is replaced by the default one', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com', { [roleUrn]: { workato_role: 'Admin' } });
    await workspace.patch(id, { op: 'remove', path: rolePath('workato_role') });
    expect(await workspace.roles(id)).toMatchObject({ dev: 'Operator' });
    await workspace.patch(id, setRole('Admin'));
    await workspace.scim('PUT', `/Users/${id}`, { schemas: [userUrn], userName: 'ann@example.com' });
    expect(await workspace.roles(id)).toMatchObject({ dev: 'Operator' });
  });
});

describe('6. updates by SCIM', () => {
  it('take effect at once, and are recorded with the source scim_auto_sync', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com', { displayName: 'Ann' });
    await workspace.patch(id, setRole('Admin'), { op: 'replace', path: 'displayName', value: 'Ann Lee' });
    expect((await workspace.api('/members')).body.data[0]).toMatchObject({
      name: 'Ann Lee',
      env_roles: [{ name: 'Admin' }, {}, {}],
    });
    await workspace.patch(id, { op: 'replace', path: 'userName', value: 'lee@example.com' });
    const scim = { source: 'scim_auto_sync', by: null };
    expect(await workspace.reported(1)).toEqual([
      {
        ...scim,
        event: 'team_membership_role_updated',
        who: 'ann@example.com',
        before: { displayName: 'Ann', workato_role: 'Operator' },
        after: { displayName: 'Ann Lee', workato_role: 'Admin' },
      },
      {
        ...scim,
        event: 'team_membership_updated',
        who: 'lee@example.com',
        before: { userName: 'ann@example.com' },
        after: { userName: 'lee@example.com' },
      },
    ]);
  });
});

describe('8. manual change', () => {
  const change = (workspace: OpenWorkspace, roles: object) =>
    workspace.admin('PATCH', '/members/ann@example.com', { roles, actor: 'root@workspace.example' });

  it('holds until the next login, which overwrites it; the audit log shows all three', async () => {
    const workspace = await openWorkspace();
    const attributes = { workato_role: ['Analyst'] };
    await workspace.user('ann@example.com', { [roleUrn]: { workato_role: 'Analyst' } });
    const changed = await change(workspace, { dev: 'Admin' });
    expect(changed).toMatchObject({ status: 200, body: { roles: { dev: 'Admin' } } });
    expect(await workspace.roles('ann@example.com')).toMatchObject({ dev: 'Admin' });
    await workspace.login('ann@example.com', attributes);
    expect(await workspace.roles('ann@example.com')).toMatchObject({ dev: 'Analyst' });
    const reported = await workspace.reported();
    expect(reported.map(({ event, source, by }) => [event, source, by])).toEqual([
      ['team_invitation_accept', 'scim_auto_sync', null],
      ['team_membership_role_updated', 'manual', 'root@workspace.example'],
      ['team_membership_role_updated', 'saml_auto_sync', 'ann@example.com'],
      ['user_login', 'saml', 'ann@example.com'],
    ]);
    expect(reported[1]).toMatchObject({
      before: { workato_role: 'Analyst' },
      after: { workato_role: 'Admin' },
    });
    expect(reported[2]).toMatchObject({
      before: { workato_role: 'Admin' },
      after: { workato_role: 'Analyst' },
    });
  });

  it.each([
    ['a PATCH of the role', setRole('Analyst')],
    ['a PATCH of something else', { op: 'replace', path: 'title', value: 'Lead' }],
    ['a PATCH that repeats what is there', { op: 'replace', value: { active: true } }],
  ])('holds until %s, which overwrites it', async (_, operation) => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com', { [roleUrn]: { workato_role: 'Analyst' } });
    await change(workspace, { dev: 'Admin' });
    const { body } = await workspace.patch(id, operation);
    expect(body[roleUrn]).toEqual({ workato_role: 'Analyst' });
    expect(await workspace.roles(id)).toMatchObject({ dev: 'Analyst' });
    expect(await workspace.reported(2)).toMatchObject([
      {
        event: 'team_membership_role_updated',
        source: 'scim_auto_sync',
        before: { workato_role: 'Admin' },
        after: { workato_role: 'Analyst' },
      },
    ]);
  });

  it('is shown by SCIM, so that a provider that compares can put it right', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com', { [roleUrn]: { workato_role: 'Analyst' } });
    const before = (await workspace.scim('GET', `/Users/${id}`)).body;
    await change(workspace, { dev: 'Admin' });
    const after = (await workspace.scim('GET', `/Users/${id}`)).body;
    expect(after[roleUrn]).toEqual({ workato_role: 'Admin' });
    expect(after.meta.version).not.toBe(before.meta.version);
    await workspace.scim('PUT', `/Users/${id}`, before);
    expect(await workspace.roles(id)).toMatchObject({ dev: 'Analyst' });
  });

  it('becomes what is assigned when SCIM says the same', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com', { [roleUrn]: { workato_role: 'Analyst' } });
    await change(workspace, { dev: 'Admin' });
    const { body } = await workspace.scim('GET', `/Users/${id}`);
    await workspace.scim('PUT', `/Users/${id}`, body);
    await workspace.patch(id, { op: 'replace', path: 'title', value: 'Lead' });
    expect(await workspace.roles(id)).toMatchObject({ dev: 'Admin' });
  });

  it('stays where the identity provider has assigned nothing', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com');
    await change(workspace, { prod: 'Admin' });
    await workspace.patch(id, { op: 'replace', path: 'title', value: 'Lead' });
    await workspace.scim('PUT', `/Users/${id}`, { schemas: [userUrn], userName: 'ann@example.com' });
    await workspace.login('ann@example.com');
    expect(await workspace.roles(id)).toMatchObject({ prod: 'Admin' });
  });

  it('of nothing is no change, and of an unknown role, environment or member is refused', async () => {
    const workspace = await openWorkspace();
    await workspace.user('ann@example.com');
    expect((await change(workspace, { dev: 'Operator' })).status).toBe(200);
    expect((await change(workspace, { dev: 'King' })).body.error).toEqual({
      code: 'unknown_role',
      message: expect.stringContaining('"Admin", "Analyst"'),
    });
    expect((await change(workspace, { moon: 'Admin' })).status).toBe(400);
    expect((await workspace.admin('PATCH', '/members/bob', { roles: { dev: 'Admin' } })).status).toBe(404);
    expect(await workspace.reported(1)).toEqual([]);
  });
});

describe('9. manual removal', () => {
  it('ends access and sessions, and the next login provisions again, with the assigned roles', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com', { [roleUrn]: { workato_role: 'Analyst' } });
    const { session } = (await workspace.login('ann@example.com')).body;
    await workspace.admin('PATCH', `/members/${id}`, { roles: { dev: 'Admin' } });
    expect((await workspace.admin('DELETE', `/members/${id}?actor=root@workspace.example`)).status).toBe(204);
    expect(await workspace.status(id)).toBe('removed');
    expect(await workspace.session(session.id)).toBe('removed');
    expect((await workspace.api('/members')).body.data).toEqual([]);
    const again = await workspace.login('ann@example.com');
    expect(again.status).toBe(200);
    expect(await workspace.session(again.body.session.id)).toBe('active');
    expect(await workspace.session(session.id)).toBe('removed');
    expect(await workspace.status(id)).toBe('active');
    expect(await workspace.roles(id)).toMatchObject({ dev: 'Analyst' });
    expect((await workspace.reported(3)).map(({ event, source }) => [event, source])).toEqual([
      ['team_membership_deleted', 'manual'],
      ['team_membership_restored', 'saml_auto_sync'],
      ['user_login', 'saml'],
    ]);
  });

  it.each([
    ['SCIM is disabled', (w: OpenWorkspace) => w.admin('PATCH', '/settings', { scimEnabled: false })],
    [
      'the token was revoked',
      (w: OpenWorkspace) => w.admin('POST', '/tokens/scim/revoke', { actor: 'root@workspace.example' }),
    ],
  ])('the login is refused when %s', async (_, turnOff) => {
    const workspace = await openWorkspace();
    await workspace.user('ann@example.com');
    await workspace.admin('DELETE', '/members/ann@example.com');
    await turnOff(workspace);
    expect(await workspace.login('ann@example.com')).toMatchObject({
      status: 403,
      body: { error: { code: 'removed' } },
    });
  });

  it.each([
    ['before', true],
    ['after', false],
  ])('the login is refused when the identity provider deprovisioned %s the removal', async (_, isBefore) => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com');
    const deprovision = () => workspace.patch(id, { op: 'replace', value: { active: false } });
    if (isBefore) await deprovision();
    await workspace.admin('DELETE', `/members/${id}`);
    if (!isBefore) await deprovision();
    expect(await workspace.login('ann@example.com')).toMatchObject({
      status: 403,
      body: { error: { code: 'deprovisioned' } },
    });
    // Reactivation by the identity provider undoes both.
    await workspace.patch(id, { op: 'replace', value: { active: true } });
    expect((await workspace.login('ann@example.com')).status).toBe(200);
  });

  it('twice is once', async () => {
    const workspace = await openWorkspace();
    await workspace.user('ann@example.com');
    await workspace.admin('DELETE', '/members/ann@example.com');
    expect((await workspace.admin('DELETE', '/members/ann@example.com')).status).toBe(204);
    expect(await workspace.reported(1)).toHaveLength(1);
  });
});

describe('10. deprovisioning', () => {
  const forms: readonly [string, object][] = [
    ['Okta: without a path', { op: 'replace', value: { active: false } }],
    ['with a path', { op: 'replace', path: 'active', value: false }],
    ['Entra ID: a text', { op: 'Replace', path: 'active', value: 'False' }],
    ['Entra ID: an add', { op: 'Add', path: 'active', value: 'False' }],
    ['a text without a path', { op: 'replace', value: { active: 'false' } }],
    ['a URN as path', { op: 'replace', path: `${userUrn}:active`, value: false }],
  ];

  it.each(forms)(
    '%s: access and sessions end, logins are refused, reactivation restores',
    async (_, operation) => {
      const workspace = await openWorkspace();
      const id = await workspace.user('ann@example.com', { [roleUrn]: { workato_role: 'Admin' } });
      await workspace.group('Crew', [id]);
      const { session } = (await workspace.login('ann@example.com')).body;
      expect(await workspace.session(session.id)).toBe('active');
      expect((await workspace.patch(id, operation)).body.active).toBe(false);
      expect(await workspace.status(id)).toBe('suspended');
      expect(await workspace.session(session.id)).toBe('deprovisioned');
      expect(await workspace.login('ann@example.com', { workato_role: ['Admin'] })).toMatchObject({
        status: 403,
        body: { error: { code: 'deprovisioned', message: expect.stringContaining('ann@example.com') } },
      });
      expect((await workspace.scim('GET', '/Users')).body.totalResults).toBe(1);
      await workspace.patch(id, { op: 'replace', value: { active: true } });
      expect((await workspace.admin('GET', `/members/${id}`)).body).toMatchObject({
        status: 'active',
        roles: { dev: 'Admin' },
        groups: ['Crew'],
      });
      const again = await workspace.login('ann@example.com');
      expect(await workspace.session(again.body.session.id)).toBe('active');
      // What ended stays ended.
      expect(await workspace.session(session.id)).toBe('deprovisioned');
    },
  );

  it('PUT and bulk do the same', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com');
    const { session } = (await workspace.login('ann@example.com')).body;
    const { body } = await workspace.scim('GET', `/Users/${id}`);
    await workspace.scim('PUT', `/Users/${id}`, { ...body, active: false });
    expect(await workspace.session(session.id)).toBe('deprovisioned');
    await workspace.scim('PUT', `/Users/${id}`, { ...body, active: true });
    const again = (await workspace.login('ann@example.com')).body.session;
    await workspace.scim('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        {
          method: 'PATCH',
          path: `/Users/${id}`,
          data: { schemas: [patchUrn], Operations: [{ op: 'replace', value: { active: false } }] },
        },
      ],
    });
    expect(await workspace.session(again.id)).toBe('deprovisioned');
  });

  it('DELETE removes the member; logins make no ghost, and a new create lets the person in again', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com', { [roleUrn]: { workato_role: 'Admin' } });
    const { session } = (await workspace.login('ann@example.com')).body;
    expect((await workspace.scim('DELETE', `/Users/${id}`)).status).toBe(204);
    expect(await workspace.session(session.id)).toBe('deprovisioned');
    expect((await workspace.admin('GET', '/members')).body.data).toEqual([]);
    expect(await workspace.login('Ann@Example.com')).toMatchObject({
      status: 403,
      body: { error: { code: 'deprovisioned' } },
    });
    expect((await workspace.scim('GET', '/Users')).body.totalResults).toBe(0);
    const next = await workspace.user('ann@example.com');
    expect(await workspace.roles(next)).toMatchObject({ dev: 'Operator' });
    expect((await workspace.login('ann@example.com')).status).toBe(200);
  });

  it('each is one event, with what was before and after', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com');
    await workspace.group('Crew', [id]);
    await workspace.patch(id, { op: 'replace', value: { active: false } });
    await workspace.patch(id, { op: 'replace', value: { active: false } });
    await workspace.patch(id, { op: 'replace', value: { active: true } });
    await workspace.scim('DELETE', `/Users/${id}`);
    expect(await workspace.reported(2)).toMatchObject([
      { event: 'team_membership_suspended', before: { active: true }, after: { active: false } },
      { event: 'team_membership_restored', before: { active: false }, after: { active: true } },
      { event: 'team_membership_deleted', before: { userName: 'ann@example.com' }, after: {} },
    ]);
  });
});
