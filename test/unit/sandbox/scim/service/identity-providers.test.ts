import { describe, expect, it } from 'vitest';
import {
  enterpriseUrn,
  groupUrn,
  makeService,
  names,
  patchUrn,
  roleUrn,
  userUrn,
} from '../../../../support/scim-fixture.ts';

/** A PATCH as an identity provider sends it to a user, and what the user then has. */
interface PatchCase {
  readonly what: string;
  /** Where the form is documented. */
  readonly source: string;
  readonly before?: object;
  readonly operations: readonly object[];
  readonly after: object;
}

const entra = 'learn.microsoft.com/entra: use-scim-to-provision-users-and-groups';
const entraFlag = 'learn.microsoft.com/entra: application-provisioning-config-problem-scim-compatibility';
const okta = 'developer.okta.com/docs/reference/scim/scim-20';
const workEmail = { type: 'work', value: 'a@example.com' };

const cases: readonly PatchCase[] = [
  {
    what: 'Entra ID disables with the string "False"',
    source: entraFlag,
    operations: [{ op: 'Replace', path: 'active', value: 'False' }],
    after: { active: false },
  },
  {
    what: 'Entra ID disables with a boolean, with the flag',
    source: entraFlag,
    operations: [{ op: 'replace', path: 'active', value: false }],
    after: { active: false },
  },
  {
    what: 'Entra ID adds and replaces several attributes, one operation each',
    source: entraFlag,
    before: { emails: [workEmail] },
    operations: [
      { op: 'Add', path: 'nickName', value: 'Babs' },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'new@example.com' },
      { op: 'Add', path: `${enterpriseUrn}:employeeNumber`, value: '7' },
    ],
    after: {
      nickName: 'Babs',
      emails: [{ type: 'work', value: 'new@example.com' }],
      [enterpriseUrn]: { employeeNumber: '7' },
    },
  },
  {
    what: 'Entra ID replaces without a path, with dotted names and URNs, with the flag',
    source: entraFlag,
    before: { name: { givenName: 'A', familyName: 'B' } },
    operations: [
      {
        op: 'replace',
        value: {
          displayName: 'Babs Jensen',
          'name.givenName': 'Babs',
          'name.familyName': 'Jensen',
          [`${enterpriseUrn}:department`]: 'Sales',
          [`${enterpriseUrn}:employeeNumber`]: '7',
        },
      },
    ],
    after: {
      displayName: 'Babs Jensen',
      name: { givenName: 'Babs', familyName: 'Jensen' },
      [enterpriseUrn]: { department: 'Sales', employeeNumber: '7' },
    },
  },
  {
    what: 'Entra ID replaces an email address that is not there yet',
    source: entra,
    operations: [{ op: 'Replace', path: 'emails[type eq "work"].value', value: 'a@example.com' }],
    after: { emails: [workEmail] },
  },
  {
    what: 'Entra ID adds an address piece by piece, which makes one address',
    source: entra,
    operations: [
      { op: 'Add', path: 'addresses[type eq "work"].streetAddress', value: '1 Main St' },
      { op: 'Add', path: 'addresses[type eq "work"].locality', value: 'Hollywood' },
      { op: 'Add', path: 'addresses[type eq "work"].postalCode', value: '91608' },
    ],
    after: {
      addresses: [{ type: 'work', streetAddress: '1 Main St', locality: 'Hollywood', postalCode: '91608' }],
    },
  },
  {
    what: 'Entra ID sets a manager by the bare id',
    source: entra,
    operations: [{ op: 'Add', path: `${enterpriseUrn}:manager`, value: 'm-1' }],
    after: { [enterpriseUrn]: { manager: { value: 'm-1' } } },
  },
  {
    what: 'Entra ID wraps a plain value in a list',
    source: 'github.com/AzureAD/SCIMReferenceCode: OperationValue',
    operations: [{ op: 'Replace', path: 'displayName', value: [{ $ref: null, value: 'Babs' }] }],
    after: { displayName: 'Babs' },
  },
  {
    what: 'Entra ID sets roles to a JSON string',
    source: entra,
    operations: [
      { op: 'Add', path: 'roles', value: [{ value: '{"id":"r1","value":"Admin","displayName":"Admin"}' }] },
    ],
    after: { roles: [{ value: '{"id":"r1","value":"Admin","displayName":"Admin"}' }] },
  },
  {
    what: 'Entra ID finds the primary role by a string',
    source: entra,
    operations: [{ op: 'Add', path: 'roles[primary eq "True"].value', value: 'Admin' }],
    after: { roles: [{ primary: true, value: 'Admin' }] },
  },
  {
    what: 'Okta deactivates without a path',
    source: okta,
    operations: [{ op: 'replace', value: { active: false } }],
    after: { active: false },
  },
  {
    what: 'Workato’s roles as OneLogin and Okta map them',
    source: 'docs.workato.com/en/scim-onelogin.html',
    before: { [roleUrn]: { workato_role: 'Operator' } },
    operations: [
      { op: 'replace', value: { [roleUrn]: { workato_role: 'Admin', workato_role_prod: 'NoAccess' } } },
    ],
    after: { [roleUrn]: { workato_role: 'Admin', workato_role_prod: 'NoAccess' } },
  },
  {
    what: 'an extension as a whole, its URN in lower case',
    source: entraFlag,
    operations: [{ op: 'add', value: { [enterpriseUrn.toLowerCase()]: { department: 'Sales' } } }],
    after: { [enterpriseUrn]: { department: 'Sales' } },
  },
];

describe('PATCH of a user', () => {
  it.each(cases)('$what ($source)', ({ before = {}, operations, after }) => {
    const { user, patch, call } = makeService();
    const path = `/Users/${user('babs', before)}`;
    const answer = patch(path, ...operations);
    expect(answer.status).toBe(200);
    const { schemas: _, id, meta, userName, active, ...rest } = call('GET', path).body;
    expect({ ...('active' in after && { active }), ...rest }).toEqual(after);
  });
});

describe('groups', () => {
  const setUp = () => {
    const service = makeService();
    const [babs, jim, ann] = [service.user('babs'), service.user('jim'), service.user('ann')];
    const path = `/Groups/${service.group('Staff', [babs, jim])}`;
    service.commits.length = 0;
    const members = () =>
      ((service.call('GET', path).body.members ?? []) as { value: string }[]).map(({ value }) => value);
    return { ...service, path, members, babs, jim, ann };
  };

  it(`Entra ID creates one with a schema of its own (${entra})`, () => {
    const { status, body } = makeService().call('POST', '/Groups', {
      schemas: [groupUrn, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
      displayName: 'displayName',
      meta: { resourceType: 'Group' },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ schemas: [groupUrn], displayName: 'displayName' });
  });

  it(`Entra ID adds a member with a null $ref, and wants 204 (${entra})`, () => {
    const { patch, path, members, babs, jim, ann } = setUp();
    const answer = patch(path, { op: 'Add', path: 'members', value: [{ $ref: null, value: ann }] });
    expect(answer).toMatchObject({ status: 204, body: {} });
    expect(members()).toEqual([babs, jim, ann]);
  });

  it.each([
    ['Entra ID', (id: string) => ({ op: 'Remove', path: 'members', value: [{ $ref: null, value: id }] })],
    ['Entra ID, one value', (id: string) => ({ op: 'Remove', path: 'members', value: { value: id } })],
    ['Entra ID with the flag', (id: string) => ({ op: 'remove', path: `members[value eq "${id}"]` })],
  ])(
    '%s removes one member, and leaves the others (application-provisioning-config-problem-scim-compatibility)',
    (_, operation) => {
      const { patch, path, members, babs, jim } = setUp();
      expect(patch(path, operation(babs)).status).toBe(204);
      expect(members()).toEqual([jim]);
    },
  );

  it('an empty list of members to remove removes nobody', () => {
    const { patch, path, members, commits } = setUp();
    expect(patch(path, { op: 'Remove', path: 'members', value: [] }).status).toBe(204);
    expect(members()).toHaveLength(2);
    expect(commits).toEqual([]);
  });

  it('a PATCH that names no members leaves them alone', () => {
    const { patch, path, members, babs, jim } = setUp();
    patch(path, { op: 'replace', value: { displayName: 'Crew' } });
    expect(members()).toEqual([babs, jim]);
  });

  it(`Okta renames by id and displayName, and a repeated name changes nothing (${okta})`, () => {
    const { patch, path, commits, call } = setUp();
    const id = path.split('/').at(-1);
    patch(path, { op: 'replace', value: { id, displayName: 'Staff' } });
    expect(commits).toEqual([]);
    patch(path, { op: 'replace', value: { id, displayName: 'Crew' } });
    expect(commits).toHaveLength(1);
    expect(call('GET', path).body).toMatchObject({ id, displayName: 'Crew' });
    const answer = patch(path, { op: 'replace', value: { id: 'another', displayName: 'X' } });
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
  });

  it(`Okta removes and adds members in one PATCH (${okta})`, () => {
    const { patch, path, members, babs, jim, ann, commits } = setUp();
    patch(
      path,
      { op: 'remove', path: `members[value eq "${babs}"]` },
      { op: 'add', path: 'members', value: [{ value: ann, display: 'ann@example.com' }] },
    );
    expect(members()).toEqual([jim, ann]);
    expect(commits).toHaveLength(1);
  });

  it(`Okta replaces all members (${okta}), in another order without a change`, () => {
    const { patch, path, members, babs, jim, ann, commits } = setUp();
    const replace = (...ids: string[]) =>
      patch(path, { op: 'replace', path: 'members', value: ids.map((value) => ({ value, display: value })) });
    replace(jim, babs);
    expect(commits).toEqual([]);
    replace(ann, jim);
    expect(members()).toEqual([jim, ann]);
  });

  it('an unknown member is a 4xx, and nothing changes', () => {
    const { patch, path, members, babs, jim, ann, call } = setUp();
    const value = [{ value: ann }, { value: 'nobody' }];
    const fault = {
      status: 400,
      body: { scimType: 'invalidValue', detail: 'The member "nobody" is not a user or group.' },
    };
    expect(patch(path, { op: 'add', path: 'members', value })).toMatchObject(fault);
    expect(patch(path, { op: 'add', path: 'members', value: [{ display: 'x' }] })).toMatchObject({
      status: 400,
    });
    expect(call('POST', '/Groups', { schemas: [groupUrn], displayName: 'X', members: value })).toMatchObject(
      fault,
    );
    expect(members()).toEqual([babs, jim]);
  });

  it(`Entra ID reads a group without its members (${entra})`, () => {
    const { call, path } = setUp();
    const { body } = call('GET', `${path}?excludedAttributes=members`);
    expect(body).toMatchObject({ displayName: 'Staff' });
    expect(body).not.toHaveProperty('members');
  });
});

describe('users', () => {
  it(`Entra ID creates one (${entra})`, () => {
    const { call } = makeService();
    const { status, body } = call('POST', '/Users', {
      schemas: [userUrn, enterpriseUrn],
      externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
      userName: 'Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1',
      active: true,
      emails: [
        { primary: true, type: 'work', value: 'Test_User_fd0ea19b-0777-472c-9f96-4f70d2226f2e@testuser.com' },
      ],
      meta: { resourceType: 'User' },
      name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
      roles: [],
    });
    expect(status).toBe(201);
    expect(body).not.toHaveProperty('roles');
  });

  it(`Okta creates one (${okta})`, () => {
    const { status, body } = makeService().call('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'test.user@okta.local',
      name: { givenName: 'Test', familyName: 'User' },
      emails: [{ primary: true, value: 'test.user@okta.local', type: 'work' }],
      displayName: 'Test User',
      locale: 'en-US',
      externalId: '00ujl29u0le5T6Aj10h7',
      groups: [],
      password: '1mz050nq',
      active: true,
    });
    expect(status).toBe(201);
    expect(body).not.toHaveProperty('groups');
    expect(body).not.toHaveProperty('password');
  });

  it('OneLogin creates one from its template (docs.workato.com/en/scim-onelogin.html)', () => {
    const { status, body } = makeService().call('POST', '/Users', {
      schemas: [userUrn, enterpriseUrn, roleUrn],
      userName: 'babs@example.com',
      name: { givenName: 'Babs', familyName: 'Jensen', formatted: 'Babs Jensen' },
      emails: [{ value: 'babs@example.com', type: 'work', primary: true }],
      [roleUrn]: { workato_role: 'Admin', workato_role_test: 'Operator', workato_role_prod: 'NoAccess' },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      schemas: [userUrn, roleUrn],
      [roleUrn]: { workato_role: 'Admin', workato_role_test: 'Operator', workato_role_prod: 'NoAccess' },
    });
  });

  it.each([
    ['userName eq "Test_User_1"', entra],
    ['externalId eq jyoung', entra],
    ['emails[type eq "work"].value eq "a@example.com"', entra],
    ['externalId eq "jyoung" and userName eq "test_user_1"', entra],
  ])('are found by %s (%s), disabled ones, too', (filter) => {
    const { user, search, patch } = makeService();
    const path = `/Users/${user('Test_User_1', { externalId: 'jyoung', emails: [workEmail] })}`;
    patch(path, { op: 'replace', value: { active: false } });
    expect(names(search('Users', { filter }))).toEqual(['Test_User_1']);
  });

  it(`Okta looks up with a count (${okta}), and a plus in an address is a plus`, () => {
    const { user, call } = makeService();
    user('babs+test@example.com');
    const total = (query: string) => call('GET', `/Users?${query}`).body.totalResults;
    expect(total('filter=userName%20eq%20%22babs%2Btest%40example.com%22&startIndex=1&count=100')).toBe(1);
    expect(total('filter=userName%20eq%20%22babs+test@example.com%22')).toBe(1);
    expect(total('filter=userName+eq+%22babs%2Btest%40example.com%22')).toBe(1);
  });

  it('Okta’s wizard-made apps read, change and PUT all of it back', () => {
    const { user, call } = makeService();
    const path = `/Users/${user('babs', { emails: [workEmail], [roleUrn]: { workato_role: 'Admin' } })}`;
    const { body } = call('GET', path);
    const put = call('PUT', path, { ...body, active: false });
    expect(put.body).toMatchObject({
      active: false,
      emails: [workEmail],
      [roleUrn]: { workato_role: 'Admin' },
    });
  });

  it('a PATCH may repeat what is read-only, and ignores what nobody knows', () => {
    const { user, call, patch } = makeService();
    const path = `/Users/${user('babs')}`;
    const { body } = call('GET', path);
    expect(
      patch(path, { op: 'replace', value: { ...body, shoeSize: 42, 'a b': 1, title: 'x' } }),
    ).toMatchObject({
      status: 200,
      body: { title: 'x' },
    });
    const groups = { op: 'replace', value: { groups: [{ value: 'g' }] } };
    expect(patch(path, groups)).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
    expect(
      call('PATCH', path, { schemas: [patchUrn], operations: [{ OP: 'ADD', Path: 'title', Value: 'y' }] })
        .body,
    ).toMatchObject({ title: 'y' });
  });
});
