import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roleUrn } from '../../../../sandbox/workspace/environments.ts';
import {
  defaultRoleOf,
  faultOfRole,
  readRoles,
  validRoles,
  withRoles,
} from '../../../../sandbox/workspace/roles.ts';
import { defaultSettings, type Settings } from '../../../../sandbox/workspace/settings.ts';

const settings = (given: Partial<Settings>): Settings => ({ ...defaultSettings, ...given });
const role = fc.string({ minLength: 1 }).filter((name) => name.trim() !== '');
const roles = fc.record({ dev: role, test: role, prod: role }, { requiredKeys: [] });

describe('roles in attributes', () => {
  it('are read as written, and nothing else changes', () => {
    fc.assert(
      fc.property(roles, roles, (first, second) => {
        const attributes = { userName: 'ann', title: 'Lead' };
        const once = withRoles(attributes, first);
        const twice = withRoles(once, second);
        expect(readRoles(once)).toEqual(first);
        expect(readRoles(twice)).toEqual(second);
        const { [roleUrn]: _, ...rest } = twice as Record<string, unknown>;
        expect(rest).toEqual(attributes);
      }),
    );
  });

  it('are the same object if they exist already', () => {
    fc.assert(
      fc.property(roles, (given) => {
        const attributes = withRoles({ userName: 'ann' }, given);
        expect(withRoles(attributes, readRoles(attributes))).toBe(attributes);
      }),
    );
  });
});

describe('the roles of a workspace', () => {
  it('are the system roles and its custom roles', () => {
    const customRoles = [{ name: 'Auditor', privileges: [] }];
    expect(validRoles(settings({ customRoles }))).toEqual([
      'Admin',
      'Analyst',
      'Operator',
      'NoAccess',
      'Auditor',
    ]);
    expect(validRoles(settings({ permissionModel: 'new', customRoles }))).toEqual([
      'Environment admin',
      'Environment manager',
      'Builder',
      'Operator',
      'Member',
      'NoAccess',
      'Auditor',
    ]);
  });

  it('have a default for each permission model, or the configured one', () => {
    expect(defaultRoleOf(settings({}))).toBe('Operator');
    expect(defaultRoleOf(settings({ permissionModel: 'new' }))).toBe('Member');
    expect(defaultRoleOf(settings({ defaultRole: 'NoAccess' }))).toBe('NoAccess');
  });

  it('are listed in the message about an unknown one', () => {
    expect(faultOfRole('Admin', 'dev', settings({}))).toBeUndefined();
    expect(faultOfRole('noaccess', 'prod', settings({}))).toBe(
      '"noaccess" in "workato_role_prod" is not a role of this workspace. Role names are case-sensitive: did you mean "NoAccess"? The roles are "Admin", "Analyst", "Operator", "NoAccess".',
    );
    expect(faultOfRole('Builder', 'dev', settings({}))).toBe(
      '"Builder" in "workato_role" is not a role of this workspace. The roles are "Admin", "Analyst", "Operator", "NoAccess".',
    );
  });
});
