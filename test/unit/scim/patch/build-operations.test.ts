import { describe, expect, it } from 'vitest';
import { givenToOperations } from '../../../../scim/patch/build-operations.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

describe('the operations for given attributes', () => {
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
