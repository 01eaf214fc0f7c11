import { describe, expect, it } from 'vitest';
import type { Field } from '../../../connector/definition/definition.ts';
import { readValue } from '../../../hosts/n8n/runtime/read-value.ts';
import { failureOf } from '../../support/failure-of.ts';
import { actionOf } from '../../support/open-test-session.ts';

function field(action: string, key: string): Field {
  const found = actionOf(action).fields.find((one) => one.key === key);
  if (found === undefined) throw new Error(`${action} has no field ${key}`);
  return found;
}

describe('a value in a form', () => {
  it.for(['', undefined, null])('is omitted if it is %j, in every kind of field', (empty) => {
    for (const { fields } of [actionOf('create_user'), actionOf('search_users'), actionOf('bulk_users')])
      for (const one of fields) expect(readValue(one, empty)).toBeUndefined();
  });

  it('is converted to text if it is a number', () => {
    expect(readValue(field('create_user', 'employeeNumber'), 1815)).toBe('1815');
    expect(readValue(field('create_user', 'workato_role'), { mode: 'name', value: 'Finance' })).toBe(
      'Finance',
    );
    expect(readValue(field('create_user', 'workato_role'), { mode: 'list', value: '' })).toBeUndefined();
  });

  it('is a value of a closed pick-list in any case, and by its label', () => {
    const environment = field('set_workato_role', 'environment');
    expect(['prod', 'PROD', ' Prod '].map((given) => readValue(environment, given))).toEqual(
      Array(3).fill('prod'),
    );
    expect(readValue(field('bulk_users', 'action'), 'Create or update')).toBe('upsert_user');
    // The connector lists the values in its error.
    expect(readValue(environment, 'stage')).toBe('stage');
    expect(readValue(field('set_workato_role', 'role'), { mode: 'name', value: 'analyst' })).toBe('analyst');
  });

  it('is converted to a boolean if it is a word', () => {
    const active = field('create_user', 'active');
    expect(['TRUE', 'false', true].map((given) => readValue(active, given))).toEqual([true, false, true]);
    // What is neither is left to the connector, which says so.
    expect(readValue(active, 'perhaps')).toBe('perhaps');
  });

  it('is converted to a reference, by ID or by name', () => {
    const user = field('get_user', 'user');
    expect(readValue(user, { __rl: true, mode: 'list', value: '42' })).toEqual({ id: '42' });
    expect(readValue(user, { __rl: true, mode: 'email', value: 'ada@example.com' })).toEqual({
      email: 'ada@example.com',
    });
    expect(readValue(user, '42')).toEqual({ id: '42' });
    expect(readValue(user, { userName: 'ada' })).toEqual({ userName: 'ada' });
    expect(readValue(user, { __rl: true, mode: 'id', value: '' })).toBeUndefined();
  });

  it('is converted to a list, from the form or from an expression', () => {
    const members = field('add_group_members', 'members');
    const one = { __rl: true, mode: 'id', value: '1' };
    expect(
      readValue(members, { values: [{ reference: one }, { reference: { ...one, value: '' } }] }),
    ).toEqual([{ id: '1' }]);
    expect(readValue(members, ['1', '2'])).toEqual([{ id: '1' }, { id: '2' }]);
    expect(readValue(field('get_user', 'attributes'), 'userName, emails')).toEqual(['userName', 'emails']);
    expect(readValue(field('create_user', 'emails'), { values: [{ value: '', type: '' }] })).toBeUndefined();
  });

  it('is parsed as JSON, or causes an error that names the field', async () => {
    const rows = field('bulk_users', 'rows');
    expect(readValue(rows, '[{"userName":"ada"}]')).toEqual([{ userName: 'ada' }]);
    expect(readValue(rows, [{ userName: 'ada' }])).toEqual([{ userName: 'ada' }]);
    const error = await failureOf(async () => readValue(rows, '[{'));
    expect(error).toMatchObject({ code: 'invalid_input', problems: [{ path: 'rows' }] });
  });
});
