import { beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, refusalOf, reportedBy } from '../support/webhook/outcome.ts';
import { openSetBench } from '../support/webhook/set-bench.ts';
import {
  eventUri,
  type IssuerKey,
  issuedAtInSeconds,
  issuer,
  issuerKey,
} from '../support/webhook/set-issuer.ts';

let key: IssuerKey;
beforeAll(async () => {
  key = await issuerKey('EdDSA');
});

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const roleUrn = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';

const user = { sub_id: { format: 'scim', uri: '/Users/u1', externalId: 'jdoe' } };
const group = { sub_id: { format: 'scim', uri: '/Groups/g1' } };

/** The events to which a token maps. */
async function reported(
  events: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>> = user,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<readonly string[]> {
  const named = Object.fromEntries(
    Object.entries(events).map(([name, payload]) => [
      /^(urn:|https:)/i.test(name) ? name : eventUri(name),
      payload,
    ]),
  );
  return reportedBy(await openSetBench(key, settings).tell({ ...claims, events: named }));
}

const patch = (...Operations: readonly unknown[]) => ({
  data: { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations },
});

describe('the examples of RFC 9967', () => {
  const crmUsers = {
    sub_id: { format: 'scim', uri: '/Groups/176f397ec4c44b94b2cfcb759780b8c2', externalId: 'crmUsers' },
  };

  it('Figure 2 and 3: joining and leaving a feed emits no event', async () => {
    expect(await reported({ 'feed:add': {} })).toEqual([]);
    expect(await reported({ 'feed:remove': {} })).toEqual([]);
  });

  it('Figure 4: create, full', async () => {
    const bench = openSetBench(key);
    const received = await bench.tell({
      jti: '4d3559ec67504aaba65d40b0363faad8',
      sub_id: { format: 'scim', uri: '/Users/44f6142df96bd6ab61e7521d9', externalId: 'jdoe' },
      events: {
        [eventUri('prov:create:full')]: {
          data: {
            schemas: [userUrn],
            emails: [{ type: 'work', value: 'jdoe@example.com' }],
            userName: 'jdoe',
            name: { givenName: 'John', familyName: 'Doe' },
          },
        },
      },
    });
    expect(eventsOf(received)).toEqual([
      {
        id: '4d3559ec67504aaba65d40b0363faad8',
        type: 'create',
        occurredAt: '2026-01-01T00:00:00.000Z',
        resource: 'User',
        subject: {
          id: '44f6142df96bd6ab61e7521d9',
          externalId: 'jdoe',
          userName: 'jdoe',
          displayName: null,
        },
        changes: [],
        data: {
          schemas: [userUrn],
          id: '44f6142df96bd6ab61e7521d9',
          emails: [{ type: 'work', value: 'jdoe@example.com' }],
          userName: 'jdoe',
          name: { givenName: 'John', familyName: 'Doe' },
        },
        source: 'security_event_token',
        cause: null,
        isLate: false,
        dedupeKey: 'set/https:%2F%2Fscim.example.com/4d3559ec67504aaba65d40b0363faad8/create',
      },
    ]);
  });

  it('Figure 5: create, notice', async () => {
    const attributes = ['id', 'name', 'userName', 'password', 'emails'];
    expect(await reported({ 'prov:create:notice': { attributes } })).toEqual(['create User u1']);
  });

  it('Figure 6: patch, full', async () => {
    const value = {
      display: 'Babs Jensen',
      $ref: '/Users/2819c223-7f76-453a-919d-413861904646',
      value: '2819c223-7f76-453a-919d-413861904646',
    };
    expect(
      await reported(
        {
          'prov:patch:full': {
            version: 'a330bc54f0671c9',
            ...patch({ op: 'add', path: 'members', value: [value] }),
          },
        },
        crmUsers,
      ),
    ).toEqual([
      `patch Group 176f397ec4c44b94b2cfcb759780b8c2 {members[value eq "${value.value}"]: ? → ${JSON.stringify(value)}}`,
    ]);
  });

  it('Figure 7: patch, notice', async () => {
    expect(
      await reported(
        { 'prov:patch:notice': { attributes: ['members'], version: 'a330bc54f0671c9' } },
        crmUsers,
      ),
    ).toEqual(['patch Group 176f397ec4c44b94b2cfcb759780b8c2 {members: ? → ?}']);
  });

  it('Figure 8: put, full', async () => {
    const data = {
      schemas: [userUrn],
      userName: 'jdoe',
      externalId: 'jdoe',
      name: { formatted: 'Mr. Jon Jack Doe III', familyName: 'Doe', givenName: 'Jon', middleName: 'Jack' },
      roles: [],
      emails: [{ value: 'jdoe@example.com' }, { value: 'anon@jdoe.org' }],
    };
    expect(await reported({ 'prov:put:full': { version: 'a330bc54f0671c9', data } })).toEqual([
      'put User u1 with data',
    ]);
  });

  it('Figure 9: put, notice', async () => {
    const attributes = ['userName', 'externalId', 'name', 'roles', 'emails'];
    expect(await reported({ 'prov:put:notice': { version: 'a330bc54f0671c9', attributes } })).toEqual([
      'put User u1 {userName: ? → ?, externalId: ? → ?, name: ? → ?, roles: ? → ?, emails: ? → ?}',
    ]);
  });

  it('Figure 10: delete', async () => {
    expect(await reported({ 'prov:delete': {} })).toEqual(['delete User u1']);
  });

  it('Figure 11: activate and deactivate', async () => {
    expect(await reported({ 'prov:activate': {} })).toEqual(['activate User u1 {active: ? → true}']);
    expect(await reported({ 'prov:deactivate': {} })).toEqual(['deactivate User u1 {active: ? → false}']);
  });

  it('Figure 14 and 15: an asynchronous request is reported by the events of its changes', async () => {
    const done = { method: 'PUT', version: 'W/"huJj29dMNgu3WXPD"', status: '200' };
    expect(await reported({ 'misc:asyncresp': done })).toEqual([]);
    expect(await reported({ 'misc:asyncResp': { ...done, status: '400', response: {} } })).toEqual([]);
  });
});

describe('the event URIs', () => {
  it.each([
    'urn:ietf:params:SCIM:event:prov:deactivate',
    'URN:IETF:PARAMS:SCIM:EVENT:PROV:DEACTIVATE',
    'urn:ietf:params:scim:event:prov:Deactivate',
  ])('are accepted in the spelling of the drafts: %s', async (uri) => {
    expect(await reported({ [uri]: {} })).toEqual(['deactivate User u1 {active: ? → false}']);
  });

  it.each([
    'urn:ietf:params:scim:event:prov:purge',
    'urn:ietf:params:scim:event:sig:authMethod',
    'urn:ietf:params:scim:event:prov',
    'urn:ietf:params:scim:event:prov:create',
    'urn:example:event:prov:delete',
    'https://schemas.openid.net/secevent/ssf/event-type/verification',
    'https://schemas.openid.net/secevent/caep/event-type/session-revoked',
  ])('are accepted and skipped if they are not provisioning events: %s', async (uri) => {
    expect(
      await reported({ [uri]: { state: 'x' } }, { sub_id: { format: 'opaque', id: 'stream-1' } }),
    ).toEqual([]);
  });
});

describe('several events in one token are one change (RFC 8417 §2, RFC 9967 §2.1)', () => {
  const deactivating = patch({ op: 'replace', path: 'active', value: false });

  it.each<[what: string, events: Readonly<Record<string, unknown>>, expected: readonly string[]]>([
    [
      'deactivate, and a patch of active',
      { 'prov:deactivate': {}, 'prov:patch:full': deactivating },
      ['deactivate User u1 {active: ? → false}'],
    ],
    [
      'deactivate, and a notice of active',
      { 'prov:patch:notice': { attributes: ['active'] }, 'prov:deactivate': {} },
      ['deactivate User u1 {active: ? → false}'],
    ],
    [
      'activate, and a notice of more than active',
      { 'prov:activate': {}, 'prov:patch:notice': { attributes: ['active', 'title'] } },
      ['activate User u1 {active: ? → true}', 'patch User u1 {title: ? → ?}'],
    ],
    [
      'a patch in full and as a notice',
      { 'prov:patch:notice': { attributes: ['active'] }, 'prov:patch:full': deactivating },
      ['deactivate User u1 {active: ? → false}'],
    ],
    [
      'deactivate and delete',
      { 'prov:deactivate': {}, 'prov:delete': {}, 'prov:patch:full': deactivating },
      ['delete User u1'],
    ],
    [
      'create and activate',
      { 'prov:activate': {}, 'prov:create:full': { data: { userName: 'ada', active: true } } },
      ['create User u1 with data'],
    ],
    [
      'joining a feed and create',
      { 'feed:add': {}, 'prov:create:notice': { attributes: ['userName'] } },
      ['create User u1'],
    ],
    [
      'a put and deactivate',
      { 'prov:put:full': { data: { userName: 'ada', active: false } }, 'prov:deactivate': {} },
      ['deactivate User u1 {active: ? → false} with data', 'put User u1 with data'],
    ],
    [
      'a put in full and a patch',
      {
        'prov:put:full': { data: { userName: 'ada', title: 'Lead' } },
        'prov:patch:notice': { attributes: ['title'] },
      },
      ['patch User u1 {title: ? → ?} with data'],
    ],
    [
      'activate and deactivate, with a patch that decides',
      {
        'prov:activate': {},
        'prov:deactivate': {},
        'prov:patch:full': patch({ op: 'add', value: { active: true } }),
      },
      ['activate User u1 {active: ? → true}'],
    ],
    [
      'activate and deactivate alone, which count as a deactivation',
      { 'prov:activate': {}, 'prov:deactivate': {} },
      ['deactivate User u1 {active: ? → false}'],
    ],
  ])('%s', async (_, events, expected) => {
    expect(await reported(events)).toEqual(expected);
  });
});

describe('a PATCH in each spelling', () => {
  it.each<[what: string, operation: unknown, expected: string | null]>([
    ['Okta', { op: 'replace', value: { active: false } }, 'deactivate User u1 {active: ? → false}'],
    ['Entra ID', { op: 'Replace', path: 'active', value: 'False' }, 'deactivate User u1 {active: ? → false}'],
    [
      'Entra ID, boolean',
      { op: 'Replace', path: 'active', value: false },
      'deactivate User u1 {active: ? → false}',
    ],
    [
      'Entra ID, reactivation',
      { op: 'Add', path: 'active', value: 'True' },
      'activate User u1 {active: ? → true}',
    ],
    [
      'Entra ID, without a path',
      { op: 'Add', value: { active: 'false' } },
      'deactivate User u1 {active: ? → false}',
    ],
    [
      'a list of one',
      { op: 'replace', path: 'active', value: ['FALSE'] },
      'deactivate User u1 {active: ? → false}',
    ],
    [
      'an item of one',
      { op: 'replace', path: 'active', value: [{ value: 'False' }] },
      'deactivate User u1 {active: ? → false}',
    ],
    [
      'another case',
      { op: 'REPLACE', path: 'ACTIVE', value: false },
      'deactivate User u1 {active: ? → false}',
    ],
    [
      'the URI of the schema',
      { op: 'replace', path: `${userUrn}:active`, value: false },
      'deactivate User u1 {active: ? → false}',
    ],
    [
      'the schema as a key',
      { op: 'replace', value: { [userUrn]: { active: false } } },
      'deactivate User u1 {active: ? → false}',
    ],
    [
      'the URI in a key',
      { op: 'replace', value: { [`${userUrn}:active`]: 'False' } },
      'deactivate User u1 {active: ? → false}',
    ],
    [
      'an invalid word',
      { op: 'replace', path: 'active', value: 'maybe' },
      'patch User u1 {active: ? → "maybe"}',
    ],
    ['no value', { op: 'remove', path: 'active' }, 'patch User u1 {active: ? → null}'],
    ['a simple attribute', { op: 'Add', path: 'TITLE', value: 'Lead' }, 'patch User u1 {title: ? → "Lead"}'],
    ['a removed attribute', { op: 'Remove', path: 'title' }, 'patch User u1 {title: ? → null}'],
    [
      'an attribute set to null',
      { op: 'replace', path: 'title', value: null },
      'patch User u1 {title: ? → null}',
    ],
    [
      'a sub-attribute',
      { op: 'replace', path: 'name.givenName', value: 'Ada' },
      'patch User u1 {name.givenName: ? → "Ada"}',
    ],
    [
      'a sub-attribute in a key',
      { op: 'replace', value: { 'Name.GivenName': 'Ada' } },
      'patch User u1 {name.givenName: ? → "Ada"}',
    ],
    [
      'sub-attributes in an object',
      { op: 'replace', path: 'name', value: { givenName: 'Ada', familyname: 'Byron' } },
      'patch User u1 {name.givenName: ? → "Ada", name.familyName: ? → "Byron"}',
    ],
    [
      'an item selected by a filter',
      { op: 'Add', path: 'emails[type eq "work"].value', value: 'ada@example.com' },
      'patch User u1 {emails[type eq "work"].value: ? → "ada@example.com"}',
    ],
    [
      'a removed item',
      { op: 'remove', path: 'EMAILS[Type EQ "work"]' },
      'patch User u1 {emails[Type eq "work"]: ? → null}',
    ],
    [
      'an added item',
      { op: 'add', path: 'roles', value: { value: 'admin', primary: 'True' } },
      'patch User u1 {roles[value eq "admin"]: ? → {"value":"admin","primary":true}}',
    ],
    [
      'an item without a value',
      { op: 'add', path: 'addresses', value: { locality: 'Ulm' } },
      'patch User u1 {addresses: ? → ?}',
    ],
    [
      'a whole list',
      { op: 'replace', path: 'emails', value: [{ value: 'a@example.com', primary: 'true' }] },
      'patch User u1 {emails: ? → [{"value":"a@example.com","primary":true}]}',
    ],
    [
      'a list that was emptied',
      { op: 'replace', path: 'roles', value: [] },
      'patch User u1 {roles: ? → null}',
    ],
    [
      'a role in the extension',
      { op: 'replace', path: `${roleUrn}:workato_role`, value: 'Admin' },
      `patch User u1 {${roleUrn}:workato_role: ? → "Admin"}`,
    ],
    [
      'the extension in small letters',
      { op: 'replace', path: `${roleUrn.toLowerCase()}:WORKATO_ROLE`, value: 'Admin' },
      `patch User u1 {${roleUrn}:workato_role: ? → "Admin"}`,
    ],
    [
      'the extension as an object',
      { op: 'Add', value: { [roleUrn]: { workato_role: 'Admin', workato_role_test: null } } },
      `patch User u1 {${roleUrn}:workato_role: ? → "Admin", ${roleUrn}:workato_role_test: ? → null}`,
    ],
    [
      'the extension as a path',
      { op: 'replace', path: roleUrn, value: { workato_role: 'Admin' } },
      `patch User u1 {${roleUrn}:workato_role: ? → "Admin"}`,
    ],
    [
      'a role without the extension',
      { op: 'replace', path: 'workato_role', value: 'Admin' },
      `patch User u1 {${roleUrn}:workato_role: ? → "Admin"}`,
    ],
    [
      'an attribute in no schema',
      { op: 'replace', path: 'shoeSize', value: 43 },
      'patch User u1 {shoeSize: ? → 43}',
    ],
    [
      'an extension in no schema',
      { op: 'replace', path: 'urn:acme:2.0:User:badge', value: 'x' },
      'patch User u1 {urn:acme:2.0:User:badge: ? → "x"}',
    ],
    ['an invalid path', { op: 'replace', path: 'a b[', value: 1 }, 'patch User u1 {a b[: ? → 1}'],
    [
      'the resource itself, without a change',
      { op: 'replace', value: { id: 'u1', schemas: [], meta: {} } },
      null,
    ],
    ['an unknown operation', { op: 'rename', path: 'title', value: 'x' }, 'patch User u1'],
    ['a value that is not an object', 'replace', 'patch User u1'],
    ['no path, and no object', { op: 'replace', value: 'x' }, 'patch User u1'],
  ])('%s', async (_, operation, expected) => {
    expect(await reported({ 'prov:patch:full': patch(operation) })).toEqual(
      expected === null ? [] : [expected],
    );
  });

  it.each<[what: string, operations: readonly unknown[], expected: string]>([
    [
      'Okta: one added, one removed, and an unchanged name',
      [
        { op: 'replace', value: { id: 'g1', displayName: 'Crew' } },
        { op: 'remove', path: 'members[value eq "a"]' },
        { op: 'add', path: 'members', value: [{ value: 'b', display: 'Bob' }] },
      ],
      '{displayName: ? → "Crew", members[value eq "a"]: ? → null, members[value eq "b"]: ? → {"value":"b","display":"Bob"}}',
    ],
    [
      'Entra ID: one removed, not all',
      [{ op: 'Remove', path: 'members', value: [{ value: 'a' }] }],
      '{members[value eq "a"]: ? → null}',
    ],
    [
      'Entra ID: one added',
      [{ op: 'Add', path: 'members', value: [{ $ref: null, value: 'a' }] }],
      '{members[value eq "a"]: ? → {"value":"a"}}',
    ],
    [
      'an id alone',
      [{ op: 'add', path: 'members', value: ['a'] }],
      '{members[value eq "a"]: ? → {"value":"a"}}',
    ],
    [
      'an id that is a number',
      [{ op: 'add', path: 'members', value: [{ value: 7 }] }],
      '{members[value eq "7"]: ? → {"value":"7"}}',
    ],
    [
      'without a path',
      [{ op: 'add', value: { members: [{ value: 'a' }] } }],
      '{members[value eq "a"]: ? → {"value":"a"}}',
    ],
    ['all removed', [{ op: 'remove', path: 'members' }], '{members: ? → null}'],
    [
      'all replaced',
      [{ op: 'replace', path: 'members', value: [{ value: 'b' }] }],
      '{members: ? → [{"value":"b"}]}',
    ],
    [
      'one added and removed again',
      [
        { op: 'add', path: 'members', value: [{ value: 'a' }] },
        { op: 'remove', path: 'members[value eq "a"]' },
      ],
      '{members[value eq "a"]: ? → null}',
    ],
    [
      'all replaced after one was added',
      [
        { op: 'add', path: 'members', value: [{ value: 'a' }] },
        { op: 'replace', path: 'members', value: [{ value: 'b' }] },
      ],
      '{members: ? → [{"value":"b"}]}',
    ],
  ])('changes the members of a group: %s', async (_, operations, expected) => {
    expect(await reported({ 'prov:patch:full': patch(...operations) }, group)).toEqual([
      `patch Group g1 ${expected}`,
    ]);
  });

  it('applies its operations in order, so that a user who ends up active is not reported as deactivated', async () => {
    const both = patch(
      { op: 'replace', path: 'active', value: false },
      { op: 'replace', path: 'active', value: true },
    );
    expect(await reported({ 'prov:patch:full': both })).toEqual(['activate User u1 {active: ? → true}']);
  });

  it('reports a deactivation separately from the other changes', async () => {
    const both = patch({ op: 'Replace', value: { active: 'False', title: 'Alumna' } });
    expect(await reported({ 'prov:patch:full': both })).toEqual([
      'deactivate User u1 {active: ? → false}',
      'patch User u1 {title: ? → "Alumna"}',
    ]);
  });

  it('accepts a group of ten thousand members', async () => {
    const value = Array.from({ length: 10_000 }, (_, nth) => ({ value: `2819c223-7f76-453a-919d-${nth}` }));
    const received = await openSetBench(key).tell({
      ...group,
      events: { [eventUri('prov:patch:full')]: patch({ op: 'add', path: 'members', value }) },
    });
    expect(eventsOf(received)[0]?.changes).toHaveLength(10_000);
  });
});

describe('an event without enough information', () => {
  const inactive = { userName: 'ada', active: 'False' };

  it('reports no deactivation for a PUT, or for a full resource after a PATCH, of an inactive user', async () => {
    expect(await reported({ 'prov:put:full': { data: inactive } })).toEqual(['put User u1 with data']);
    expect(await reported({ 'prov:patch:full': { data: inactive } })).toEqual(['patch User u1 with data']);
    const [event] = eventsOf(
      await openSetBench(key).tell({ events: { [eventUri('prov:put:full')]: { data: inactive } } }),
    );
    expect(event?.data?.active).toBe(false);
  });

  it('reports a deactivation for an inactive PUT if the settings say so', async () => {
    const settings = { treatInactivePutAsDeactivation: true };
    expect(await reported({ 'prov:put:full': { data: inactive } }, user, settings)).toEqual([
      'deactivate User u1 {active: ? → false} with data',
      'put User u1 with data',
    ]);
    expect(
      await reported({ 'prov:put:full': { data: { userName: 'ada', active: true } } }, user, settings),
    ).toEqual(['put User u1 with data']);
    expect(await reported({ 'prov:put:full': { data: { userName: 'ada' } } }, user, settings)).toEqual([
      'put User u1 with data',
    ]);
  });

  it('reports no deactivation of a user that is created inactive', async () => {
    expect(await reported({ 'prov:create:full': { data: inactive } })).toEqual(['create User u1 with data']);
  });

  it('leaves a notice about active unresolved until the resource is read', async () => {
    expect(await reported({ 'prov:patch:notice': { attributes: ['Active'] } })).toEqual([
      'patch User u1 {active: ? → ?}',
    ]);
    expect(await reported({ 'prov:put:notice': { attributes: ['active'] } })).toEqual([
      'put User u1 {active: ? → ?}',
    ]);
  });

  it('reads the names of a notice as paths', async () => {
    const attributes = [
      'username',
      'EMAILS',
      'name.familyname',
      `${roleUrn}:workato_role`,
      'workato_role_prod',
      'meta',
      7,
      'username',
    ];
    expect(await reported({ 'prov:patch:notice': { attributes } })).toEqual([
      `patch User u1 {userName: ? → ?, emails: ? → ?, name.familyName: ? → ?, ${roleUrn}:workato_role: ? → ?, ${roleUrn}:workato_role_prod: ? → ?}`,
    ]);
  });

  it('reports an update without changes if none are listed', async () => {
    expect(await reported({ 'prov:patch:notice': {} })).toEqual(['patch User u1']);
    expect(await reported({ 'prov:patch:notice': { attributes: 'all' } })).toEqual(['patch User u1']);
  });
});

describe('the subject (RFC 9967 §2.1, RFC 9493)', () => {
  it.each<[what: string, subId: unknown, expected: string]>([
    ['a path', { format: 'scim', uri: '/Users/a1' }, 'delete User a1'],
    ['an address', { format: 'scim', uri: 'https://scim.example.com/v2/Users/a1' }, 'delete User a1'],
    ['a path without a slash', { format: 'scim', uri: 'Users/a1' }, 'delete User a1'],
    ['a slash at the end', { format: 'scim', uri: '/Users/a1/' }, 'delete User a1'],
    ['a query', { format: 'scim', uri: '/Users/a1?attributes=id#x' }, 'delete User a1'],
    ['another case', { format: 'scim', uri: '/users/a1' }, 'delete User a1'],
    ['a group', { format: 'scim', uri: '/Groups/a1' }, 'delete Group a1'],
    ['an id with a slash in it', { format: 'scim', uri: '/Users/a%2F1' }, 'delete User a/1'],
    ['an id next to the path', { format: 'scim', uri: '/Users/a1', id: 'b2' }, 'delete User a1'],
    ['the format "uri"', { format: 'uri', uri: 'https://scim.example.com/v2/Users/a1' }, 'delete User a1'],
    ['no format', { uri: '/Users/a1' }, 'delete User a1'],
    [
      'aliases',
      {
        format: 'aliases',
        identifiers: [
          { format: 'email', email: 'a@example.com' },
          { format: 'scim', uri: '/Users/a1' },
        ],
      },
      'delete User a1',
    ],
  ])('is identified by %s', async (_, subId, expected) => {
    expect(await reported({ 'prov:delete': {} }, { sub_id: subId })).toEqual([expected]);
  });

  it.each<[what: string, subId: unknown]>([
    ['a path of one part', { format: 'scim', uri: 'a1' }],
    ['a path without an id', { format: 'scim', uri: '/' }],
    ['an empty object', {}],
    ['a text', '/Users/a1'],
    ['an email', { format: 'email', email: 'a@example.com' }],
    ['an account at an issuer', { format: 'iss_sub', iss: issuer, sub: 'a1' }],
    ['an opaque ID of an unknown type', { format: 'opaque', id: 'a1' }],
    ['an id that cannot be decoded', { format: 'scim', uri: '/Users/%E0%A4%A' }],
  ])('is rejected if it is %s', async (_, subId) => {
    const received = await openSetBench(key).tell({
      sub_id: subId,
      events: { [eventUri('prov:delete')]: {} },
    });
    expect(refusalOf(received)).toEqual([400, 'invalid_request']);
  });

  it('can be an ID only if the data has the resource type', async () => {
    const data = { schemas: [groupUrn], displayName: 'Crew', members: [{ value: 'a' }] };
    for (const format of ['scim', 'opaque'])
      expect(await reported({ 'prov:create:full': { data } }, { sub_id: { format, id: 'g7' } })).toEqual([
        'create Group g7 {members[value eq "a"]: null → {"value":"a"}} with data',
      ]);
  });

  it('of an unknown resource type is accepted and skipped', async () => {
    expect(await reported({ 'prov:delete': {} }, { sub_id: { format: 'scim', uri: '/Devices/d1' } })).toEqual(
      [],
    );
  });

  it('has every name in the token, whatever its spelling', async () => {
    const received = await openSetBench(key).tell({
      sub_id: { format: 'scim', uri: '/Users/a1', externalid: 'x1', UserName: 'ada', emails: [] },
      events: { [eventUri('prov:delete')]: {} },
    });
    expect(eventsOf(received)[0]?.subject).toEqual({
      id: 'a1',
      externalId: 'x1',
      userName: 'ada',
      displayName: null,
    });
  });

  it('has the names in the data in addition to its own', async () => {
    const received = await openSetBench(key).tell({
      sub_id: { format: 'scim', uri: '/Users/a1', externalId: 'x1' },
      events: {
        [eventUri('prov:put:full')]: {
          data: { id: 'other', externalId: 'x2', username: 'ada', displayName: 'Ada' },
        },
      },
    });
    const [event] = eventsOf(received);
    expect(event?.subject).toEqual({ id: 'a1', externalId: 'x1', userName: 'ada', displayName: 'Ada' });
    expect(event?.data?.id).toBe('a1');
  });
});

describe('the time', () => {
  const occurredAt = async (claims: Readonly<Record<string, unknown>>) =>
    eventsOf(await openSetBench(key).tell(claims))[0]?.occurredAt;

  it('is the time of the event if the token has one', async () => {
    expect(await occurredAt({ toe: issuedAtInSeconds - 3600 })).toBe('2025-12-31T23:00:00.000Z');
    expect(await occurredAt({ toe: issuedAtInSeconds - 0.5 })).toBe('2025-12-31T23:59:59.500Z');
  });

  it.each([undefined, null, 'yesterday', Number.MAX_VALUE, issuedAtInSeconds + 1e9])(
    'is the time of the token if the event time is %s',
    async (toe) => {
      expect(await occurredAt({ toe })).toBe('2026-01-01T00:00:00.000Z');
    },
  );
});
