import { expect, it } from 'vitest';
import { createNormalizer } from '../../../../connector/provider/normalize.ts';
import { resourceNamed } from '../../../support/open-test-session.ts';

const readGroup = createNormalizer(resourceNamed('Group'));
const readUser = createNormalizer(resourceNamed('User'));

it.each([
  ['an absolute URL', { $ref: 'https://example.com/scim/v2/Users/u1' }],
  ['a relative URL', { $ref: '../Users/u1' }],
  ['a URL with a trailing slash and a query', { $ref: '/Users/u1/?v=2' }],
  ['a URL with escapes', { $ref: '/Users/%751' }],
  ['an id', { id: 'u1' }],
  ['a value of null', { value: null, $ref: '/Users/u1' }],
])('reads the value of a member from %s', (_, member) => {
  expect(readGroup({ id: 'g1', members: [member] }).members).toMatchObject([{ value: 'u1' }]);
});

it('keeps the value of a reference whose URL names another resource', () => {
  const members = [{ value: 'u1', $ref: '/Users/u2' }];
  expect(readGroup({ id: 'g1', members }).members).toEqual(members);
});

it('reads the values of the groups of a user and of a manager from their URLs', () => {
  const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  const user = readUser({
    id: 'u1',
    groups: [{ $ref: '/Groups/g1', display: 'Crew' }],
    [enterprise]: { manager: { $ref: '/Users/u2' } },
  });
  expect(user).toMatchObject({
    groups: [{ value: 'g1', display: 'Crew' }],
    [enterprise]: { manager: { value: 'u2' } },
  });
});

it.each([
  ['an empty object', {}, []],
  ['an empty text', '', []],
  ['an object with the positions as keys', { 0: { value: 'a' }, 2: { value: 'b' } }, ['a', 'b']],
  ['one item', { value: 'a' }, ['a']],
  ['a list with null in it', [null, { value: 'a' }], ['a']],
])('reads a multi-valued attribute that is shown as %s', (_, members, ids) => {
  expect(readGroup({ id: 'g1', members }).members).toEqual(ids.map((value) => ({ value })));
});
