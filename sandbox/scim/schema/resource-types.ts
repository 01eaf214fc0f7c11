import enterpriseUserSchema from '../../../schemas/scim/EnterpriseUser.json' with { type: 'json' };
import groupSchema from '../../../schemas/scim/Group.json' with { type: 'json' };
import userSchema from '../../../schemas/scim/User.json' with { type: 'json' };
import workatoRoleSchema from '../../../schemas/scim/WorkatoRole.json' with { type: 'json' };
import { defineResourceType, type ResourceType } from './resource-type.ts';
import type { SchemaDefinition } from './schema-definition.ts';

/** Creates a user type: RFC 7643 §4.1 and §4.3, and the extensions that a service adds. */
export function defineUserType(extensions: readonly SchemaDefinition[], recordType = 'User'): ResourceType {
  return defineResourceType({
    name: 'User',
    recordType,
    endpoint: '/Users',
    description: 'User Account',
    schema: userSchema,
    extensions: [enterpriseUserSchema, ...extensions],
    indexed: ['externalId', 'emails.value'],
    // RFC 7643 §4.1.1 leaves the default of "active" to the provider: a new user has access.
    defaults: { active: true },
  });
}

/** Creates a group type whose members are users and groups: RFC 7643 §4.2. */
export function defineGroupType(recordType = 'Group'): ResourceType {
  return defineResourceType({
    name: 'Group',
    recordType,
    endpoint: '/Groups',
    description: 'Group',
    schema: groupSchema,
    extensions: [],
    indexed: ['displayName', 'externalId', 'members.value'],
  });
}

/** Workato's role extension. */
export const workatoRoleExtension: SchemaDefinition = workatoRoleSchema;

/** A member of the workspace, with Workato's roles. */
export const userType = defineUserType([workatoRoleExtension]);

/** A group of workspace members. */
export const groupType = defineGroupType();
