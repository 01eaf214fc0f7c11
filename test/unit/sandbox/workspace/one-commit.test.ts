import { beforeEach, describe, expect, it } from 'vitest';
import type { Mounts } from '../../../../sandbox/scim/http/start-scim-server.ts';
import type { Change } from '../../../../sandbox/scim/resource/resource-record.ts';
import { createWorkspace } from '../../../../sandbox/workspace/create-workspace.ts';

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const roleUrn = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';
const patchUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const origin = 'http://127.0.0.1:1';

// What was written, by transaction; the next write fails on request.
let writes: (readonly Change[])[];
let isFull: boolean;
let mounts: Mounts;

beforeEach(() => {
  writes = [];
  isFull = false;
  const workspace = createWorkspace({
    journal: {
      load: () => [],
      write: (changes) => {
        if (isFull) throw new Error('The disk is full');
        writes.push(changes);
      },
      close: () => undefined,
    },
    now: () => new Date('2026-01-01T00:00:00.000Z'),
    settings: { idp: { entityId: 'x', certificate: 'x' } },
    userExtensions: [],
    adminToken: 'admin',
    scimToken: 'scim',
    endUserTokens: { dev: 'dev' },
    eventPollToken: 'events',
    verifySaml: async (response) => ({
      assertionId: response,
      notOnOrAfter: new Date('2026-01-01T00:05:00.000Z'),
      nameId: 'ann@example.com',
      attributes: { workato_role: ['Admin'], workato_user_groups: ['Crew'] },
    }),
  });
  mounts = workspace.mount(origin);
  writes = [];
});

async function call(base: string, method: string, path: string, body?: object) {
  const endpoint = mounts.get(base);
  if (endpoint === undefined) throw new Error(`There is nothing at ${base}`);
  const tokens: Readonly<Record<string, string>> = {
    '/scim/v2': 'scim',
    '/identity/dev/scim/v2': 'dev',
    '/events': 'events',
  };
  const token = tokens[base] ?? 'admin';
  const [whole = '', query = ''] = path.split('?');
  const { status, body: answer = {} } = await endpoint({
    method,
    path: whole,
    query,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status, body: answer };
}

const scim = (method: string, path: string, body?: object) => call('/scim/v2', method, path, body);
const createUser = (userName: string, role?: string) =>
  scim('POST', '/Users', {
    schemas: [userUrn],
    userName,
    ...(role !== undefined && { [roleUrn]: { workato_role: role } }),
  });
const patch = (id: unknown, value: object) =>
  scim('PATCH', `/Users/${id}`, { schemas: [patchUrn], Operations: [{ op: 'replace', value }] });

/** The types of the records in each transaction. */
function written(): readonly (readonly string[])[] {
  return writes
    .splice(0)
    .map((changes) => changes.map(({ before, after }) => (after ?? before)?.type ?? '').sort());
}

describe('each change is one transaction, with its event in it', () => {
  it('in the life of a member', async () => {
    const { id } = (await createUser('ann@example.com', 'Analyst')).body;
    expect(written()).toEqual([['AuditEvent', 'MemberState', 'User']]);
    await patch(id, { title: 'Lead' });
    expect(written()).toEqual([['AuditEvent', 'User']]);
    await patch(id, { title: 'Lead' });
    expect(written()).toEqual([]);
    await scim('POST', '/Groups', { schemas: [groupUrn], displayName: 'Crew' });
    expect(written()).toEqual([['AuditEvent', 'Group']]);
    await call('/saml', 'POST', '/acs', { SAMLResponse: 'first' });
    expect(written()).toEqual([
      ['AuditEvent', 'AuditEvent', 'AuditEvent', 'Group', 'MemberState', 'Session', 'UsedAssertion', 'User'],
    ]);
    await call('/admin', 'PATCH', `/members/${id}`, { roles: { dev: 'Operator' } });
    expect(written()).toEqual([['AuditEvent', 'User']]);
    await call('/admin', 'DELETE', `/members/${id}`);
    expect(written()).toEqual([['AuditEvent', 'MemberState', 'Session']]);
    await call('/saml', 'POST', '/acs', { SAMLResponse: 'second' });
    expect(written()).toEqual([
      ['AuditEvent', 'AuditEvent', 'MemberState', 'Session', 'UsedAssertion', 'User'],
    ]);
    await patch(id, { active: false });
    expect(written()).toEqual([['AuditEvent', 'Session', 'User']]);
    await call('/saml', 'POST', '/acs', { SAMLResponse: 'third' });
    expect(written()).toEqual([['AuditEvent', 'UsedAssertion']]);
    await scim('DELETE', `/Users/${id}`);
    expect(written()).toEqual([['AuditEvent', 'Group', 'Leaver', 'MemberState', 'User']]);
    await createUser('ann@example.com');
    expect(written()).toEqual([['AuditEvent', 'Leaver', 'MemberState', 'User']]);
  });

  it('around it', async () => {
    await call('/admin', 'POST', '/tokens/scim/refresh', { actor: 'root@workspace.example' });
    expect(written()).toEqual([['AuditEvent', 'Token']]);
    await call('/admin', 'PATCH', '/settings', { auditStreamUrl: 'http://127.0.0.1:1/', mode: 'scim_only' });
    expect(written()).toEqual([['AuditEvent', 'AuditStream', 'Settings']]);
    const user = { schemas: [userUrn], userName: 'ann@example.com' };
    await call('/identity/dev/scim/v2', 'POST', '/Users', user);
    expect(written()).toEqual([['AuditEvent', 'EndUser:dev']]);
  });

  it('with a security event for each open stream, which the acknowledgement drops', async () => {
    await createUser('before@example.com');
    written();
    await call('/admin', 'PATCH', '/settings', { eventPolling: true, eventPushUrl: 'http://127.0.0.1:1/' });
    expect(written()).toEqual([['AuditEvent', 'Settings']]);
    const { id } = (await createUser('ann@example.com', 'Analyst')).body;
    expect(written()).toEqual([['AuditEvent', 'MemberState', 'PollEvent', 'PushEvent', 'User']]);
    await patch(id, { active: false, title: 'Lead' });
    expect(written()).toEqual([['AuditEvent', 'PollEvent', 'PushEvent', 'User']]);
    await patch(id, { active: false, title: 'Lead' });
    await call('/admin', 'POST', '/tokens/dev/refresh', { actor: 'root@workspace.example' });
    expect(written()).toEqual([['AuditEvent', 'Token']]);
    await call('/admin', 'DELETE', `/members/${id}`);
    expect(written()).toEqual([['AuditEvent', 'MemberState']]);
    const { sets } = (await call('/events', 'POST', '/poll', {})).body;
    await call('/events', 'POST', '/poll', { ack: Object.keys(sets ?? {}), maxEvents: 0 });
    expect(written()).toEqual([['PollEvent', 'PollEvent']]);
    await call('/admin', 'PATCH', '/settings', { eventPushUrl: null });
    expect(written()).toEqual([['AuditEvent', 'PushEvent', 'PushEvent', 'Settings']]);
    await call('/saml', 'POST', '/acs', { SAMLResponse: 'refused: ann is deprovisioned' });
    expect(written()).toEqual([['AuditEvent', 'UsedAssertion']]);
    await scim('POST', '/Groups', { schemas: [groupUrn], displayName: 'Crew' });
    await scim('DELETE', `/Users/${id}`);
    written();
    await createUser('bob@example.com');
    expect(written()).toEqual([['AuditEvent', 'MemberState', 'PollEvent', 'User']]);
    await call('/admin', 'POST', '/event-keys/rotate', {});
    expect(written()).toEqual([['AuditEvent', 'EventKeyRing']]);
  });

  it('no record is changed twice in one', async () => {
    const { id } = (await createUser('ann@example.com')).body;
    await scim('POST', '/Groups', { schemas: [groupUrn], displayName: 'Crew', members: [{ value: id }] });
    await call('/saml', 'POST', '/acs', { SAMLResponse: 'first' });
    await call('/saml', 'POST', '/acs', { SAMLResponse: 'second' });
    await scim('DELETE', `/Users/${id}`);
    for (const changes of writes) {
      const ids = changes.map(({ before, after }) => (after ?? before)?.id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });
});

it('a change that cannot be written is a 500, and nothing of it is visible', async () => {
  const { id } = (await createUser('ann@example.com')).body;
  const see = async () => [
    (await scim('GET', '/Users')).body,
    (await call('/admin', 'GET', '/members')).body,
    (await call('/admin', 'GET', '/audit-log')).body,
    (await call('/admin', 'GET', '/sessions')).body,
    (await call('/admin', 'GET', '/settings')).body,
  ];
  const before = await see();
  isFull = true;
  for (const answer of [
    await createUser('bob@example.com'),
    await patch(id, { active: false }),
    await scim('DELETE', `/Users/${id}`),
    await call('/saml', 'POST', '/acs', { SAMLResponse: 'first' }),
    await call('/admin', 'PATCH', `/members/${id}`, { roles: { dev: 'Admin' } }),
    await call('/admin', 'DELETE', `/members/${id}`),
    await call('/admin', 'PATCH', '/settings', { groups: false }),
    await call('/admin', 'POST', '/tokens/scim/refresh', { actor: 'root@workspace.example' }),
  ]) {
    expect(answer.status).toBe(500);
  }
  isFull = false;
  expect(await see()).toEqual(before);
  expect((await call('/saml', 'POST', '/acs', { SAMLResponse: 'first' })).status).toBe(200);
});

it('an acknowledgement that cannot be written does not count, and no change lacks its security event', async () => {
  await call('/admin', 'PATCH', '/settings', { eventPolling: true });
  await createUser('ann@example.com');
  const poll = async (body: object) => call('/events', 'POST', '/poll', { returnImmediately: true, ...body });
  const ids = async () => Object.keys((await poll({})).body.sets ?? {});
  const before = await ids();
  expect(before).toHaveLength(1);
  isFull = true;
  expect((await poll({ ack: before })).status).toBe(500);
  expect((await createUser('bob@example.com')).status).toBe(500);
  isFull = false;
  expect(await ids()).toEqual(before);
});
