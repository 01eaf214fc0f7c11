import { describe, expect, it } from 'vitest';
import { groupUrn, openWorkspace, patchUrn, roleUrn, root, send, userUrn } from './workspace-fixture.ts';

const environments = ['dev', 'test', 'prod'] as const;

describe('12. end users', () => {
  it('have a SCIM service of their own in each environment, which knows nothing of the others', async () => {
    const workspace = await openWorkspace();
    const { identityScimBaseUrls, identityTokens } = workspace.sandbox;
    const member = await workspace.user('ann@example.com');
    const ids = new Set([member]);
    for (const environment of environments) {
      const call = (method: string, path: string, body?: unknown) =>
        send(method, identityScimBaseUrls[environment] + path, identityTokens[environment], body);
      // The same name is free in each of them.
      const user = await call('POST', '/Users', { schemas: [userUrn], userName: 'ann@example.com' });
      expect(user.status).toBe(201);
      expect(user.body.meta).toMatchObject({
        resourceType: 'User',
        location: `${identityScimBaseUrls[environment]}/Users/${user.body.id}`,
      });
      ids.add(user.body.id);
      const members = [{ value: user.body.id }];
      const group = await call('POST', '/Groups', { schemas: [groupUrn], displayName: 'Callers', members });
      expect(group.body).toMatchObject({ meta: { resourceType: 'Group' }, members: [{ type: 'User' }] });
      expect((await call('GET', `/Users/${user.body.id}`)).body.groups).toMatchObject([
        { display: 'Callers' },
      ]);
      expect((await call('GET', `/Users/${member}`)).status).toBe(404);
      expect((await workspace.scim('GET', `/Users/${user.body.id}`)).status).toBe(404);
      const stranger = { schemas: [groupUrn], displayName: 'Strangers', members: [{ value: member }] };
      expect((await call('POST', '/Groups', stranger)).status).toBe(400);
      const patch = { schemas: [patchUrn], Operations: [{ op: 'replace', value: { active: false } }] };
      expect((await call('PATCH', `/Users/${user.body.id}`, patch)).body.active).toBe(false);
      expect((await call('DELETE', `/Users/${user.body.id}`)).status).toBe(204);
      expect((await call('GET', `/Groups/${group.body.id}`)).body).not.toHaveProperty('members');
    }
    expect(ids.size).toBe(4);
    expect(await workspace.status(member)).toBe('active');
    expect((await workspace.scim('GET', '/Groups')).body.totalResults).toBe(0);
  });

  it('have no roles of the workspace, and are recorded in the audit log as end users', async () => {
    const workspace = await openWorkspace();
    const { identityScimBaseUrls, identityTokens } = workspace.sandbox;
    const call = (method: string, path: string, body?: unknown) =>
      send(method, identityScimBaseUrls.test + path, identityTokens.test, body);
    expect((await call('GET', `/Schemas/${roleUrn}`)).status).toBe(404);
    const { body } = await call('POST', '/Users', {
      schemas: [userUrn, roleUrn],
      userName: 'ann@example.com',
      [roleUrn]: { workato_role: 'Admin' },
    });
    expect(body).not.toHaveProperty([roleUrn]);
    await call('DELETE', `/Users/${body.id}`);
    expect((await workspace.admin('GET', '/members')).body.total).toBe(0);
    const log = (await workspace.api('/activity_logs')).body.data;
    expect(log).toMatchObject([
      {
        event_type: 'end_user_created',
        resource: { type: 'EndUser', environment: 'test', name: 'ann@example.com' },
      },
      {
        event_type: 'end_user_deleted',
        resource: { type: 'EndUser', environment: 'test', name: 'ann@example.com' },
      },
    ]);
  });

  it('each service has its own token, which is refreshed and revoked by itself', async () => {
    const workspace = await openWorkspace();
    const { identityScimBaseUrls, identityTokens, token } = workspace.sandbox;
    const statusOf = async (environment: (typeof environments)[number], own: string): Promise<number> =>
      (await send('GET', `${identityScimBaseUrls[environment]}/Users`, own)).status;
    expect(await statusOf('dev', token)).toBe(401);
    expect(await statusOf('dev', identityTokens.prod)).toBe(401);
    const { body } = await workspace.admin('POST', '/tokens/dev/refresh', { actor: root });
    expect(await statusOf('dev', identityTokens.dev)).toBe(401);
    expect(await statusOf('dev', body.token)).toBe(200);
    expect(await statusOf('test', identityTokens.test)).toBe(200);
    expect((await workspace.scim('GET', '/Users')).status).toBe(200);
    expect((await workspace.admin('POST', '/tokens/moon/refresh', { actor: root })).status).toBe(404);
  });
});
