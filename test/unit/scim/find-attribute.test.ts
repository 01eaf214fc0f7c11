import { describe, expect, it } from 'vitest';
import { findAttribute } from '../../../scim/find-attribute.ts';

const source = {
  attributes: [
    { name: 'userName', type: 'string' as const },
    {
      name: 'name',
      type: 'complex' as const,
      subAttributes: [{ name: 'givenName', type: 'string' as const }],
    },
    {
      name: 'emails',
      type: 'complex' as const,
      multiValued: true,
      subAttributes: [{ name: 'value', type: 'string' as const }],
    },
  ],
  extensions: [
    { id: 'urn:x:1.0:User', attributes: [{ name: 'badge', type: 'integer' as const }] },
    { id: 'urn:x:1.0:User:Deep', attributes: [{ name: 'badge', type: 'string' as const }] },
  ],
};

describe('finding an attribute', () => {
  it.each([
    ['userName', 'string'],
    ['USERNAME', 'string'],
    ['name.givenName', 'string'],
    ['Name.GIVENNAME', 'string'],
    ['emails.value', 'string'],
    ['name', 'complex'],
    ['urn:x:1.0:User:badge', 'integer'],
    ['urn:x:1.0:User:BADGE', 'integer'],
  ])('finds %s', (path, type) => {
    expect(findAttribute(source, path)?.type).toBe(type);
  });

  it.each([
    '',
    'nickName',
    'userName.x',
    'name.x',
    'urn:x:1.0:User',
    'urn:x:1.0:User:x',
    'urn:y:User:badge',
    'toString',
  ])('finds nothing for %j', (path) => {
    expect(findAttribute(source, path)).toBeUndefined();
  });

  it('finds it in the extension whose URI is the longest that fits', () => {
    expect(findAttribute(source, 'urn:x:1.0:User:Deep:badge')?.type).toBe('string');
  });
});
