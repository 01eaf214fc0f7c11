import { randomUUID } from 'node:crypto';
import type { Json } from '../../../scim/json.ts';
import { idpTimeoutsInMs } from '../../assumptions.ts';
import type { AttributeRow, Flavor, RequestRow } from '../flavor.ts';
import { urns } from '../urns.ts';

// github.com/MicrosoftDocs/entra-docs: docs/identity/app-provisioning/.
const requests = 'learn.microsoft.com/entra: use-scim-to-provision-users-and-groups';
const flag = 'learn.microsoft.com/entra: application-provisioning-config-problem-scim-compatibility';
const workatoRoles = 'docs.workato.com/scim-azure-ad.html';

/** The mappings: the table "user attributes" of the first page, and Workato's roles as custom attributes. */
const attributes: readonly AttributeRow[] = [
  { from: 'active', path: 'active', at: ['active'] },
  { from: 'userName', path: 'userName', at: ['userName'] },
  { from: 'displayName', path: 'displayName', at: ['displayName'] },
  { from: 'email', path: 'emails[type eq "work"].value', at: ['emails', { type: 'work' }, 'value'] },
  { from: 'givenName', path: 'name.givenName', at: ['name', 'givenName'] },
  { from: 'familyName', path: 'name.familyName', at: ['name', 'familyName'] },
  { from: 'formatted', path: 'name.formatted', at: ['name', 'formatted'] },
  { from: 'externalId', path: 'externalId', at: ['externalId'] },
  { from: 'department', path: `${urns.enterprise}:department`, at: [urns.enterprise, 'department'] },
  ...['workato_role', 'workato_role_test', 'workato_role_prod'].map((role) => ({
    from: role,
    path: `${urns.workatoRole}:${role}`,
    at: [urns.workatoRole, role],
  })),
];

const patch = (...operations: readonly Json[]): Json => ({
  schemas: [urns.patchOp],
  Operations: operations,
});

/** The requests that do not depend on the flag. */
const common: Readonly<Record<string, RequestRow>> = {
  findUser: {
    source: `${requests}: Get User by query`,
    method: 'GET',
    path: '/Users?filter=userName%20eq%20%22{userName}%22',
    answer: { listBy: 'userName' },
  },
  readUser: {
    source: `${requests}: Get User, and "User not found"`,
    method: 'GET',
    path: '/Users/{id}',
    answer: 'current',
    mayBeMissing: true,
  },
  createUser: {
    source: `${requests}: Create User; the roles: ${workatoRoles}`,
    method: 'POST',
    path: '/Users',
    body: {
      schemas: [urns.user, urns.enterprise, { $each: 'roleSchemas', as: '{item}' }],
      externalId: '{externalId}',
      userName: '{userName}',
      active: true,
      displayName: '{displayName}',
      emails: [{ primary: true, type: 'work', value: '{email}' }],
      meta: { resourceType: 'User' },
      name: { formatted: '{formatted}', familyName: '{familyName}', givenName: '{givenName}' },
      roles: [],
      [urns.enterprise]: { department: '{department}' },
      [urns.workatoRole]: {
        workato_role: '{workato_role}',
        workato_role_test: '{workato_role_test}',
        workato_role_prod: '{workato_role_prod}',
      },
    },
    answer: 'created',
  },
  deleteUser: {
    source: `${requests}: Delete User`,
    method: 'DELETE',
    path: '/Users/{id}',
    mayBeMissing: true,
  },
  findGroup: {
    source: `${requests}: Get Group by displayName`,
    method: 'GET',
    path: '/Groups?excludedAttributes=members&filter=displayName%20eq%20%22{displayName}%22',
    answer: { listBy: 'displayName' },
  },
  readGroup: {
    source: `${requests}: Get Group`,
    method: 'GET',
    path: '/Groups/{id}?excludedAttributes=members',
    answer: 'current',
  },
  createGroup: {
    source: `${requests}: Create Group: "created with an empty members list"`,
    method: 'POST',
    path: '/Groups',
    body: {
      schemas: [urns.group, urns.adScimGroup],
      externalId: '{externalId}',
      displayName: '{displayName}',
      meta: { resourceType: 'Group' },
    },
    answer: 'created',
  },
  deleteGroup: {
    source: `${requests}: Delete Group`,
    method: 'DELETE',
    path: '/Groups/{id}',
    mayBeMissing: true,
  },
};

const procedures: Flavor['procedures'] = {
  assignUser: [
    { send: 'readUser', when: 'matched' },
    { send: 'findUser', when: 'unmatched' },
    { send: 'updateUser', when: 'matched' },
    { send: 'createUser', when: 'unmatched' },
  ],
  changeUser: [
    { send: 'readUser', when: 'matched' },
    { send: 'findUser', when: 'unmatched' },
    { send: 'updateUser', when: 'matched' },
    { send: 'createUser', when: 'unmatched' },
  ],
  unassignUser: [
    { send: 'readUser', when: 'matched' },
    { send: 'findUser', when: 'unmatched' },
    { send: 'disableUser', when: 'matched' },
  ],
  deleteUser: [
    { send: 'findUser', when: 'unmatched' },
    { send: 'deleteUser', when: 'matched' },
  ],
  pushGroup: [{ send: 'findGroup' }, { send: 'createGroup', when: 'unmatched' }, { send: 'addMembers' }],
  renameGroup: [{ send: 'readGroup' }, { send: 'renameGroup' }],
  changeMembers: [{ send: 'readGroup' }, { send: 'addMembers' }, { send: 'removeMembers' }],
  deleteGroup: [{ send: 'deleteGroup' }],
};

const settings = {
  headers: {},
  timeoutInMs: idpTimeoutsInMs.entra,
  // "Sign SAML assertion" is the default (learn.microsoft.com/entra: certificate-signing-options).
  samlSigns: 'assertion',
  newId: () => randomUUID(),
  attributes,
  procedures,
} as const;

/** Entra ID without the flag: capitalized operations, one per attribute, and "False" as a string. */
export const entra: Flavor = Object.freeze({
  ...settings,
  name: 'entra',
  title: 'Microsoft Entra ID',
  hasTextBooleans: true,
  requests: {
    ...common,
    updateUser: {
      source: `${flag}: Requests to replace multiple attributes, to add a single-value string attribute`,
      method: 'PATCH',
      path: '/Users/{id}',
      body: patch(
        { $each: 'additions', as: { op: 'Add', path: '{path}', value: '{value}' } },
        { $each: 'replacements', as: { op: 'Replace', path: '{path}', value: '{value}' } },
      ),
      unlessEmpty: 'changes',
    },
    disableUser: {
      source: `${flag}: Requests made to disable users, without the flag`,
      method: 'PATCH',
      path: '/Users/{id}',
      body: patch({ op: 'Replace', path: 'active', value: 'False' }),
    },
    renameGroup: {
      source: `${requests}: Update Group [Non-member attributes]`,
      method: 'PATCH',
      path: '/Groups/{id}',
      body: patch({ op: 'Replace', path: 'displayName', value: '{displayName}' }),
    },
    addMembers: {
      source: `${requests}: Update Group [Add Members]`,
      method: 'PATCH',
      path: '/Groups/{id}',
      body: patch({
        op: 'Add',
        path: 'members',
        value: [{ $each: 'added', as: { $ref: null, value: '{value}' } }],
      }),
      unlessEmpty: 'added',
    },
    removeMembers: {
      source: `${flag}: Requests made to remove a group member, without the flag`,
      method: 'PATCH',
      path: '/Groups/{id}',
      body: patch({
        op: 'Remove',
        path: 'members',
        value: [{ $each: 'removed', as: { value: '{value}' } }],
      }),
      unlessEmpty: 'removed',
    },
  },
} satisfies Flavor);

/** Entra ID with `aadOptscim062020` in the tenant URL, which makes its PATCH requests those of RFC 7644. */
export const entraFlag: Flavor = Object.freeze({
  ...settings,
  name: 'entra-flag',
  title: 'Microsoft Entra ID (aadOptscim062020)',
  requests: {
    ...common,
    updateUser: {
      source: `${flag}: Requests to replace multiple attributes, to add a single-value string attribute, with the flag`,
      method: 'PATCH',
      path: '/Users/{id}',
      body: patch(
        { $each: 'additions', as: { op: 'add', path: '{path}', value: '{value}' } },
        { $each: 'filteredReplacements', as: { op: 'replace', path: '{path}', value: '{value}' } },
        { $each: 'plainReplacements', as: { op: 'replace', path: '{path}', value: '{value}' } },
      ),
      unlessEmpty: 'changes',
    },
    disableUser: {
      source: `${flag}: Requests made to disable users, with the flag`,
      method: 'PATCH',
      path: '/Users/{id}',
      body: patch({ op: 'replace', path: 'active', value: false }),
    },
    renameGroup: {
      source: `${requests}: Update Group [Non-member attributes], with the operation as the flag spells it`,
      method: 'PATCH',
      path: '/Groups/{id}',
      body: patch({ op: 'replace', path: 'displayName', value: '{displayName}' }),
    },
    addMembers: {
      source: `${requests}: Update Group [Add Members], with the operation as the flag spells it`,
      method: 'PATCH',
      path: '/Groups/{id}',
      body: patch({
        op: 'add',
        path: 'members',
        value: [{ $each: 'added', as: { $ref: null, value: '{value}' } }],
      }),
      unlessEmpty: 'added',
    },
    removeMembers: {
      source: `${flag}: Requests made to remove a group member, with the flag`,
      method: 'PATCH',
      path: '/Groups/{id}',
      body: patch({ $each: 'removed', as: { op: 'remove', path: 'members[value eq "{value}"]' } }),
      unlessEmpty: 'removed',
    },
  },
} satisfies Flavor);
