import { expect, it } from 'vitest';
import { memberOperations } from '../../../hosts/n8n/form/member-operations.ts';
import { readForm } from '../../../hosts/n8n/runtime/read-form.ts';
import { definition } from '../../support/open-test-session.ts';
import { fillForm } from './support/fill-form.ts';

const operations = memberOperations(definition);

it('lists adding and removing one member among the operations of users', () => {
  expect(operations.map(({ form }) => [form.key, form.title, form.group])).toEqual([
    ['add_group_members', 'Add user to group', 'Users'],
    ['remove_group_members', 'Remove user from group', 'Users'],
  ]);
  for (const { form } of operations)
    expect(form.fields.filter(({ required }) => required).map(({ title }) => title)).toEqual([
      'User',
      'Group',
    ]);
});

it('passes a list with one member to the action', () => {
  for (const { form, toInput } of operations) {
    const filled = fillForm(form, { user: { email: 'ada@example.com' }, group: { id: '7' } });
    const { input } = readForm(form, (name, fallback) => filled[name] ?? fallback);

    expect(toInput(input)).toEqual({ members: [{ email: 'ada@example.com' }], group: { id: '7' } });
    expect(toInput({ group: { id: '7' } })).toEqual({ group: { id: '7' } });
  }
});
