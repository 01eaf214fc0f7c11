import { describe, expect, it } from 'vitest';
import { enterpriseUrn, groupUrn, makeService, names, userUrn } from '../../../../support/scim-fixture.ts';

// Forms that clients send although the RFCs do not define them, each with the report that shows it.

const scimple = 'apache/directory-scimple#1242';
const scimitar = 'pond/scimitar#48';
const salesforce = 'help.salesforce.com, Manage Group Members with SCIM';

function setUp() {
  const service = makeService();
  const [ann, bob, cleo] = [service.user('ann'), service.user('bob'), service.user('cleo')];
  const path = `/Groups/${service.group('Staff', [ann, bob])}`;
  const members = () => (service.call('GET', path).body.members as { value: string }[]) ?? [];
  const ids = () => members().map(({ value }) => value);
  return { ...service, path, members, ids, ann, bob, cleo };
}

describe(`the reader of a manager that is text (${scimple}, ${scimitar})`, () => {
  const flat = { [`${enterpriseUrn}:manager`]: 'm-1' };
  const nested = { [enterpriseUrn]: { manager: 'm-1' } };

  it.each([nested, flat])('reads the text as the ID of the manager in POST, PUT, and PATCH: %j', (values) => {
    const { call, patch, user } = makeService();
    const read = { [enterpriseUrn]: { manager: { value: 'm-1' } } };
    const body = { schemas: [userUrn, enterpriseUrn], userName: 'ann', ...values };
    expect(call('POST', '/Users', body).body).toMatchObject(read);
    const put = call('PUT', `/Users/${user('bob')}`, { ...body, userName: 'bob' });
    expect(put.body).toMatchObject(read);
    expect(patch(`/Users/${user('cleo')}`, { op: 'add', value: values }).body).toMatchObject(read);
  });

  it('clears the manager when the text is empty (Captain-P-Goldfish/SCIM-SDK#652)', () => {
    const { call, patch, user } = makeService();
    const before = { [enterpriseUrn]: { manager: { value: 'm-1' }, department: 'Sales' } };
    const after = { department: 'Sales' };
    const path = `/Users/${user('ann', before)}`;
    const patched = patch(path, { op: 'replace', path: `${enterpriseUrn}:manager`, value: '' });
    expect(patched.body[enterpriseUrn]).toEqual(after);
    const put = call('PUT', `/Users/${user('bob', before)}`, {
      schemas: [userUrn, enterpriseUrn],
      userName: 'bob',
      [enterpriseUrn]: { manager: '', department: 'Sales' },
    });
    expect(put.body[enterpriseUrn]).toEqual(after);
  });
});

describe('the reader of a resource', () => {
  const given = {
    'name.givenName': 'Ann',
    [`${enterpriseUrn}:department`]: 'Sales',
    [`${enterpriseUrn}:manager.value`]: 'm-1',
    [enterpriseUrn]: { employeeNumber: '7' },
    [`${userUrn}:title`]: 'Boss',
    [`${enterpriseUrn}:unknown`]: 'x',
    'emails[type eq "work"].value': 'ann@example.com',
    'no path': 'x',
    'id.value': 'x',
  };
  const read = {
    schemas: [userUrn, enterpriseUrn],
    userName: 'ann',
    name: { givenName: 'Ann' },
    title: 'Boss',
    [enterpriseUrn]: { department: 'Sales', employeeNumber: '7', manager: { value: 'm-1' } },
  };

  it.each(['POST', 'PUT'])('reads keys that are paths in a %s, and ignores unknown ones', (method) => {
    const { call, user } = makeService();
    const body = { schemas: [userUrn], userName: 'ann', ...given };
    const { id, meta, active, ...rest } = (
      method === 'POST' ? call('POST', '/Users', body) : call('PUT', `/Users/${user('x')}`, body)
    ).body;
    expect(rest).toEqual(read);
  });
});

describe('the reader of members', () => {
  it.each([
    ['add', (id: string) => ({ members: [{ value: id }] }), 3],
    ['add', (id: string) => ({ Members: [{ value: id }] }), 3],
    ['replace', (id: string) => ({ members: [{ value: id }] }), 1],
  ])(`unwraps "members" inside the value of %s (${salesforce})`, (op, makeValue, count) => {
    const { patch, path, ids, cleo } = setUp();
    expect(patch(path, { op, path: 'members', value: makeValue(cleo) }).status).toBe(204);
    expect(ids()).toHaveLength(count);
    expect(ids()).toContain(cleo);
  });

  it(`unwraps "members" inside the value of remove (${salesforce})`, () => {
    const { patch, path, ids, ann, bob } = setUp();
    patch(path, { op: 'remove', path: 'members', value: { members: [{ value: ann }] } });
    expect(ids()).toEqual([bob]);
  });

  it.each([
    ['{"id"}', (id: string) => [{ id }]],
    ['{}', () => [{}]],
    ['null', () => [null]],
    ['a "value" of null', () => [{ value: null }]],
    ['a "value" that is empty', () => [{ value: '' }]],
    ['one of them without a value', (id: string) => [{ value: id }, { display: 'x' }]],
    ['an object without members', () => ({ users: ['x'] })],
  ])('rejects members without an ID, and leaves the group unchanged: %s', (_, makeValue) => {
    const { patch, call, path, ids, ann, bob, cleo } = setUp();
    const fault = { status: 400, body: { scimType: 'invalidValue' } };
    const value = makeValue(cleo);
    for (const op of ['add', 'replace', 'remove']) {
      expect(patch(path, { op, path: 'members', value })).toMatchObject(fault);
    }
    expect(patch(path, { op: 'replace', value: { members: value } })).toMatchObject(fault);
    const body = { schemas: [groupUrn], displayName: 'Crew', members: value };
    expect(call('PUT', path, body)).toMatchObject(fault);
    expect(call('POST', '/Groups', body)).toMatchObject(fault);
    expect(ids()).toEqual([ann, bob]);
  });

  it("shows a member's displayName as display in POST, PUT and PATCH", () => {
    const { call, patch, path, members, cleo } = setUp();
    const named = { value: cleo, displayName: 'Cleo' };
    const shown = expect.arrayContaining([expect.objectContaining({ value: cleo, display: 'Cleo' })]);
    patch(path, { op: 'add', path: 'members', value: [named] });
    expect(members()).toEqual(shown);
    const body = { schemas: [groupUrn], displayName: 'Crew', members: [named] };
    expect(call('POST', '/Groups', body).body.members).toEqual(shown);
    expect(call('PUT', `/Groups/${call('POST', '/Groups', body).body.id}`, body).body.members).toEqual(shown);
  });

  it("prefers a member's display over its displayName", () => {
    const { patch, path, members, cleo } = setUp();
    const value = [{ value: cleo, displayName: 'Cleo', display: 'C.' }];
    patch(path, { op: 'add', path: 'members', value });
    expect(members().at(-1)).toMatchObject({ value: cleo, display: 'C.' });
  });

  it.each([
    ['reject', 400, ['ann']],
    ['keep', 204, ['ann', 'bob', 'nobody']],
    ['ignore', 204, ['ann', 'bob']],
  ] as const)('treats unknown member IDs by the setting: %s', (unknownMembers, status, expected) => {
    const { call, patch, user, group, commits } = makeService({ unknownMembers });
    const [ann, bob] = [user('ann'), user('bob')];
    const path = `/Groups/${group('Staff', [ann])}`;
    const nameOf = (id: unknown) => (id === ann ? 'ann' : id === bob ? 'bob' : id);
    const shown = () =>
      (call('GET', path).body.members as { value: string }[]).map(({ value }) => nameOf(value));
    const value = [{ value: bob }, { value: 'nobody' }];
    expect(patch(path, { op: 'add', path: 'members', value }).status).toBe(status);
    expect(shown()).toEqual(expected);
    const before = commits.length;
    patch(path, { op: 'add', path: 'members', value: [{ value: 'nobody' }] });
    // Nothing that can be seen has changed.
    expect(commits).toHaveLength(before);
    const { body } = call('POST', '/Groups', {
      schemas: [groupUrn],
      displayName: 'X',
      members: [{ value: 'nobody' }],
    });
    expect(body.members).toEqual(unknownMembers === 'keep' ? [{ value: 'nobody' }] : undefined);
  });
});

describe('the filter parser', () => {
  const quoted = ["'ann'", '‘ann’', '“ann”', '„ann“', '`ann`', '«ann»', "'ann", "ann'"];

  it.each(quoted)('rejects typographic quotes in a filter (wso2/charon#168): %s', (word) => {
    const { search, user } = makeService();
    user('ann');
    const filter = `userName eq ${word}`;
    expect(search('Users', { filter })).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } });
  });

  it.each(quoted)('rejects typographic quotes in a PATCH path (scim2/filter-parser#21): %s', (word) => {
    const { patch, path, ids } = setUp();
    const answer = patch(path, { op: 'remove', path: `members[value eq ${word}]` });
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidPath' } });
    expect(ids()).toHaveLength(2);
  });

  it('accepts typographic quotes inside a word and inside double quotes', () => {
    const { search, user } = makeService();
    user("o'brien");
    user('“x”');
    expect(names(search('Users', { filter: "userName eq o'brien" }))).toEqual(["o'brien"]);
    expect(names(search('Users', { filter: 'userName eq "“x”"' }))).toEqual(['“x”']);
  });
});

describe('a service without cursor pagination', () => {
  it('omits "pagination" from its configuration and ignores the cursor parameter', () => {
    const { call, user } = makeService({ cursorPagination: false });
    for (const name of ['ann', 'bob', 'cleo']) user(name);
    expect(call('GET', '/ServiceProviderConfig').body).not.toHaveProperty('pagination');
    const { body } = call('GET', '/Users?cursor&count=2');
    expect(body).toMatchObject({ totalResults: 3, startIndex: 1, itemsPerPage: 2 });
    expect(body).not.toHaveProperty('nextCursor');
    expect(call('GET', '/Users?cursor=x&count=1&startIndex=3').body.Resources).toMatchObject([
      { userName: 'cleo' },
    ]);
  });
});
