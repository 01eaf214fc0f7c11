import { describe, expect, it } from 'vitest';
import { check } from '../../../schemas/check.ts';
import { actionOf } from '../../support/open-test-session.ts';

const said = (key: string, value: unknown) =>
  check(actionOf(key).input, value).map(({ path, message }) => `${path}: ${message}`);

describe('the message about an invalid input', () => {
  it.each([
    ['create_user', {}, ['userName: is required']],
    ['create_user', { userName: '' }, ['userName: must not be empty']],
    ['create_user', { userName: 5 }, ['userName: must be a string, not a number']],
    ['create_user', { userName: null }, ['userName: must be a string, not null']],
    ['create_user', { userName: 'a', active: 'False' }, ['active: must be true or false, not a string']],
    [
      'create_user',
      { userName: 'a', usrname: 'b' },
      ['usrname: is not a known field (did you mean "userName"?)'],
    ],
    [
      'create_user',
      { userName: 'a', user_name: 'b' },
      ['user_name: is not a known field (did you mean "userName"?)'],
    ],
    ['create_user', { userName: 'a', color: 'b' }, ['color: is not a known field']],
    ['create_user', { userName: 'a', emails: 'b' }, ['emails: must be a list, not a string']],
    [
      'create_user',
      { userName: 'a', emails: [{ value: 1 }] },
      ['emails[0].value: must be a string, not a number'],
    ],
    ['create_user', { userName: 'a', name: [] }, ['name: must be an object, not a list']],
    ['update_user', { user: { id: '1' }, title: 5 }, ['title: must be a string or null, not a number']],
    ['search_users', { limit: 0 }, ['limit: must be 1 or more']],
    ['search_users', { limit: 1.5 }, ['limit: must be an integer, not a fraction']],
    ['search_users', { sortOrder: 'up' }, ['sortOrder: must be one of "ascending", "descending"']],
    [
      'get_user',
      { user: {} },
      [
        'user: must be an object with exactly one of id, userName, externalId, email, such as {"userName":"…"}',
      ],
    ],
    ['add_group_members', { group: { id: '1' }, members: [] }, ['members: must have 1 or more entries']],
    ['create_user', 'text', [': must be an object, not a string']],
  ])('%s %j', (key, value, problems) => {
    expect(said(key, value)).toEqual(problems);
  });

  it('never contains the value, which can be a password', () => {
    expect(JSON.stringify(said('create_user', { userName: 'a', password: ['hunter2'] }))).not.toContain(
      'hunter2',
    );
  });
});
