import { describe, expect, it } from 'vitest';
import { createIdp, flavorNames } from '../../../../sandbox/idp/index.ts';
import { startSandbox } from '../../../../sandbox/index.ts';
import { openWorkspace, roleUrn, root, send, userUrn } from './workspace-fixture.ts';

const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error';

describe('1. add-on gate', () => {
  it('refuses every SCIM call without the capability, with a SCIM error that says so', async () => {
    const workspace = await openWorkspace({ capability: false });
    const calls = [
      workspace.scim('GET', '/Users'),
      workspace.scim('POST', '/Users', { schemas: [userUrn], userName: 'ann@example.com' }),
      workspace.scim('DELETE', '/Users/1'),
      workspace.scim('GET', '/ServiceProviderConfig'),
      workspace.scim('POST', '/Bulk', {}),
      send('GET', `${workspace.sandbox.scimBaseUrl}/Users`, undefined),
    ];
    for (const { status, headers, body } of await Promise.all(calls)) {
      expect(status).toBe(403);
      expect(headers.get('content-type')).toMatch(/^application\/scim\+json/);
      expect(body).toEqual({
        schemas: [errorUrn],
        status: '403',
        detail: expect.stringContaining('Data Monitoring/Advanced Security & Compliance capability'),
      });
    }
  });

  it('cannot enable SCIM without the capability, and can with it', async () => {
    const workspace = await openWorkspace({ capability: false });
    const refused = await workspace.admin('PATCH', '/settings', { scimEnabled: true });
    expect(refused).toMatchObject({
      status: 409,
      body: { error: { code: 'scim_needs_capability', message: expect.stringContaining('"capability"') } },
    });
    expect((await workspace.admin('GET', '/settings')).body.scimEnabled).toBe(false);
    await workspace.admin('PATCH', '/settings', { capability: true });
    expect((await workspace.scim('GET', '/Users')).body.detail).toMatch(/^SCIM is not enabled/);
    await workspace.admin('PATCH', '/settings', { scimEnabled: true });
    expect((await workspace.scim('GET', '/Users')).status).toBe(200);
  });

  it('ends SCIM when the capability is removed, and loses nothing', async () => {
    const workspace = await openWorkspace();
    await workspace.user('ann@example.com');
    await workspace.admin('PATCH', '/settings', { capability: false });
    expect((await workspace.scim('GET', '/Users')).status).toBe(403);
    await workspace.admin('PATCH', '/settings', { capability: true });
    expect((await workspace.scim('GET', '/Users')).body.totalResults).toBe(1);
  });

  it('a start that contradicts itself fails', async () => {
    await expect(startSandbox({ capability: false, scimEnabled: true })).rejects.toThrow(/capability/);
  });
});

describe('2. SSO prerequisite', () => {
  it('cannot enable SCIM until SAML SSO is', async () => {
    const workspace = await openWorkspace({ samlSso: false });
    const refused = await workspace.admin('PATCH', '/settings', { scimEnabled: true });
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'scim_needs_saml_sso' } } });
    expect(await workspace.scim('GET', '/Users')).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('SAML SSO') },
    });
    const { status } = await workspace.admin('PATCH', '/settings', { samlSso: true, scimEnabled: true });
    expect(status).toBe(200);
    expect((await workspace.scim('GET', '/Users')).status).toBe(200);
  });

  it('refuses logins while SAML SSO is off, or nobody is set up to log in from', async () => {
    const without = await openWorkspace({ samlSso: false });
    expect(await without.login('ann@example.com')).toMatchObject({
      status: 403,
      body: { error: { code: 'saml_sso_disabled' } },
    });
    const nobody = await openWorkspace({ idp: null });
    expect(await nobody.login('ann@example.com')).toMatchObject({
      status: 403,
      body: { error: { code: 'saml_not_set_up' } },
    });
  });
});

describe('3. token', () => {
  const tokens = '/tokens/scim';

  it('is generated once, shown once, and kept as a hash', async () => {
    const workspace = await openWorkspace();
    await workspace.admin('POST', `${tokens}/revoke`, { actor: root });
    const generated = await workspace.admin('POST', `${tokens}/generate`, { actor: root });
    expect(generated).toMatchObject({ status: 201, body: { token: expect.stringMatching(/^[\w-]{32}$/) } });
    const { token } = generated.body;
    expect((await workspace.scim('GET', '/Users', undefined, token)).status).toBe(200);
    expect(await workspace.admin('POST', `${tokens}/generate`, { actor: root })).toMatchObject({
      status: 409,
      body: { error: { code: 'token_exists', message: expect.stringContaining('Refresh') } },
    });
    const shown = await workspace.admin('GET', tokens);
    expect(shown.body).toEqual({ issued: true, issued_at: expect.any(String), issued_by: root });
    for (const path of [tokens, '/settings', '/audit-log', '/members']) {
      expect(JSON.stringify((await workspace.admin('GET', path)).body)).not.toContain(token);
    }
  });

  it.each([
    ['the root', root, 201],
    ['an admin', 'admin@example.com', 201],
    ['a custom role with the privilege', 'scim@example.com', 201],
    ['a custom role without it', 'auditor@example.com', 403],
    ['an analyst', 'analyst@example.com', 403],
    ['an admin of another environment only', 'prod@example.com', 403],
    ['an admin who was suspended', 'gone@example.com', 403],
    ['a stranger', 'nobody@example.com', 403],
    ['nobody', undefined, 400],
  ])('%s refreshes it or not', async (_, actor, status) => {
    const workspace = await openWorkspace({
      customRoles: [{ name: 'Provisioner', privileges: ['SCIM provisioning'] }, 'Auditor'],
    });
    const withRole = (userName: string, role: object, active = true) =>
      workspace.user(userName, { [roleUrn]: role, active });
    await withRole('admin@example.com', { workato_role: 'Admin' });
    await withRole('scim@example.com', { workato_role: 'Provisioner' });
    await withRole('auditor@example.com', { workato_role: 'Auditor' });
    await withRole('analyst@example.com', { workato_role: 'Analyst' });
    await withRole('prod@example.com', { workato_role: 'Analyst', workato_role_prod: 'Admin' });
    await withRole('gone@example.com', { workato_role: 'Admin' }, false);
    const answer = await workspace.admin('POST', `${tokens}/refresh`, { actor });
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body.error.message).toContain(actor);
    const old = await workspace.scim('GET', '/Users');
    expect(old.status).toBe(status === 201 ? 401 : 200);
  });

  it('works nowhere but in the header', async () => {
    const workspace = await openWorkspace();
    const { scimBaseUrl, token } = workspace.sandbox;
    for (const query of [`access_token=${token}`, `token=${token}`, `authorization=Bearer%20${token}`]) {
      expect((await send('GET', `${scimBaseUrl}/Users?${query}`, undefined)).status).toBe(401);
    }
  });

  it('is not to be had while SCIM is not available', async () => {
    const workspace = await openWorkspace({ capability: false });
    expect(await workspace.admin('POST', `${tokens}/refresh`, { actor: root })).toMatchObject({
      status: 409,
      body: { error: { code: 'scim_unavailable' } },
    });
  });
});

describe('4. turning off', () => {
  it.each(['refresh', 'revoke'])('by %s: the old token is 401 from then on', async (what) => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com');
    const { status, body } = await workspace.admin('POST', `/tokens/scim/${what}`, { actor: root });
    expect(status).toBe(what === 'refresh' ? 201 : 204);
    for (const [method, path] of [
      ['GET', '/Users'],
      ['DELETE', `/Users/${id}`],
      ['GET', '/ServiceProviderConfig'],
    ] as const) {
      const refused = await workspace.scim(method, path);
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toContain('invalid_token');
    }
    if (what === 'revoke') return;
    expect((await workspace.scim('GET', `/Users/${id}`, undefined, body.token)).status).toBe(200);
    // The members stay as they are.
    expect(await workspace.status(id)).toBe('active');
  });

  it('by SCIM being disabled: it is refused, and goes on with the same token when it is enabled', async () => {
    const workspace = await openWorkspace();
    await workspace.admin('PATCH', '/settings', { scimEnabled: false });
    expect(await workspace.scim('GET', '/Users')).toMatchObject({
      status: 403,
      body: { detail: expect.stringMatching(/^SCIM is not enabled/) },
    });
    await workspace.admin('PATCH', '/settings', { scimEnabled: true });
    expect((await workspace.scim('GET', '/Users')).status).toBe(200);
  });

  it.each(flavorNames)(
    'in the identity provider (%s): it pushes no more, and the workspace stays as it is',
    async (flavor) => {
      const workspace = await openWorkspace();
      const { scimBaseUrl, token } = workspace.sandbox;
      const provider = createIdp({ flavor, target: { scimBaseUrl, token } });
      provider.addPerson({ userName: 'ann@example.com', givenName: 'Ann', familyName: 'Lee' });
      await provider.assign('ann@example.com', { workato_role: 'Analyst' });
      provider.setProvisioning({ isEnabled: false });
      const reported = await workspace.reported();
      await provider.change('ann@example.com', { roles: { workato_role: 'Admin' } });
      await provider.unassign('ann@example.com');
      expect(await workspace.reported()).toEqual(reported);
      expect(await workspace.status('ann@example.com')).toBe('active');
      expect((await workspace.scim('GET', '/Users')).status).toBe(200);
    },
  );

  it.each(flavorNames)(
    'by refreshing the token: %s gets an error, and continues with the new one',
    async (flavor) => {
      const workspace = await openWorkspace();
      const { scimBaseUrl, token } = workspace.sandbox;
      const provider = createIdp({ flavor, target: { scimBaseUrl, token } });
      provider.addPerson({ userName: 'ann@example.com', givenName: 'Ann', familyName: 'Lee' });
      await provider.assign('ann@example.com', { workato_role: 'Analyst' });
      const { body } = await workspace.admin('POST', '/tokens/scim/refresh', { actor: root });
      const failed = await provider.unassign('ann@example.com');
      expect(failed).toMatchObject({ ok: false, error: expect.stringContaining('401') });
      expect(await workspace.status('ann@example.com')).toBe('active');
      provider.setProvisioning({ token: body.token });
      await provider.runCycle();
      expect(await workspace.status('ann@example.com')).toBe('suspended');
    },
  );
});
