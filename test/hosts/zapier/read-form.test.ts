import { describe, expect, it } from 'vitest';
import { readForm } from '../../../hosts/zapier/form/read-form.ts';
import { actionOf, definition } from '../../support/open-test-session.ts';
import { fillForm } from './support/fill-form.ts';

const read = (key: string, data: Readonly<Record<string, unknown>>) =>
  readForm(definition, actionOf(key), data);

describe('the form of an action in Zapier', () => {
  it.each(definition.actions.map((action) => [action.key, action] as const))(
    'of %s reads what a person fills in as the input',
    (_, action) => {
      expect(readForm(definition, action, fillForm(action, action.sampleInput)).input).toEqual(
        action.sampleInput,
      );
    },
  );

  it('identifies a resource by its ID, unless the form says another way', () => {
    expect(read('deactivate_user', { user: ' 2819c223 ' }).input).toEqual({ user: { id: '2819c223' } });
    expect(read('deactivate_user', { user_by: '', user: '2819c223' }).input).toEqual({
      user: { id: '2819c223' },
    });
    expect(read('deactivate_user', { user_by: 'email', user: 'ada@example.com' }).input).toEqual({
      user: { email: 'ada@example.com' },
    });
    expect(read('add_group_members', { group: 'g', members: ['a', '', 'b'] }).input).toEqual({
      group: { id: 'g' },
      members: [{ id: 'a' }, { id: 'b' }],
    });
  });

  it('passes on an empty list of members, which the action itself decides about', () => {
    for (const members of [[], [''], '', null])
      expect(read('set_group_members', { group: 'g', members }).input).toMatchObject({ members: [] });
    expect(read('set_group_members', { group: 'g' }).input).not.toHaveProperty('members');
  });

  it('omits what is empty, and the entries of a list that are', () => {
    const empty = {
      title: '',
      displayName: null,
      name_givenName: '',
      emails: [{ emails_value: '' }],
      roles: [],
    };

    expect(read('create_user', { userName: 'ada@example.com', ...empty }).input).toEqual({
      userName: 'ada@example.com',
    });
  });

  it('removes the values of the fields to empty, but none that is also set', () => {
    const user = { user: '2819c223' };

    expect(read('update_user', { ...user, fields_to_empty: ['title', 'emails'] }).input).toEqual({
      user: { id: '2819c223' },
      title: null,
      emails: null,
    });
    expect(() => read('update_user', { ...user, title: 'Analyst', fields_to_empty: ['title'] })).toThrow(
      /`title` is both set and emptied/,
    );
    expect(() => read('update_user', { ...user, fields_to_empty: ['titel'] })).toThrow(/must be a list of/);
  });

  it('keeps an empty row of a batch, so that results have the numbers of the rows', () => {
    const rows = [{ rows_userName: 'ada@example.com' }, {}, { rows_userName: 'grace@example.com' }];

    expect(read('bulk_users', { rows }).input.rows).toEqual([
      { userName: 'ada@example.com' },
      {},
      { userName: 'grace@example.com' },
    ]);
  });

  it('runs for real only if the dry run is a switch that is off', () => {
    const form = { user: '2819c223' };
    const key = actionOf('delete_user').dryRun?.field.key ?? '';

    expect(read('delete_user', form).dryRun).toBe(false);
    expect(read('delete_user', { ...form, [key]: 'false' }).dryRun).toBe(false);
    expect(read('delete_user', { ...form, [key]: 'True' }).dryRun).toBe(true);
    expect(() => read('delete_user', { ...form, [key]: 'maybe' })).toThrow(/must be true or false/);
  });

  it('rejects an empty criterion of a search, which would select everybody', () => {
    expect(read('search_users', { department: 'Engineering', limit: '' }).input).toEqual({
      department: 'Engineering',
    });
    for (const empty of ['', null, []])
      for (const key of ['department', 'filter'])
        expect(() => read('search_users', { [key]: empty })).toThrow(/is empty/);
  });

  it("takes unknown values for the provider's own attributes where a form has them", () => {
    expect(read('update_user', { user: 'x', approvalLimit: '5', empty: '' }).custom).toEqual({
      approvalLimit: '5',
    });
    expect(read('delete_user', { user: 'x', approvalLimit: '5' }).custom).toEqual({});
  });
});
