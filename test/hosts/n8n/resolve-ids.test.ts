import { expect, it } from 'vitest';
import { readValue } from '../../../hosts/n8n/runtime/read-value.ts';
import { createIdResolver, NamedResource } from '../../../hosts/n8n/runtime/resolve-ids.ts';
import { actionOf, definition } from '../../support/open-test-session.ts';

const fieldOf = (key: string, name: string) => {
  const field = actionOf(key).fields.find((one) => one.key === name);
  if (field === undefined) throw new TypeError(`${key} has no field ${name}`);
  return field;
};

it('reads each named user once, and puts the IDs in their places', async () => {
  const asked: unknown[] = [];
  const resolve = createIdResolver(definition, async (key, input) => {
    asked.push([key, input]);
    return { id: `id of ${Object.values((input as { user: object }).user)[0]}` };
  });
  const grace = new NamedResource('User', { userName: 'grace' });
  const input = { manager: { value: grace }, members: [{ value: grace }, { value: '7' }], active: true };

  expect(await resolve(input)).toEqual({
    manager: { value: 'id of grace' },
    members: [{ value: 'id of grace' }, { value: '7' }],
    active: true,
  });
  await resolve({ manager: { value: new NamedResource('User', { userName: 'grace' }) } });
  expect(asked).toEqual([['get_user', { user: { userName: 'grace' } }]]);
});

it('passes on an input without names as it is, and the error of a user who does not exist', async () => {
  const resolve = createIdResolver(definition, () => Promise.reject(new Error('No user matches.')));
  const input = { userName: 'ada' };

  expect(await resolve(input)).toBe(input);
  await expect(resolve({ manager: new NamedResource('User', { id: 'x' }) })).rejects.toThrow('No user');
});

it.for([
  ['create_user', 'manager', (value: unknown) => value, (id: unknown) => ({ value: id })],
  [
    'update_group',
    'members',
    (value: unknown) => ({ values: [{ value }] }),
    (id: unknown) => [{ value: id }],
  ],
  ['search_groups', 'member', (value: unknown) => value, (id: unknown) => id],
] as const)('%s takes the ID in %s from a list, as text, or by name', ([key, name, filled, read]) => {
  const field = fieldOf(key, name);

  for (const mode of ['list', 'listGroup', 'id'])
    expect(readValue(field, filled({ mode, value: ' 7 ' }))).toEqual(read('7'));
  expect(readValue(field, filled('7'))).toEqual(read('7'));
  expect(readValue(field, filled({ mode: 'list', value: '' }))).toBeUndefined();
  expect(readValue(field, filled({ mode: 'email', value: 'ada@example.com' }))).toEqual(
    read(new NamedResource('User', { email: 'ada@example.com' })),
  );
});
