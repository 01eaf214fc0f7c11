import { describe, expect, it } from 'vitest';
import { givenToOperations, withoutNoOps } from '../../../scim/patch/build-operations.ts';
import { modelOf } from '../../../scim/schema/resource-model.ts';
import { resourceNamed } from '../../support/open-test-session.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

describe('operations for what was given', () => {
  it.each([
    ['a value', { path: 'title', value: 'x' }, [{ op: 'replace', path: 'title', value: 'x' }]],
    ['false', { path: 'active', value: false }, [{ op: 'replace', path: 'active', value: false }]],
    ['null', { path: 'title', value: null }, [{ op: 'remove', path: 'title' }]],
    ['an empty list', { path: 'emails', value: [] }, [{ op: 'remove', path: 'emails' }]],
    [
      'a list',
      { path: 'emails', value: [{ value: 'a' }] },
      [{ op: 'replace', path: 'emails', value: [{ value: 'a' }] }],
    ],
    [
      'parts of a complex value',
      { path: 'name', value: { givenName: 'A', familyName: undefined } },
      [{ op: 'replace', path: 'name.givenName', value: 'A' }],
    ],
    [
      'parts of a complex value of an extension',
      { path: `${enterprise}:manager`, value: { value: '1' } },
      [{ op: 'replace', path: `${enterprise}:manager.value`, value: '1' }],
    ],
    ['an empty complex value', { path: 'name', value: {} }, []],
  ])('set %s', (_, given, operations) => {
    expect(givenToOperations([given])).toEqual(operations);
  });
});

describe('operations that would change nothing', () => {
  const current = {
    id: '1',
    title: 'x',
    active: false,
    name: { givenName: 'A' },
    emails: [{ type: 'work', value: 'a' }],
    [enterprise]: { department: 'D' },
  };
  const left = (path: string, value: unknown) =>
    withoutNoOps(givenToOperations([{ path, value }]), modelOf(resourceNamed('User')), current).length;

  it.each([
    ['title', 'x'],
    ['active', false],
    ['name', { givenName: 'A' }],
    ['emails', [{ value: 'a', type: 'work' }]],
    [`${enterprise}:department`, 'D'],
    ['nickName', null],
  ])('are left out: %s as it is', (path, value) => {
    expect(left(path, value)).toBe(0);
  });

  it.each([
    ['title', 'X'],
    ['title', null],
    ['active', true],
    ['name', { givenName: 'B' }],
    ['emails', [{ value: 'a' }]],
    ['emails', []],
    [`${enterprise}:department`, 'E'],
    ['nickName', 'n'],
  ])('are kept where they change something: %s to %j', (path, value) => {
    expect(left(path, value)).toBe(1);
  });
});
