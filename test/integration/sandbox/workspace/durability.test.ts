import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { killAll, killUnderLoad, type Load, startSandboxProcess } from '../../../support/kill-harness.ts';
import { seededRandom } from '../../../support/random-changes.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { type Answer, openWorkspace, patchUrn, roleUrn, root, send, userUrn } from './workspace-fixture.ts';

let folder: ReturnType<typeof temporaryFolder>;
let dbFile: string;

beforeEach(() => {
  folder = temporaryFolder();
  dbFile = folder.file('workspace.db');
});
afterEach(async () => {
  await killAll();
  folder[Symbol.dispose]();
});

async function all(url: string, token: string): Promise<readonly Answer['body'][]> {
  const found: Answer['body'][] = [];
  for (let after = 0; ; ) {
    const { data } = (await send('GET', `${url}?page[after]=${after}`, token)).body;
    if (data.length === 0) return found;
    found.push(...data);
    after = data.at(-1).id;
  }
}

describe('kill -9 under load', () => {
  const roles = ['Admin', 'Analyst', 'Operator', 'NoAccess'] as const;

  it('loses no acknowledged change, half-applies none, and each has exactly its event', async () => {
    // The responses to the client, by user: the last acknowledged version.
    const acknowledged = new Map<string, { version: number; isGone?: boolean }>();
    const random = seededRandom(1);
    let nth = 0;
    for (let round = 0; round < 4; round += 1) {
      const { child, place } = await startSandboxProcess({ dbFile });
      const { scimBaseUrl, adminUrl } = place;
      const work = async (kind: number, load: Load): Promise<void> => {
        const count = (answer: Answer, status: number): void => {
          expect(answer.status).toBe(status);
          load.acknowledge();
        };
        while (!load.isKilled) {
          nth += 1;
          const userName = `u${nth}@example.com`;
          const role = roles[nth % roles.length];
          const created = await send('POST', `${scimBaseUrl}/Users`, 'durable', {
            schemas: [userUrn],
            userName,
            [roleUrn]: { workato_role: role },
          });
          count(created, 201);
          const { id } = created.body;
          const known: { version: number; isGone?: boolean } = { version: 1 };
          acknowledged.set(id, known);
          const patch = { schemas: [patchUrn], Operations: [{ op: 'replace', value: { active: false } }] };
          count(await send('PATCH', `${scimBaseUrl}/Users/${id}`, 'durable', patch), 200);
          known.version = 2;
          if (kind === 0) {
            const changed = await send('PATCH', `${adminUrl}/members/${id}`, 'admin', {
              roles: { prod: role === 'Admin' ? 'Analyst' : 'Admin' },
            });
            count(changed, 200);
            known.version = 3;
          } else if (kind === 1) {
            known.isGone = false;
            count(await send('DELETE', `${scimBaseUrl}/Users/${id}`, 'durable'), 204);
            known.isGone = true;
          }
        }
      };
      const workers = Array.from({ length: 8 }, (_, kind) => (load: Load) => work(kind % 3, load));
      await killUnderLoad(child, 40 + Math.floor(random() * 160), workers);
    }

    const { place } = await startSandboxProcess({ dbFile });
    const events = await all(`${place.adminUrl}/audit-log`, 'admin');
    const byUser = Map.groupBy(events, ({ content }) => content.attributes.resource.id);
    const members = (await send('GET', `${place.adminUrl}/members`, 'admin')).body.data;
    const users = new Map<string, Answer['body']>();
    for (const { id } of members) {
      users.set(id, (await send('GET', `${place.scimBaseUrl}/Users/${id}`, 'durable')).body);
    }
    expect(acknowledged.size).toBeGreaterThan(40);
    for (const [id, { version, isGone }] of acknowledged) {
      const user = users.get(id);
      if (isGone === true) expect(user).toBeUndefined();
      if (isGone === undefined) expect(versionOf(user)).toBeGreaterThanOrEqual(version);
      expect(byUser.get(id)?.length).toBeGreaterThanOrEqual(version + (isGone === true ? 1 : 0));
    }
    // Acknowledged or not: each version of a user has its one event, and what was deleted ends with that of it.
    for (const [id, reported] of byUser) {
      const user = users.get(id);
      const names = reported.map(({ content }) => content.attributes.event);
      expect(names[0]).toBe('team_invitation_accept');
      if (user === undefined) expect(names.at(-1)).toBe('team_membership_deleted');
      else expect(versionOf(user)).toBe(names.length);
      if (user === undefined || names.length < 2) continue;
      expect([user.active, names[1]]).toEqual([false, 'team_membership_suspended']);
    }
    for (const id of users.keys()) expect(byUser.has(id)).toBe(true);
    for (const { status, id } of members) {
      expect(status).toBe(users.get(id).active ? 'active' : 'suspended');
    }
  });

  const versionOf = (user: Answer['body']): number => Number(/\d+/.exec(user.meta.version)?.[0]);
});

describe('a restart', () => {
  it('keeps settings, tokens, members, sessions, used assertions, removed members, and the audit log', async () => {
    const first = await openWorkspace({ dbFile, token: 'durable', customRoles: ['Auditor'] });
    const ann = await first.user('ann@example.com', { [roleUrn]: { workato_role: 'Auditor' } });
    const bob = await first.user('bob@example.com');
    const gone = await first.user('gone@example.com');
    await first.scim('DELETE', `/Users/${gone}`);
    const kept = (await first.login('ann@example.com')).body.session.id;
    const ended = (await first.login('bob@example.com')).body.session.id;
    await first.admin('PATCH', `/members/${ann}`, { roles: { dev: 'Admin' } });
    await first.admin('DELETE', `/members/${bob}`);
    await first.admin('PATCH', '/settings', { limits: { maxPageSize: 7 }, defaultRole: 'NoAccess' });
    const reported = await first.reported();
    await first.close();

    const second = await openWorkspace({ dbFile, token: 'durable' });
    expect(await second.reported()).toEqual(reported);
    expect((await second.admin('GET', '/settings')).body).toMatchObject({
      customRoles: [{ name: 'Auditor' }],
      defaultRole: 'NoAccess',
      limits: { maxPageSize: 7, defaultPageSize: 7 },
    });
    expect(await second.session(kept)).toBe('active');
    expect(await second.session(ended)).toBe('removed');
    expect(await second.status(bob)).toBe('removed');
    expect(await second.roles(ann)).toMatchObject({ dev: 'Admin' });
    expect((await second.login('gone@example.com')).body.error.code).toBe('deprovisioned');
    // What was assigned is known, too.
    await second.patch(ann, { op: 'replace', path: 'title', value: 'Lead' });
    expect(await second.roles(ann)).toMatchObject({ dev: 'Auditor' });
  });

  it('rejects an assertion that was used before the restart', async () => {
    const first = await openWorkspace({ dbFile });
    const { port } = new URL(first.sandbox.origin);
    const response = first.responseFor('ann@example.com');
    expect((await first.postResponse(response)).status).toBe(200);
    await first.close();
    const second = await openWorkspace({ dbFile, port: Number(port) });
    expect((await second.postResponse(response)).body.error.code).toBe('replayed');
  });

  it('keeps a given token valid, or else the last one without showing it', async () => {
    const first = await openWorkspace({ dbFile, token: 'given' });
    await first.close();
    const second = await openWorkspace({ dbFile });
    expect(second.sandbox.token).toBe('');
    expect((await second.scim('GET', '/Users', undefined, 'given')).status).toBe(200);
    await second.close();
    const third = await openWorkspace({ dbFile, token: 'another' });
    expect((await third.scim('GET', '/Users')).status).toBe(200);
    expect((await third.scim('GET', '/Users', undefined, 'given')).status).toBe(401);
  });

  it.each(['refresh', 'revoke'])(
    'keeps a token invalid after %s, even if it is given again',
    async (what) => {
      const first = await openWorkspace({ dbFile, token: 'given' });
      const { body } = await first.admin('POST', `/tokens/scim/${what}`, { actor: root });
      await first.close();
      const second = await openWorkspace({ dbFile, token: 'given' });
      expect((await second.scim('GET', '/Users')).status).toBe(401);
      if (what === 'revoke') return;
      expect((await second.scim('GET', '/Users', undefined, body.token)).status).toBe(200);
    },
  );

  it('applies changed settings, and reports the change', async () => {
    await (await openWorkspace({ dbFile, token: 'durable', mode: 'scim_only' })).close();
    const second = await openWorkspace({ dbFile, token: 'durable', capability: false });
    expect((await second.admin('GET', '/settings')).body).toMatchObject({
      mode: 'scim_only',
      capability: false,
    });
    expect((await second.scim('GET', '/Users')).status).toBe(403);
    expect(await second.reported()).toMatchObject([
      { event: 'workspace_settings_updated', before: { capability: true }, after: { capability: false } },
    ]);
  });
});
