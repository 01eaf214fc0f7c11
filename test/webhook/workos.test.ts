import { describe, expect, it } from 'vitest';
import { createFakePlatform, fakeEpochInMs } from '../support/fake-platform.ts';
import { openPush } from '../support/webhook/open-source.ts';
import { eventsOf, reportedBy } from '../support/webhook/outcome.ts';
import { pushRequest } from '../support/webhook/push-request.ts';
import { signBody } from '../support/webhook/sign-body.ts';

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const roleUrn = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';

// After github.com/workos/workos-node, src/webhooks/fixtures/webhook.json and src/events/events.spec.ts.
const blair = {
  object: 'directory_user',
  id: 'directory_user_01FAEAJCR3ZBZ30D8BD1924TVG',
  directory_id: 'directory_01F9M7F68PZP8QXP8G7X5QRHS7',
  organization_id: 'org_01EZTR6WYX1A0DSE2CYMGXQ24Y',
  idp_id: '00u1e8mutl6wlH3lL4x7',
  email: 'blair@example.com',
  first_name: 'Blair',
  last_name: 'Lunchford',
  state: 'active',
  role: { slug: 'member' },
  custom_attributes: { department_name: 'Customer Success', job_title: 'Software Engineer' },
  raw_attributes: {
    schemas: [userUrn, enterprise],
    userName: 'blair@example.com',
    name: { givenName: 'Blair', familyName: 'Lunchford', middleName: 'Elizabeth' },
    title: 'Software Engineer',
    active: true,
    groups: [],
    displayName: 'Blair Lunchford',
    [enterprise]: { division: 'Engineering', department: 'Customer Success' },
  },
  created_at: '2021-06-25T19:07:33.155Z',
  updated_at: '2021-06-25T19:07:33.155Z',
};
const crew = {
  object: 'directory_group',
  id: 'directory_group_1',
  idp_id: '00g1',
  name: 'Crew',
  raw_attributes: {},
};

async function receive(event: string, data: unknown, message: object = {}) {
  const platform = createFakePlatform(() => ({ status: 500 }));
  const body = JSON.stringify({
    id: 'event_1',
    event,
    data,
    created_at: '2025-12-31T19:07:33.155Z',
    ...message,
  });
  const headers = { 'workos-signature': `t=${fakeEpochInMs}, v1=${signBody('secret', fakeEpochInMs, body)}` };
  const received = await openPush('workos', platform, { secret: 'secret' }).receive(
    pushRequest({ headers, body }),
  );
  return { received, logged: platform.logged };
}
const tell = async (event: string, data: unknown) => reportedBy((await receive(event, data)).received);
const update = (previous_attributes: unknown, now: object = {}) =>
  tell('dsync.user.updated', { ...blair, ...now, previous_attributes });

const id = blair.id;

describe('users', () => {
  it('maps a new user completely', async () => {
    const { received } = await receive('dsync.user.created', blair);
    expect(eventsOf(received)).toEqual([
      {
        id: 'event_1',
        type: 'create',
        occurredAt: '2025-12-31T19:07:33.155Z',
        resource: 'User',
        subject: {
          id,
          externalId: '00u1e8mutl6wlH3lL4x7',
          userName: 'blair@example.com',
          displayName: 'Blair Lunchford',
        },
        changes: [],
        data: {
          id,
          schemas: [userUrn, enterprise],
          externalId: '00u1e8mutl6wlH3lL4x7',
          userName: 'blair@example.com',
          displayName: 'Blair Lunchford',
          name: { givenName: 'Blair', familyName: 'Lunchford', middleName: 'Elizabeth' },
          title: 'Software Engineer',
          active: true,
          emails: [{ value: 'blair@example.com', primary: true }],
          roles: [{ value: 'member' }],
          [enterprise]: { division: 'Engineering', department: 'Customer Success' },
        },
        source: 'workos',
        cause: null,
        isLate: false,
        dedupeKey: 'workos/event_1/create',
      },
    ]);
  });

  it('maps a user of a directory that is not SCIM', async () => {
    const { received } = await receive('dsync.user.created', {
      id: 'directory_user_2',
      state: 'active',
      emails: [{ primary: true, type: 'work', value: 'lela@example.com' }],
      username: 'lela',
      first_name: 'Lela',
      last_name: null,
      job_title: 'Lead',
      custom_attributes: null,
      raw_attributes: { id: '1', primaryEmail: 'lela@example.com', suspended: false },
    });
    expect(eventsOf(received)[0]?.data).toEqual({
      id: 'directory_user_2',
      schemas: [userUrn],
      userName: 'lela',
      name: { givenName: 'Lela' },
      title: 'Lead',
      active: true,
      emails: [{ primary: true, type: 'work', value: 'lela@example.com' }],
    });
  });

  it.each<[what: string, reported: Promise<readonly string[]>, expected: readonly string[]]>([
    [
      'a user that is created inactive',
      tell('dsync.user.created', { ...blair, state: 'inactive' }),
      [`create User ${id} with data`],
    ],
    ['a deleted user', tell('dsync.user.deleted', blair), [`delete User ${id}`]],
    [
      'a user that becomes inactive',
      update({ state: 'active' }, { state: 'inactive' }),
      [`deactivate User ${id} {active: true → false} with data`],
    ],
    [
      'a suspended user, as older environments report it',
      update({ state: 'active' }, { state: 'suspended' }),
      [`deactivate User ${id} {active: true → false} with data`],
    ],
    [
      'a reactivated user',
      update({ state: 'inactive' }),
      [`activate User ${id} {active: false → true} with data`],
    ],
    [
      'a user that was inactive in another state',
      update({ state: 'suspended' }, { state: 'inactive' }),
      [`patch User ${id} with data`],
    ],
    [
      'a deactivated user with a new title',
      update({ state: 'active', custom_attributes: { job_title: 'Intern' } }, { state: 'inactive' }),
      [
        `deactivate User ${id} {active: true → false} with data`,
        `patch User ${id} {title: "Intern" → "Software Engineer"} with data`,
      ],
    ],
    [
      'an inactive user with a new name',
      update({ first_name: 'B.' }, { state: 'inactive' }),
      [`patch User ${id} {name.givenName: "B." → "Blair"} with data`],
    ],
    [
      'a user with a new role',
      update({ role: { slug: 'admin' } }),
      [`patch User ${id} {roles: [{"value":"admin"}] → [{"value":"member"}]} with data`],
    ],
    [
      'a user with a first role',
      update({ role: null }),
      [`patch User ${id} {roles: null → [{"value":"member"}]} with data`],
    ],
    [
      'a user with a new email',
      update({ email: 'b@example.com', raw_attributes: { userName: 'b@example.com' } }),
      [
        `patch User ${id} {userName: "b@example.com" → "blair@example.com", emails: [{"value":"b@example.com","primary":true}] → [{"value":"blair@example.com","primary":true}]} with data`,
      ],
    ],
    [
      'a user with a new department',
      update({ custom_attributes: { department_name: 'Sales' } }),
      [`patch User ${id} {${enterprise}:department: "Sales" → "Customer Success"} with data`],
    ],
    [
      'a user with a new role of the provider',
      update(
        { raw_attributes: { [roleUrn]: { workato_role: 'Analyst' } } },
        { raw_attributes: { ...blair.raw_attributes, [roleUrn]: { workato_role: 'Admin' } } },
      ),
      [`patch User ${id} {${roleUrn}:workato_role: "Analyst" → "Admin"} with data`],
    ],
    [
      'a user with a change that SCIM cannot express',
      update({ updated_at: 'x' }),
      [`patch User ${id} with data`],
    ],
    ['nothing for a user without changes', update({}), []],
    [
      'nothing for a user whose name is set to the same value',
      update({ first_name: 'Blair', state: 'active' }),
      [],
    ],
    ['a user with unspecified changes', update(undefined), [`patch User ${id} with data`]],
    [
      'an inactive user with unspecified changes',
      update(undefined, { state: 'inactive' }),
      [`deactivate User ${id} {active: ? → false} with data`],
    ],
  ])('reports %s', async (_, reported, expected) => {
    expect(await reported).toEqual(expected);
  });
});

describe('groups', () => {
  it('reports created, changed, and deleted groups', async () => {
    expect(await tell('dsync.group.created', crew)).toEqual(['create Group directory_group_1 with data']);
    expect(await tell('dsync.group.deleted', crew)).toEqual(['delete Group directory_group_1']);
    expect(await tell('dsync.group.updated', { ...crew, previous_attributes: { name: 'Gang' } })).toEqual([
      'patch Group directory_group_1 {displayName: "Gang" → "Crew"} with data',
    ]);
    expect(await tell('dsync.group.updated', { ...crew, previous_attributes: { name: 'Crew' } })).toEqual([]);
  });

  it('reports joined and removed members', async () => {
    const both = { directory_id: 'd', user: blair, group: crew };
    const member = JSON.stringify({ value: id, display: 'Blair Lunchford' });
    expect(await tell('dsync.group.user_added', both)).toEqual([
      `patch Group directory_group_1 {members[value eq "${id}"]: null → ${member}} with data`,
    ]);
    expect(await tell('dsync.group.user_removed', both)).toEqual([
      `patch Group directory_group_1 {members[value eq "${id}"]: ${member} → null} with data`,
    ]);
  });
});

describe('a message about neither a user nor a group', () => {
  it('is skipped', async () => {
    for (const event of [
      'dsync.activated',
      'connection.activated',
      'user.created',
      'dsync',
      'dsync.user.renamed',
    ])
      expect(await tell(event, { id: 'x' })).toEqual([]);
  });

  it('reports no deletions if a directory is unlinked, but logs it', async () => {
    const directory = { object: 'directory', id: 'directory_1', state: 'deleting', name: 'Acme' };
    const { received, logged } = await receive('dsync.deleted', directory);
    expect(eventsOf(received)).toEqual([]);
    expect(logged).toEqual([
      { level: 'warn', event: 'directory_unlinked', source: 'workos', directory: 'directory_1' },
    ]);
  });
});

it.each([
  ['2020-05-06 04:21:48.649164', '2020-05-06T04:21:48.649Z'],
  ['2020-05-06T04:21:48+02:00', '2020-05-06T02:21:48.000Z'],
  ['yesterday', '2026-01-01T00:00:00.000Z'],
  [undefined, '2026-01-01T00:00:00.000Z'],
])('reads the time %s', async (created_at, expected) => {
  const { received } = await receive('dsync.user.deleted', blair, { created_at });
  expect(eventsOf(received)[0]?.occurredAt).toBe(expected);
});
