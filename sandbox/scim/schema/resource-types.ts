import enterpriseUserSchema from '../../../schemas/scim/EnterpriseUser.json' with { type: 'json' };
import groupSchema from '../../../schemas/scim/Group.json' with { type: 'json' };
import userSchema from '../../../schemas/scim/User.json' with { type: 'json' };
import workatoRoleSchema from '../../../schemas/scim/WorkatoRole.json' with { type: 'json' };
import { defineResourceType } from './resource-type.ts';

/** A person with access to the workspace: RFC 7643 §4.1 and §4.3, and Workato's roles. */
export const userType = defineResourceType({
  name: 'User',
  endpoint: '/Users',
  description: 'User Account',
  schema: userSchema,
  extensions: [enterpriseUserSchema, workatoRoleSchema],
  indexed: ['externalId', 'emails.value'],
  // RFC 7643 §4.1.1 leaves the default of "active" to the provider: who is provisioned may come in.
  defaults: { active: true },
});

/** A group of users and groups: RFC 7643 §4.2. */
export const groupType = defineResourceType({
  name: 'Group',
  endpoint: '/Groups',
  description: 'Group',
  schema: groupSchema,
  extensions: [],
  indexed: ['displayName', 'externalId', 'members.value'],
});
