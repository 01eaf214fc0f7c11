import { describe, expect, it } from 'vitest';
import { createFakePlatform, fakeEpochInMs } from '../support/fake-platform.ts';
import { openPush } from '../support/webhook/open-source.ts';
import { eventsOf, reportedBy } from '../support/webhook/outcome.ts';
import { pushRequest } from '../support/webhook/push-request.ts';
import { signBody } from '../support/webhook/sign-body.ts';

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';

// After github.com/boxyhq/jackson, npm/src/directory-sync/scim/transform.ts.
const ada = {
  id: '038e767b-9bc6-4dbd-975e-fbc38a8e7d82',
  first_name: 'Ada',
  last_name: 'Lovelace',
  email: 'ada@example.com',
  active: true,
  raw: {
    schemas: [userUrn],
    id: '038e767b-9bc6-4dbd-975e-fbc38a8e7d82',
    userName: 'ada@example.com',
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    emails: [{ primary: true, value: 'ada@example.com', type: 'work' }],
    title: 'Lead',
    displayName: 'Ada Lovelace',
    locale: 'en-US',
    externalId: '00u1',
    groups: [],
    active: true,
  },
};
const crew = { id: 'g1', name: 'Crew', raw: { displayName: 'Crew', externalId: '00g1', members: [] } };
const message = (event: string, data: unknown) => ({
  event,
  tenant: 'acme',
  product: 'crm',
  directory_id: 'd',
  data,
});

async function receive(content: unknown, time = fakeEpochInMs) {
  const platform = createFakePlatform(() => ({ status: 500 }));
  const body = JSON.stringify(content);
  const headers = { 'boxyhq-signature': `t=${time},s=${signBody('secret', time, body)}` };
  const received = await openPush('ory_polis', platform, { secret: 'secret' }).receive(
    pushRequest({ headers, body }),
  );
  return { received, logged: platform.logged };
}
const tell = async (event: string, data: unknown) =>
  reportedBy((await receive(message(event, data))).received);

describe('one event', () => {
  it('maps a new user completely', async () => {
    const { received } = await receive(message('user.created', ada), fakeEpochInMs - 1_000);
    const [event] = eventsOf(received);
    expect(event).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      type: 'create',
      occurredAt: '2025-12-31T23:59:59.000Z',
      resource: 'User',
      subject: { id: ada.id, externalId: '00u1', userName: 'ada@example.com', displayName: 'Ada Lovelace' },
      changes: [],
      data: {
        id: ada.id,
        schemas: [userUrn],
        externalId: '00u1',
        userName: 'ada@example.com',
        name: { givenName: 'Ada', familyName: 'Lovelace' },
        emails: [{ primary: true, value: 'ada@example.com', type: 'work' }],
        title: 'Lead',
        displayName: 'Ada Lovelace',
        locale: 'en-US',
        active: true,
      },
      source: 'ory_polis',
      cause: null,
      isLate: false,
      dedupeKey: `ory_polis/${event?.id}/create`,
    });
  });

  it.each<[what: string, event: string, data: unknown, expected: readonly string[]]>([
    ['an update', 'user.updated', ada, [`patch User ${ada.id} with data`]],
    [
      'a deactivation',
      'user.updated',
      { ...ada, active: false },
      [`deactivate User ${ada.id} {active: ? → false} with data`],
    ],
    [
      "Entra ID's deactivation, which it passes on as it came",
      'user.updated',
      { ...ada, active: 'False' },
      [`deactivate User ${ada.id} {active: ? → false} with data`],
    ],
    ["Entra ID's activation", 'user.updated', { ...ada, active: 'True' }, [`patch User ${ada.id} with data`]],
    [
      'a user that is created inactive',
      'user.created',
      { ...ada, active: false },
      [`create User ${ada.id} with data`],
    ],
    ['a deletion', 'user.deleted', ada, [`delete User ${ada.id}`]],
    ['a new group', 'group.created', crew, ['create Group g1 with data']],
    ['a renamed group', 'group.updated', crew, ['patch Group g1 {displayName: ? → "Crew"} with data']],
    ['a deleted group', 'group.deleted', crew, ['delete Group g1']],
    [
      'a member that joined',
      'group.user_added',
      { ...ada, group: crew },
      [
        `patch Group g1 {members[value eq "${ada.id}"]: null → {"value":"${ada.id}","display":"Ada Lovelace"}} with data`,
      ],
    ],
    [
      'a member that left',
      'group.user_removed',
      { ...ada, group: crew },
      [
        `patch Group g1 {members[value eq "${ada.id}"]: {"value":"${ada.id}","display":"Ada Lovelace"} → null} with data`,
      ],
    ],
    ['nothing for an event about an SSO connection', 'sso.created', { id: 'x' }, []],
    ['nothing for an event about the directory', 'dsync.deactivated', { id: 'x' }, []],
  ])('reports %s', async (_, event, data, expected) => {
    expect(await tell(event, data)).toEqual(expected);
  });

  it('maps a user of a directory that is not SCIM', async () => {
    const google = { ...ada, roles: ['admin'], raw: { primaryEmail: 'ada@example.com', suspended: false } };
    const { received } = await receive(message('user.created', google));
    expect(eventsOf(received)[0]?.data).toEqual({
      id: ada.id,
      schemas: [userUrn],
      userName: 'ada@example.com',
      name: { givenName: 'Ada', familyName: 'Lovelace' },
      emails: [{ value: 'ada@example.com' }],
      roles: [{ value: 'admin' }],
      active: true,
    });
  });
});

describe('a batch', () => {
  it('reports each of its events with its own key', async () => {
    const { received } = await receive([
      message('user.created', ada),
      message('user.updated', ada),
      message('user.updated', ada),
    ]);
    const events = eventsOf(received);
    expect(events.map(({ type }) => type)).toEqual(['create', 'patch', 'patch']);
    expect(new Set(events.map(({ dedupeKey }) => dedupeKey)).size).toBe(3);
  });

  it('skips unreadable events, which would otherwise be repeated forever', async () => {
    const { received, logged } = await receive([
      message('user.created', {}),
      null,
      { event: 7 },
      message('user.deleted', ada),
    ]);
    expect(reportedBy(received)).toEqual([`delete User ${ada.id}`]);
    expect(logged.map(({ event }) => event)).toEqual(Array(3).fill('event_ignored'));
  });

  it('may be empty', async () => {
    expect(reportedBy((await receive([])).received)).toEqual([]);
  });
});

it('returns the same keys for a repeated message, and other keys for the same text at another time', async () => {
  const keyAt = async (time: number) =>
    eventsOf((await receive(message('user.updated', ada), time)).received)[0]?.dedupeKey;
  expect(await keyAt(fakeEpochInMs)).toBe(await keyAt(fakeEpochInMs));
  expect(await keyAt(fakeEpochInMs)).not.toBe(await keyAt(fakeEpochInMs + 1));
});
