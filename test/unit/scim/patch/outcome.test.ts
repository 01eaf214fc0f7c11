import { describe, expect, it } from 'vitest';
import { givenToOperations } from '../../../../scim/patch/build-operations.ts';
import { outcomeOf, remainingOperations } from '../../../../scim/patch/outcome.ts';
import type { PatchOperation } from '../../../../scim/patch/patch-operation.ts';
import { modelOf } from '../../../../scim/schema/resource-model.ts';
import { resourceNamed } from '../../../support/open-test-session.ts';

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const workato = 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole';
const user = modelOf(resourceNamed('User'));
const group = modelOf(resourceNamed('Group'));

describe('remaining operations', () => {
  const current = {
    id: '1',
    title: 'x',
    active: false,
    name: { givenName: 'A' },
    emails: [{ type: 'work', value: 'a' }],
    [enterprise]: { department: 'D' },
  };
  const left = (path: string, value: unknown) =>
    remainingOperations(givenToOperations([{ path, value }]), user, current).length;

  it.each([
    ['title', 'x'],
    ['active', false],
    ['name', { givenName: 'A' }],
    ['emails', [{ value: 'a', type: 'work' }]],
    [`${enterprise}:department`, 'D'],
    ['nickName', null],
  ])('leave out %s as it is', (path, value) => {
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
  ])('keep what changes: %s to %j', (path, value) => {
    expect(left(path, value)).toBe(1);
  });
});

describe('remaining operations on members', () => {
  const current = { id: 'g', members: [{ value: '1' }, { value: '2', display: 'Ada' }] };

  it('keep only the members that are missing', () => {
    const add: PatchOperation = { op: 'add', path: 'members', value: [{ value: '1' }, { value: '3' }] };

    expect(remainingOperations([add], group, current)).toEqual([{ ...add, value: [{ value: '3' }] }]);
  });

  it('leave out the removal of a non-member', () => {
    const operations: PatchOperation[] = ['1', '9'].map((id) => ({
      op: 'remove',
      path: `members[value eq "${id}"]`,
    }));

    expect(remainingOperations(operations, group, current)).toEqual([operations[0]]);
  });

  it('stay whole when the group does not show its members', () => {
    const operations: PatchOperation[] = [
      { op: 'add', path: 'members', value: [{ value: '1' }] },
      { op: 'remove', path: 'members[value eq "1"]' },
    ];

    expect(remainingOperations(operations, group, { id: 'g' })).toEqual(operations);
  });
});

describe('the outcome of an operation', () => {
  const set = (path: string, value: unknown): PatchOperation => ({ op: 'replace', path, value });

  it.each<[string, PatchOperation, Record<string, unknown>]>([
    ['a boolean', set('active', false), { active: false }],
    [
      'text that was trimmed and lowercased',
      set('userName', ' Ada@Example.com '),
      { userName: 'ada@example.com' },
    ],
    [
      'a phone number in another format',
      set('phoneNumbers', [{ value: '+1 (555) 01' }]),
      { phoneNumbers: [{ value: 'tel:+1-555-01' }] },
    ],
    [
      'items with more than was asked',
      set('emails', [{ value: 'a@b.c' }]),
      { emails: [{ value: 'a@b.c', type: 'work', primary: true }] },
    ],
    [
      'a manager shown as text',
      set(`${enterprise}:manager.value`, '7'),
      { [enterprise]: { manager: { value: '7', displayName: 'Grace' } } },
    ],
    ['a removed value', { op: 'remove', path: 'title' }, {}],
    ['a removed member', { op: 'remove', path: 'members[value eq "1"]' }, { members: [] }],
  ])('holds for %s', (_, operation, resource) => {
    const model = operation.path.startsWith('members') ? group : user;

    expect(outcomeOf(operation, model, { id: '1', ...resource })).toBe('holds');
  });

  it.each<[string, PatchOperation, Record<string, unknown>]>([
    ['a user who is still active', set('active', false), { active: true }],
    ['another role', set(`${workato}:workato_role`, 'Admin'), { [workato]: { workato_role: 'Member' } }],
    [
      'a role in another case',
      set(`${workato}:workato_role`, 'Admin'),
      { [workato]: { workato_role: 'admin' } },
    ],
    ['similar text', set('title', 'C++'), { title: 'C#' }],
    [
      'an email that was not added',
      set('emails', [{ value: 'new@b.c' }]),
      { emails: [{ value: 'old@b.c' }] },
    ],
    [
      'an email that was not removed',
      set('emails', [{ value: 'new@b.c' }]),
      { emails: [{ value: 'new@b.c' }, { value: 'old@b.c' }] },
    ],
    [
      'an empty list instead of a member',
      { op: 'add', path: 'members', value: [{ value: '1' }] },
      { members: [] },
    ],
    [
      'a member who is still there',
      { op: 'remove', path: 'members[value eq "1"]' },
      { members: [{ value: '1' }] },
    ],
    ['a value that is still there', { op: 'remove', path: 'title' }, { title: 'x' }],
  ])('is open for %s', (_, operation, resource) => {
    const model = operation.path.startsWith('members') ? group : user;

    expect(outcomeOf(operation, model, { id: '1', ...resource })).toBe('open');
  });

  it.each<[string, PatchOperation]>([
    ['a role', set(`${workato}:workato_role`, 'Admin')],
    ['a password', set('password', 'secret')],
    ['an added member', { op: 'add', path: 'members', value: [{ value: '1' }] }],
    ['a removed member', { op: 'remove', path: 'members[value eq "1"]' }],
  ])('is hidden where the resource does not show %s', (_, operation) => {
    const model = operation.path.startsWith('members') ? group : user;

    expect(outcomeOf(operation, model, { id: '1' })).toBe('hidden');
  });
});
