import { expect, it } from 'vitest';
import { createSimplifier } from '../../../hosts/n8n/runtime/create-simplifier.ts';
import { actionOf, definition } from '../../support/open-test-session.ts';

const { User, Group } = definition.resources;
if (User === undefined || Group === undefined) throw new TypeError('The manifest has no users or groups');
const simplify = createSimplifier(User);

it('puts the ID and the names first, and the attributes of extensions next to the others', () => {
  const simple = simplify(actionOf('get_user').sample as Readonly<Record<string, unknown>>);

  expect(Object.keys(simple).slice(0, 4)).toEqual(['id', 'userName', 'externalId', 'email']);
  expect(simple).toMatchObject({
    email: 'ada@example.com',
    department: 'Engineering',
    workato_role: 'Analyst',
  });
  expect(Object.keys(simple).filter((name) => /:|schemas|meta/.test(name))).toEqual([]);
});

it('uses the primary email address', () => {
  const emails = [{ value: 'home@example.com' }, { value: 'work@example.com', primary: true }];

  expect(simplify({ id: '1', emails })).toEqual({ id: '1', email: 'work@example.com', emails });
});

it('keeps an attribute with the name of another one in its extension', () => {
  const extra = 'urn:acme:User';
  const simple = simplify({ id: '1', [extra]: { title: 'Dr.', department: 'X', badge: 7 } });

  expect(simple).toEqual({
    id: '1',
    badge: 7,
    [extra]: { title: 'Dr.', department: 'X' },
  });
});

it('simplifies groups, and leaves out nothing but the technical attributes', () => {
  const group = {
    schemas: ['urn:x'],
    displayName: 'Engineering',
    id: '1',
    members: [{ value: '2' }],
    meta: {},
  };

  expect(Object.entries(createSimplifier(Group)(group))).toEqual([
    ['id', '1'],
    ['displayName', 'Engineering'],
    ['members', [{ value: '2' }]],
  ]);
  expect(simplify({})).toEqual({});
});
