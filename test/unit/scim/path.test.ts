import { describe, expect, it } from 'vitest';
import { parsePath } from '../../../scim/filter/parse-filter.ts';
import {
  findAttribute,
  isAtPath,
  itemPath,
  jsonPathOf,
  readPath,
  setAt,
  valueOfItemPath,
  valuesAt,
} from '../../../scim/path.ts';
import { modelOf } from '../../../scim/schema/resource-model.ts';
import { resourceNamed } from '../../support/open-test-session.ts';

const user = modelOf(resourceNamed('User'));
const roleUrn = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';
const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const model = modelOf({
  name: 'User',
  schema: 'urn:core:User',
  extensions: ['urn:x:1.0:User', 'urn:x:1.0:User:Deep', 'https://example.com/schemas/user'],
  attributes: [
    { name: 'userName', type: 'string' },
    { name: 'name', type: 'complex', subAttributes: [{ name: 'givenName', type: 'string' }] },
    {
      name: 'emails',
      type: 'complex',
      multiValued: true,
      subAttributes: [{ name: 'value', type: 'string' }],
    },
  ],
  extensionAttributes: {
    'urn:x:1.0:User': [
      { name: 'badge', type: 'integer' },
      { name: 'only', type: 'string' },
    ],
    'urn:x:1.0:User:Deep': [{ name: 'badge', type: 'string' }],
    'https://example.com/schemas/user': [{ name: 'cost center', type: 'decimal' }],
  },
});

describe('findAttribute', () => {
  it.each([
    ['userName', 'string'],
    ['USERNAME', 'string'],
    ['name.givenName', 'string'],
    ['Name.GIVENNAME', 'string'],
    ['emails.value', 'string'],
    ['emails[value eq "a]b"].value', 'string'],
    ['name', 'complex'],
    ['urn:core:User:userName', 'string'],
    ['urn:x:1.0:User:badge', 'integer'],
    ['urn:x:1.0:User:BADGE', 'integer'],
    ['URN:X:1.0:user:badge', 'integer'],
    ['urn:x:1.0:User:Deep:badge', 'string'],
    ['https://example.com/schemas/user:cost center', 'decimal'],
  ])('finds %s', (path, type) => {
    expect(findAttribute(model, path)?.type).toBe(type);
  });

  it.each([
    '',
    'nickName',
    'userName.x',
    'name.x',
    'only',
    'urn:x:1.0:User',
    'urn:x:1.0:User:x',
    'urn:y:User:badge',
    'toString',
  ])('finds nothing for %j', (path) => {
    expect(findAttribute(model, path)).toBeUndefined();
  });
});

describe('readPath', () => {
  it.each([
    ['userName', 'userName'],
    ['USERNAME', 'userName'],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName', 'userName'],
    ['urn:ietf:params:scim:schemas:core:2.0:user:name.FAMILYNAME', 'name.familyName'],
    ['emails[TYPE eq "work" and primary eq true].VALUE', 'emails[TYPE eq "work" and primary eq true].value'],
    ['workato_role', `${roleUrn}:workato_role`],
    [`${roleUrn.toUpperCase().replace('URN', 'urn')}:Workato_Role`, `${roleUrn}:workato_role`],
    ['urn:acme:2.0:User:badge', 'urn:acme:2.0:User:badge'],
    ['name.shoeSize', 'name.shoeSize'],
    ['department', `${enterpriseUrn}:department`],
    ['nobody knows', 'nobody knows'],
    ['__proto__.x', '__proto__.x'],
  ])('reads %s as %s', (text, expected) => {
    expect(readPath(user, text).text).toBe(expected);
  });

  it('does not resolve a bare name that two extensions have', () => {
    expect(readPath(model, 'badge').text).toBe('badge');
    expect(readPath(model, 'only').text).toBe('urn:x:1.0:User:only');
  });

  it('returns whether the attribute is a list, and its definition', () => {
    expect(readPath(user, 'emails.value')).toMatchObject({ isList: true, definition: { type: 'string' } });
    expect(readPath(user, 'name')).toMatchObject({ isList: false, definition: { type: 'complex' } });
    expect(readPath(user, 'name.shoeSize').definition).toBeUndefined();
  });
});

describe('jsonPathOf', () => {
  it.each([
    ['userName', ['userName']],
    ['name.givenName', ['name', 'givenName']],
    ['urn:core:User:userName', ['userName']],
    ['urn:x:1.0:User:badge', ['urn:x:1.0:User', 'badge']],
    ['urn:x:1.0:User:Deep:badge.value', ['urn:x:1.0:User:Deep', 'badge', 'value']],
    ['urn:unknown:2.0:User:badge', ['urn:unknown:2.0:User', 'badge']],
    ['emails[value eq "a"].value', ['emails', 'value']],
  ])('leads %s to %j', (path, keys) => {
    expect(jsonPathOf(model, path)).toEqual(keys);
  });
});

describe('the path of an item', () => {
  it.each(['2819c223', 'a"b', 'back\\slash', 'a]b', '', 'true', 'zürich\n'])(
    'names the value %j',
    (value) => {
      expect(valueOfItemPath(parsePath(itemPath('members', value)))).toBe(value);
    },
  );

  it('keeps the URI of an extension', () => {
    const path = itemPath(`${enterpriseUrn}:delegates`, 'a"b');
    expect(path).toBe(`${enterpriseUrn}:delegates[value eq "a\\"b"]`);
    expect(parsePath(path)).toMatchObject({ schema: enterpriseUrn, attribute: 'delegates' });
  });

  it.each(['members', 'members[value eq 7]', 'members[type eq "x"]', 'members[value eq "x"].display'])(
    'is not %s',
    (path) => {
      expect(valueOfItemPath(parsePath(path))).toBeUndefined();
    },
  );
});

describe('isAtPath', () => {
  it.each([
    ['name', 'name', true],
    ['name', 'name.givenName', true],
    ['name.givenName', 'name', true],
    ['nameSuffix', 'name', false],
    ['members[value eq "1"]', 'members', true],
    ['emails', 'emails[type eq "work"].value', true],
    ['urn:x:User:a', 'urn:x:User', true],
    ['urn:x:UserOther:a', 'urn:x:User', false],
    ['Active', 'active', true],
  ])('compares %s with %s: %s', (path, wanted, expected) => {
    expect(isAtPath(path, wanted)).toBe(expected);
  });
});

describe('the values at a path', () => {
  it.each([
    [{ a: 1 }, ['a'], [1]],
    [{ a: false }, ['a'], [false]],
    [{ a: null }, ['a'], []],
    [{}, ['a'], []],
    [{ a: [{ b: 1 }, { b: 2 }, {}, null, 'x'] }, ['a', 'b'], [1, 2]],
    [{ a: [] }, ['a'], []],
    [{ a: 'text' }, ['a', 'length'], []],
  ])('%j at %j: %j', (value, path, values) => {
    expect(valuesAt(value, path)).toEqual(values);
  });

  it('can be set, which creates the objects on the way', () => {
    const target: Record<string, unknown> = { a: { x: 1 }, b: 'text' };
    setAt(target, ['a', 'y'], 2);
    setAt(target, ['b', 'z'], 3);

    expect(target).toEqual({ a: { x: 1, y: 2 }, b: { z: 3 } });
  });

  it.each([[['__proto__', 'polluted']], [['a', '__proto__', 'polluted']], [['__proto__']]])(
    'are not set on a prototype: %j',
    (path) => {
      const target: Record<string, unknown> = {};
      setAt(target, path, 'x');
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      expect(target.polluted).toBeUndefined();
      expect(Object.getPrototypeOf(target)).toBe(Object.prototype);
    },
  );
});
