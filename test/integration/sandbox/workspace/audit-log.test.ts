import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startWebhookReceiver } from '../../../support/start-webhook-receiver.ts';
import { bulkUrn, openWorkspace, roleUrn, root, send, standingClock, userUrn } from './workspace-fixture.ts';

interface Entry {
  readonly id: number;
  readonly content: { readonly attributes: { readonly event: string } };
}

const numbersOf = (entries: readonly Entry[]): readonly number[] => entries.map(({ id }) => id);

describe('11. audit log', () => {
  it('has the shape of Workato’s', async () => {
    const clock = standingClock();
    const workspace = await openWorkspace({ now: clock.now });
    const id = await workspace.user('ann@example.com', {
      displayName: 'Ann',
      [roleUrn]: { workato_role: 'Admin' },
    });
    const timestamp = '2026-01-01T00:00:00.000Z';
    expect((await workspace.admin('GET', '/audit-log')).body).toEqual({
      total: 1,
      data: [
        {
          id: expect.any(Number),
          content: {
            timestamp,
            tags: ['source:scim_auto_sync'],
            attributes: {
              event: 'team_invitation_accept',
              resource: {
                type: 'ManagedUserGrant',
                id,
                grant_type: 'team',
                role: 'Admin',
                member: { id, type: 'User', name: 'Ann', email: 'ann@example.com' },
              },
              details: {
                source: 'scim_auto_sync',
                before: {},
                after: {
                  active: true,
                  userName: 'ann@example.com',
                  displayName: 'Ann',
                  workato_role: 'Admin',
                  workato_role_test: 'Operator',
                  workato_role_prod: 'Operator',
                },
              },
              team: { id: 'rolecall-sandbox', name: 'Rolecall sandbox', email: root },
              user: { id: null, name: 'SCIM provisioning', email: null },
              timestamp,
            },
          },
        },
      ],
    });
    // The API has the same parts without the wrapper.
    const { attributes } = (await workspace.admin('GET', '/audit-log')).body.data[0].content;
    const { event, resource, details, team, user } = attributes;
    expect((await workspace.api('/activity_logs')).body).toEqual({
      total: 1,
      data: [
        {
          id: expect.any(Number),
          timestamp,
          event_type: event,
          workspace: { ...team, environment: 'Development' },
          user,
          details,
          resource,
        },
      ],
    });
  });

  it('has one event for each change, and none for what changes nothing', async () => {
    const workspace = await openWorkspace();
    const ann = await workspace.user('ann@example.com', { title: 'Lead' });
    const bob = await workspace.user('bob@example.com');
    const crew = await workspace.group('Crew', [ann]);
    const patchGroup = (...Operations: readonly object[]) =>
      workspace.scim('PATCH', `/Groups/${crew}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations,
      });
    // Okta repeats the name with every change of members.
    const name = { op: 'replace', value: { id: crew, displayName: 'Crew' } };
    await patchGroup(name);
    await patchGroup(name, { op: 'add', path: 'members', value: [{ value: bob }] });
    await patchGroup({ op: 'remove', path: `members[value eq "${ann}"]` });
    await workspace.patch(ann, { op: 'replace', path: 'title', value: 'Lead' });
    await workspace.scim('PUT', `/Users/${bob}`, (await workspace.scim('GET', `/Users/${bob}`)).body);
    await workspace.scim('DELETE', `/Users/${bob}`);
    await workspace.scim('DELETE', `/Groups/${crew}`);
    await workspace.admin('PATCH', '/settings', { mode: 'hybrid' });
    await workspace.admin('PATCH', '/settings', { mode: 'scim_only', actor: root });
    const failed = [
      workspace.scim('POST', '/Users', { schemas: [userUrn], userName: 'ann@example.com' }),
      workspace.scim('PATCH', `/Users/${ann}`, {}),
      workspace.scim('DELETE', '/Users/nobody'),
      workspace.admin('PATCH', '/settings', { mode: 'moon' }),
    ];
    for (const { status } of await Promise.all(failed)) expect(status).toBeGreaterThanOrEqual(400);
    const reported = (await workspace.reported(2)).map(({ event, who, before, after }) => [
      event,
      who,
      before,
      after,
    ]);
    expect(reported).toEqual([
      ['user_group_created', 'Crew', {}, { displayName: 'Crew', members: [{ value: ann }] }],
      ['user_group_updated', 'Crew', { members: [] }, { members: [{ value: bob }] }],
      ['user_group_updated', 'Crew', { members: [{ value: ann }] }, { members: [] }],
      [
        'team_membership_deleted',
        'bob@example.com',
        expect.objectContaining({ userName: 'bob@example.com' }),
        {},
      ],
      ['user_group_deleted', 'Crew', { displayName: 'Crew' }, {}],
      ['workspace_settings_updated', 'Rolecall sandbox', { mode: 'hybrid' }, { mode: 'scim_only' }],
    ]);
  });

  it('reports a role that is set to its effective value, because the SCIM resource changes', async () => {
    const workspace = await openWorkspace();
    const id = await workspace.user('ann@example.com');
    const role = { workato_role: 'Operator' };
    await workspace.patch(id, { op: 'add', value: { [roleUrn]: role } });
    await workspace.patch(id, { op: 'add', value: { [roleUrn]: role } });
    expect(await workspace.reported(1)).toMatchObject([
      { event: 'team_membership_updated', before: {}, after: { [roleUrn]: role } },
    ]);
  });

  it('has an event for each operation of a bulk request', async () => {
    const workspace = await openWorkspace();
    await workspace.scim('POST', '/Bulk', {
      schemas: [bulkUrn],
      Operations: [1, 2, 3].map((nth) => ({
        method: 'POST',
        path: '/Users',
        bulkId: `b${nth}`,
        data: { schemas: [userUrn], userName: `u${nth}@example.com` },
      })),
    });
    expect((await workspace.reported()).map(({ who }) => who)).toEqual([
      'u1@example.com',
      'u2@example.com',
      'u3@example.com',
    ]);
  });

  it('is paged by at most 100, without gaps and repeats', async () => {
    const workspace = await openWorkspace();
    for (let nth = 0; nth < 120; nth += 1) await workspace.user(`u${nth}@example.com`);
    const all = new Set<number>();
    for (let after = 0, size = 50; ; ) {
      const { data } = (await workspace.api(`/activity_logs?page[after]=${after}&page[size]=${size}`)).body;
      if (data.length === 0) break;
      for (const number of numbersOf(data)) {
        expect(number).toBeGreaterThan(after);
        expect(all.has(number)).toBe(false);
        all.add(number);
        after = number;
      }
    }
    expect(all.size).toBe(120);
    for (const query of ['', '?page[size]=100', '?page[size]=1000']) {
      expect((await workspace.api(`/activity_logs${query}`)).body.data).toHaveLength(100);
    }
    expect((await workspace.api('/activity_logs?page[size]=x')).status).toBe(400);
  });

  it('is filtered by time, event and resource', async () => {
    const clock = standingClock();
    const workspace = await openWorkspace({ now: clock.now });
    await workspace.user('ann@example.com');
    clock.move(60_000);
    await workspace.group('Crew');
    clock.move(60_000);
    await workspace.login('ann@example.com');
    const eventsOf = async (query: string): Promise<readonly string[]> =>
      (await workspace.api(`/activity_logs?${query}`)).body.data.map(
        (entry: { readonly event_type: string }) => entry.event_type,
      );
    expect(await eventsOf('from=2026-01-01T00:01:00Z')).toEqual(['user_group_created', 'user_login']);
    expect(await eventsOf('to=2026-01-01T00:01:00Z')).toEqual([
      'team_invitation_accept',
      'user_group_created',
    ]);
    expect(await eventsOf('from=2026-01-01T00:00:30Z&to=2026-01-01T00:01:30Z')).toEqual([
      'user_group_created',
    ]);
    expect(
      await eventsOf('include_event_types[]=user_login&include_event_types[]=user_group_created'),
    ).toEqual(['user_group_created', 'user_login']);
    expect(await eventsOf('exclude_event_types[]=user_login')).toHaveLength(2);
    expect(await eventsOf('include_resource_types[]=UserGroup')).toEqual(['user_group_created']);
    expect((await workspace.api('/activity_logs?from=yesterday')).status).toBe(400);
  });

  it('is append-only', async () => {
    const workspace = await openWorkspace();
    await workspace.user('ann@example.com');
    const { adminToken, origin } = workspace.sandbox;
    for (const path of ['/api/activity_logs', '/admin/audit-log']) {
      for (const method of ['PUT', 'PATCH', 'DELETE', 'POST']) {
        const { status, headers } = await send(method, origin + path, adminToken);
        expect([status, headers.get('allow')]).toEqual([405, 'GET']);
      }
    }
    expect((await workspace.scim('DELETE', '/Users/AuditEvent:1')).status).toBe(404);
    expect(await workspace.reported()).toHaveLength(1);
  });

  it('requires the token', async () => {
    const workspace = await openWorkspace();
    for (const token of [undefined, 'wrong', workspace.sandbox.token]) {
      const { status, body } = await send('GET', `${workspace.sandbox.apiUrl}/activity_logs`, token);
      expect([status, body.error.code]).toEqual([401, 'unauthorized']);
    }
  });
});

describe('11. audit log streaming', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  /** A collector that answers each post with the next status of a list, and 200 when that is used up. */
  async function collector(statuses: (number | 'cut')[] = []) {
    const posts: Entry[] = [];
    const accepted: Entry[] = [];
    const { url, close } = await startWebhookReceiver(({ body }) => {
      const entry: Entry = JSON.parse(body);
      posts.push(entry);
      const status = statuses.shift() ?? 200;
      if (status === 'cut') return 'drop';
      if (status < 300) accepted.push(entry);
      return { status, headers: { location: 'http://127.0.0.1:1/' }, body: '{}' };
    });
    onTestFinished(close);
    return { url, posts, accepted, statuses };
  }

  const eventually = (check: () => void): Promise<void> =>
    vi.waitFor(check, { timeout: 120_000, interval: 10 });

  it('posts one event at a time, in order, as the log has them', async () => {
    const { url, posts } = await collector();
    const workspace = await openWorkspace();
    await workspace.user('before@example.com');
    await workspace.admin('PATCH', '/settings', { auditStreamUrl: url });
    const ids = await Promise.all([1, 2, 3, 4, 5].map((nth) => workspace.user(`u${nth}@example.com`)));
    expect(ids).toHaveLength(5);
    await eventually(() => expect(posts).toHaveLength(6));
    // It begins with the change that switched it on.
    expect(posts).toEqual((await workspace.admin('GET', '/audit-log')).body.data.slice(1));
    await workspace.admin('PATCH', '/settings', { auditStreamUrl: null });
    await workspace.user('after@example.com');
    expect(posts).toHaveLength(6);
  });

  it('repeats an event until it is accepted, before any other event', async () => {
    const { url, posts, accepted } = await collector([500, 'cut', 302, 429]);
    const workspace = await openWorkspace({ auditStreamUrl: url });
    await workspace.user('ann@example.com');
    await workspace.user('bob@example.com');
    await eventually(() => expect(accepted).toHaveLength(2));
    const all = numbersOf((await workspace.admin('GET', '/audit-log')).body.data);
    expect(numbersOf(accepted)).toEqual(all);
    expect(numbersOf(posts)).toEqual([all[0], all[0], all[0], all[0], ...all]);
  });

  it('resumes after a restart with undelivered events', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rolecall-workspace-'));
    folders.push(folder);
    const dbFile = join(folder, 'workspace.db');
    const { url, accepted, statuses } = await collector();
    const first = await openWorkspace({ dbFile, token: 'durable', auditStreamUrl: url });
    await first.user('ann@example.com');
    await eventually(() => expect(accepted).toHaveLength(1));
    statuses.push(...Array.from({ length: 50 }, () => 503));
    await first.user('bob@example.com');
    await first.user('cid@example.com');
    await first.close();
    expect(accepted).toHaveLength(1);
    statuses.length = 0;
    const second = await openWorkspace({ dbFile, token: 'durable' });
    await eventually(() => expect(accepted).toHaveLength(3));
    await second.user('dan@example.com');
    await eventually(() => expect(accepted).toHaveLength(4));
    expect(accepted).toEqual((await second.admin('GET', '/audit-log')).body.data);
  });

  it.each(['http://example.com/log', 'ftp://127.0.0.1/', 'file:///etc/passwd', 'log', 7])(
    'rejects the URL %s',
    async (auditStreamUrl) => {
      const workspace = await openWorkspace();
      const { status, body } = await workspace.admin('PATCH', '/settings', { auditStreamUrl });
      expect([status, body.error.code]).toEqual([400, 'invalid_request']);
    },
  );

  it('keeps the secret of its URL out of the log', async () => {
    const { url } = await collector();
    const workspace = await openWorkspace();
    await workspace.admin('PATCH', '/settings', { auditStreamUrl: `${url}?key=s3cret` });
    await workspace.admin('PATCH', '/settings', { auditStreamUrl: `${url}?key=s3cret2` });
    const { body } = await workspace.admin('GET', '/audit-log');
    expect(body.data).toHaveLength(2);
    expect(JSON.stringify(body)).not.toContain('s3cret');
    expect((await workspace.admin('GET', '/settings')).body.auditStreamUrl).toBe(`${url}?key=s3cret2`);
  });
});
