import { describe, expect, it } from 'vitest';
import { exportColumns } from '../../../report/export-columns.ts';
import { resourceNamed } from '../../support/open-test-session.ts';

const user = resourceNamed('User');
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const ada = {
  id: '1',
  userName: 'ada@example.com',
  active: false,
  name: { givenName: 'Ada' },
  emails: [
    { value: 'home@example.com', type: 'home' },
    { value: 'ada@example.com', type: 'Work', primary: true },
  ],
  groups: [{ value: 'g1', display: 'Engineering' }, { value: 'g2' }],
  meta: { created: '2026-01-01T00:00:00Z' },
  [enterprise]: { department: 'Research', manager: { value: '9', displayName: 'Charles' } },
};

describe('the columns of an export', () => {
  it.each([
    ['userName', ['ada@example.com']],
    ['active', [false]],
    ['department', ['Research']],
    [`${enterprise}:department`, ['Research']],
    ['name.givenName', ['Ada']],
    ['name.familyName', []],
    ['title', []],
    ['emails', ['ada@example.com', 'home@example.com']],
    ['emails[type eq "home"].value', ['home@example.com']],
    ['emails.type', ['Work', 'home']],
    ['groups', ['Engineering', 'g2']],
    ['groups.value', ['g1', 'g2']],
    ['manager', ['9']],
    ['manager.displayName', ['Charles']],
    ['meta.created', ['2026-01-01T00:00:00Z']],
  ])('have the values of %s', (name, values) => {
    expect(exportColumns(user, [name])[0]?.values(ada)).toEqual(values);
  });

  it('are without a choice those that plans read back, and never a password', () => {
    const names = exportColumns(user).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['id', 'userName', 'active', 'workato_role_prod', 'manager', 'groups']),
    );
    expect(names).toContain('emails[type eq "work"].value');
    expect(names).not.toContain('password');
    expect(exportColumns(resourceNamed('Group')).map(({ name }) => name)).toEqual([
      'id',
      'displayName',
      'externalId',
      'members',
    ]);
  });

  it('are refused if a name is no attribute, with the name that may be meant', () => {
    expect(() => exportColumns(user, ['usrName', 'nothing'])).toThrow(
      '`usrName` is not an attribute of a user (did you mean "userName"?); `nothing` is not',
    );
  });
});
