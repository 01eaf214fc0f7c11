import { describe, expect, it } from 'vitest';
import { enterpriseUrn, makeService, patchUrn } from '../support/scim-fixture.ts';

const work = { value: 'bjensen@example.com', type: 'work', primary: true };
const home = { value: 'babs@jensen.org', type: 'home' };

/** A user that was patched: the status, and the attributes that are not the service's. */
function patched(before: object, ...operations: readonly object[]) {
  const { user, patch, call } = makeService();
  const path = `/Users/${user('bjensen', before)}`;
  const answer = patch(path, ...operations);
  const { schemas: _, id, meta, userName, active, ...rest } = call('GET', path).body;
  return { status: answer.status, scimType: answer.body.scimType, detail: answer.body.detail, rest };
}

describe('add', () => {
  it.each([
    ['a simple attribute', {}, { op: 'add', path: 'title', value: 'Guide' }, { title: 'Guide' }],
    [
      'over an existing value',
      { title: 'Guide' },
      { op: 'add', path: 'title', value: 'Chief' },
      { title: 'Chief' },
    ],
    [
      'a sub-attribute',
      { name: { givenName: 'B' } },
      { op: 'add', path: 'name.familyName', value: 'J' },
      { name: { givenName: 'B', familyName: 'J' } },
    ],
    [
      'a complex attribute, merged',
      { name: { givenName: 'B' } },
      { op: 'add', path: 'name', value: { familyName: 'J' } },
      { name: { givenName: 'B', familyName: 'J' } },
    ],
    ['items', { emails: [work] }, { op: 'add', path: 'emails', value: [home] }, { emails: [work, home] }],
    [
      'one item that is no array',
      { emails: [work] },
      { op: 'add', path: 'emails', value: home },
      { emails: [work, home] },
    ],
    [
      'an item that is there',
      { emails: [work, home] },
      { op: 'add', path: 'emails', value: [home] },
      { emails: [work, home] },
    ],
    [
      'more about an item that is there',
      { emails: [work, home] },
      { op: 'add', path: 'emails', value: [{ ...home, display: 'Babs' }] },
      { emails: [work, { ...home, display: 'Babs' }] },
    ],
    [
      'an attribute of an extension',
      {},
      { op: 'add', path: `${enterpriseUrn}:department`, value: 'Sales' },
      { [enterpriseUrn]: { department: 'Sales' } },
    ],
    [
      'an extension',
      { [enterpriseUrn]: { costCenter: '1' } },
      { op: 'add', path: enterpriseUrn, value: { department: 'Sales' } },
      { [enterpriseUrn]: { costCenter: '1', department: 'Sales' } },
    ],
    [
      'to the item that a filter picks',
      { emails: [work, home] },
      { op: 'add', path: 'emails[type eq "home"].display', value: 'Babs' },
      { emails: [work, { ...home, display: 'Babs' }] },
    ],
    // RFC 7644 §3.5.2.1, second example
    [
      'without a path',
      {},
      { op: 'add', value: { emails: [home], nickName: 'Babs' } },
      { emails: [home], nickName: 'Babs' },
    ],
  ])('[patch-add]: %s', (_, before, operation, expected) => {
    expect(patched(before, operation)).toMatchObject({ status: 200, rest: expected });
    expect(patched(before, operation).rest).toEqual(expected);
  });

  it('[patch-add]: members, the first example of RFC 7644 §3.5.2.1', () => {
    const { user, group, call, patch } = makeService();
    const babs = user('babs');
    const path = `/Groups/${group('Staff')}`;
    const operation = {
      op: 'add',
      path: 'members',
      value: [{ display: 'Babs Jensen', $ref: `https://example.com/v2/Users/${babs}`, value: babs }],
    };
    patch(path, operation);
    const expected = [
      { value: babs, display: 'Babs Jensen', $ref: `https://example.com/v2/Users/${babs}`, type: 'User' },
    ];
    expect(call('GET', path).body.members).toEqual(expected);
    expect(patch(path, operation).headers.etag).toBe('W/"2"');
    expect(call('GET', path).body.members).toEqual(expected);
  });
});

describe('remove', () => {
  it.each([
    ['an attribute', { title: 'Guide' }, 'title', {}],
    ['one that is not there', {}, 'title', {}],
    ['all items', { emails: [work, home] }, 'emails', {}],
    [
      'items that a filter picks',
      { emails: [work, home] },
      'emails[type eq "work" and value ew "example.com"]',
      { emails: [home] },
    ],
    ['the last item', { emails: [work] }, 'emails[type eq "work"]', {}],
    ['none', { emails: [home] }, 'emails[type eq "work"]', { emails: [home] }],
    [
      'a sub-attribute of picked items',
      { emails: [work, home] },
      'emails[type eq "work"].primary',
      { emails: [{ value: work.value, type: 'work' }, home] },
    ],
    [
      'the value of a picked item',
      { emails: [work, home] },
      'emails[type eq "work"].value',
      { emails: [home] },
    ],
    [
      'a sub-attribute',
      { name: { givenName: 'B', familyName: 'J' } },
      'name.givenName',
      { name: { familyName: 'J' } },
    ],
    ['the last sub-attribute', { name: { givenName: 'B' } }, 'name.givenName', {}],
    [
      'an attribute of an extension',
      { [enterpriseUrn]: { department: 'S' } },
      `${enterpriseUrn}:department`,
      {},
    ],
    ['an extension', { [enterpriseUrn]: { department: 'S' } }, enterpriseUrn, {}],
  ])('[patch-remove]: %s', (_, before, path, expected) => {
    const { status, rest } = patched(before, { op: 'remove', path });
    expect(status).toBe(200);
    expect(rest).toEqual(expected);
  });

  it('[patch-remove]: a member, and all of them', () => {
    const { user, group, call, patch } = makeService();
    const [babs, jim] = [user('babs'), user('jim')];
    const path = `/Groups/${group('Staff', [babs, jim])}`;
    patch(path, { op: 'remove', path: `members[value eq "${babs}"]` });
    expect(call('GET', path).body.members).toMatchObject([{ value: jim }]);
    patch(path, { op: 'remove', path: 'members' });
    expect(call('GET', path).body).not.toHaveProperty('members');
  });

  it.each(['userName', 'id', 'meta', 'meta.created', 'groups', 'schemas'])(
    '[patch-remove-required]: %s',
    (path) => {
      expect(patched({}, { op: 'remove', path })).toMatchObject({ status: 400, scimType: 'mutability' });
    },
  );

  it.each([undefined, '', null])('[patch-no-target]: path %j', (path) => {
    expect(patched({}, { op: 'remove', path })).toMatchObject({ status: 400, scimType: 'noTarget' });
  });
});

describe('replace', () => {
  it.each([
    ['a simple attribute', { title: 'A' }, { op: 'replace', path: 'title', value: 'B' }, { title: 'B' }],
    ['one that is not there', {}, { op: 'replace', path: 'title', value: 'B' }, { title: 'B' }],
    ['with null', { title: 'A' }, { op: 'replace', path: 'title', value: null }, {}],
    ['all items', { emails: [work] }, { op: 'replace', path: 'emails', value: [home] }, { emails: [home] }],
    ['all items with none', { emails: [work] }, { op: 'replace', path: 'emails', value: [] }, {}],
    [
      'the sub-attributes that are given',
      { name: { givenName: 'B', familyName: 'J' } },
      { op: 'replace', path: 'name', value: { familyName: 'K' } },
      { name: { givenName: 'B', familyName: 'K' } },
    ],
    [
      'a sub-attribute with null',
      { name: { givenName: 'B', familyName: 'J' } },
      { op: 'replace', path: 'name', value: { familyName: null } },
      { name: { givenName: 'B' } },
    ],
    [
      'a picked item',
      { emails: [work, home] },
      { op: 'replace', path: 'emails[type eq "home"]', value: { type: 'home', value: 'new@jensen.org' } },
      { emails: [work, { type: 'home', value: 'new@jensen.org' }] },
    ],
    [
      'a sub-attribute of a picked item',
      { emails: [work, home] },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'new@example.com' },
      { emails: [{ ...work, value: 'new@example.com' }, home] },
    ],
    [
      'without a path',
      { nickName: 'X', title: 'A' },
      { op: 'replace', value: { emails: [home], nickName: 'Babs' } },
      { emails: [home], nickName: 'Babs', title: 'A' },
    ],
    [
      'a sub-attribute of all items',
      { emails: [work, home] },
      { op: 'replace', path: 'emails.type', value: 'other' },
      {
        emails: [
          { ...work, type: 'other' },
          { ...home, type: 'other' },
        ],
      },
    ],
  ])('[patch-replace]: %s', (_, before, operation, expected) => {
    const { status, rest } = patched(before, operation);
    expect(status).toBe(200);
    expect(rest).toEqual(expected);
  });

  it('[patch-replace]: a picked item keeps what picked it, unless the new value says otherwise', () => {
    const replace = (value: object) =>
      patched({ emails: [home] }, { op: 'replace', path: 'emails[type eq "home"]', value }).rest;
    expect(replace({ value: 'new@jensen.org' })).toEqual({
      emails: [{ type: 'home', value: 'new@jensen.org' }],
    });
    expect(replace({ value: 'new@jensen.org', type: 'other' })).toEqual({
      emails: [{ type: 'other', value: 'new@jensen.org' }],
    });
  });

  it('[patch-replace]: a filter that says not what to create has no target', () => {
    const path = 'emails[value co "zzz"].display';
    expect(patched({ emails: [work] }, { op: 'replace', path, value: 'y' })).toMatchObject({
      status: 400,
      scimType: 'noTarget',
    });
  });

  it('[patch-primary]: the new primary value takes the mark', () => {
    const demoted = { ...work, primary: false };
    const given = { ...home, primary: true };
    for (const operation of [
      { op: 'add', path: 'emails', value: [given] },
      { op: 'replace', path: 'emails[type eq "home"].primary', value: true },
      { op: 'replace', path: 'emails[type eq "home"]', value: given },
    ]) {
      expect(patched({ emails: [work, home] }, operation).rest).toEqual({ emails: [demoted, given] });
    }
    expect(
      patched({ emails: [home, { value: 'b@x' }] }, { op: 'replace', path: 'emails.primary', value: true }),
    ).toMatchObject({ status: 400, scimType: 'invalidValue' });
    const both = [
      { value: 'a@x', primary: true },
      { value: 'b@x', primary: true },
    ];
    expect(patched({ emails: [work] }, { op: 'add', path: 'emails', value: both })).toMatchObject({
      status: 400,
      scimType: 'invalidValue',
    });
  });

  it('[patch-replace]: what is immutable stays', () => {
    const { user, group, patch } = makeService();
    const [babs, jim] = [user('babs'), user('jim')];
    const path = `/Groups/${group('Staff', [babs])}`;
    const answer = patch(path, { op: 'replace', path: `members[value eq "${babs}"].value`, value: jim });
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
  });
});

describe('the whole request', () => {
  it('[patch-atomic]: the second operation fails, so the first is not made', () => {
    const { user, call, patch, commits } = makeService();
    const path = `/Users/${user('babs', { title: 'A' })}`;
    const before = call('GET', path);
    commits.length = 0;
    const answer = patch(
      path,
      { op: 'replace', path: 'title', value: 'B' },
      { op: 'replace', path: 'active', value: 'perhaps' },
    );
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    expect(call('GET', path)).toEqual(before);
    expect(commits).toEqual([]);
  });

  it.each([
    'a b',
    'emails[',
    'emails[type eq "work"',
    'name..givenName',
    'shoeSize',
    'name.shoeSize',
    'urn:example:x:title',
    'title[value eq "x"]',
    'name[givenName eq "x"]',
    ']',
    '__proto__',
    'constructor.prototype',
  ])('[patch-path]: %s', (path) => {
    expect(patched({}, { op: 'replace', path, value: 'x' })).toMatchObject({
      status: 400,
      scimType: 'invalidPath',
    });
  });

  it('[patch-path]: one that is no string', () => {
    expect(patched({}, { op: 'replace', path: 7, value: 'x' })).toMatchObject({
      status: 400,
      scimType: 'invalidPath',
    });
  });

  it('[patch-answer]: 200 for users, 204 for groups unless attributes are asked for', () => {
    const { user, group, patch } = makeService();
    expect(patch(`/Users/${user('babs')}`, { op: 'add', path: 'title', value: 'x' })).toMatchObject({
      status: 200,
      body: { title: 'x' },
    });
    const path = `/Groups/${group('Staff')}`;
    const rename = (value: string) => ({ op: 'replace', path: 'displayName', value });
    expect(patch(path, rename('Crew'))).toEqual({ status: 204, headers: { etag: 'W/"2"' }, body: {} });
    expect(patch(`${path}?attributes=displayName`, rename('Team'))).toMatchObject({
      status: 200,
      body: { displayName: 'Team' },
    });
    expect(patch(`${path}?excludedAttributes=members`, rename('Staff')).status).toBe(200);
  });

  it.each([
    ['no schemas', { Operations: [{ op: 'add', path: 'title', value: 'x' }] }, 'invalidSyntax'],
    [
      'other schemas',
      { schemas: ['urn:x'], Operations: [{ op: 'add', path: 'title', value: 'x' }] },
      'invalidSyntax',
    ],
    ['no operations', { schemas: [patchUrn] }, 'invalidSyntax'],
    ['empty operations', { schemas: [patchUrn], Operations: [] }, 'invalidSyntax'],
    ['operations that are no array', { schemas: [patchUrn], Operations: { op: 'add' } }, 'invalidSyntax'],
    ['an operation that is no object', { schemas: [patchUrn], Operations: ['add'] }, 'invalidSyntax'],
    ['no op', { schemas: [patchUrn], Operations: [{ path: 'title', value: 'x' }] }, 'invalidSyntax'],
    [
      'an unknown op',
      { schemas: [patchUrn], Operations: [{ op: 'move', path: 'title', value: 'x' }] },
      'invalidSyntax',
    ],
    ['no value', { schemas: [patchUrn], Operations: [{ op: 'add', path: 'title' }] }, 'invalidValue'],
    [
      'a value that is no object, without a path',
      { schemas: [patchUrn], Operations: [{ op: 'add', value: 'x' }] },
      'invalidValue',
    ],
  ])('[patch-message]: %s', (_, body, scimType) => {
    const { user, call } = makeService();
    expect(call('PATCH', `/Users/${user('babs')}`, body)).toMatchObject({ status: 400, body: { scimType } });
  });
});
