import { randomBytes } from 'node:crypto';
import type { Json } from '../../../scim/json.ts';
import type { Flavor, RequestRow } from '../flavor.ts';
import { urns } from '../urns.ts';

// github.com/okta/okta-developer-docs: docs/reference/scim/scim-20 and docs/concepts/scim/faqs.
const reference = 'developer.okta.com/docs/reference/scim/scim-20';
const questions = 'developer.okta.com/docs/concepts/scim/faqs';
const workatoRoles = 'docs.workato.com/en/scim-okta.html';

/** The attributes of the application's profile, with Workato's roles in their external namespace. */
const profile: Json = {
  userName: '{userName}',
  name: { givenName: '{givenName}', familyName: '{familyName}' },
  emails: [{ primary: true, value: '{email}', type: 'work' }],
  displayName: '{displayName}',
  locale: 'en-US',
  externalId: '{externalId}',
  [urns.enterprise]: { department: '{department}' },
  [urns.workatoRole]: {
    workato_role: '{workato_role}',
    workato_role_test: '{workato_role_test}',
    workato_role_prod: '{workato_role_prod}',
  },
};

const findUser: RequestRow = {
  source: `${reference}: Determine if the User already exists`,
  method: 'GET',
  path: '/Users?filter=userName%20eq%20%22{userName}%22&startIndex=1&count=100',
  answer: { listBy: 'userName' },
  // "Another acceptable response" to an empty list is 404.
  mayBeMissing: true,
};
const createUser: RequestRow = {
  source: `${reference}: Create the User; the roles: ${workatoRoles}`,
  method: 'POST',
  path: '/Users',
  body: { schemas: '{schemas}', ...profile, groups: [], active: true },
  answer: 'created',
};
const readUser: RequestRow = {
  source: `${reference}: Update a specific User (PUT), Retrieve the User`,
  method: 'GET',
  path: '/Users/{id}',
  answer: 'current',
};
const findGroup: RequestRow = {
  source: `${questions}: User search and matching, with the form of the lookup of users`,
  method: 'GET',
  path: '/Groups?filter=displayName%20eq%20%22{displayName}%22&startIndex=1&count=100',
  answer: { listBy: 'displayName' },
  mayBeMissing: true,
};
const createGroup: RequestRow = {
  source: `${reference}: Create Groups`,
  method: 'POST',
  path: '/Groups',
  body: { schemas: [urns.group], displayName: '{displayName}', members: [] },
  answer: 'created',
};
const deleteGroup: RequestRow = {
  source: `${reference}: Delete a specific Group`,
  method: 'DELETE',
  path: '/Groups/{id}',
  mayBeMissing: true,
};
const member: Json = { value: '{value}', display: '{display}' };

const patchActive = (active: boolean): RequestRow => ({
  source: `${reference}: Update a specific User (PATCH)`,
  method: 'PATCH',
  path: '/Users/{id}',
  body: { schemas: [urns.patchOp], Operations: [{ op: 'replace', value: { active } }] },
});

const common = {
  headers: { 'user-agent': 'Okta SCIM Client 1.0.0' },
  // "Ensure that your server responds within 60 seconds" (docs/concepts/scim/faqs).
  timeoutInMs: 60_000,
  // The defaults of the wizard (help.okta.com: aiw-saml-reference).
  samlSigns: 'both',
  newId: (kind: 'user' | 'group') => `00${kind[0]}${randomBytes(13).toString('hex').slice(0, 17)}`,
} as const;

/** Okta, an application of the integration network: PATCH turns users on and off and changes groups. */
export const okta: Flavor = Object.freeze({
  ...common,
  name: 'okta',
  title: 'Okta',
  requests: {
    findUser,
    createUser,
    readUser,
    replaceUser: {
      source: `${reference}: Update the User: "all updates to a User object are handled using a PUT", but activation`,
      method: 'PUT',
      path: '/Users/{id}',
      body: { $over: 'current', put: { schemas: '{schemas}', ...profile } },
    },
    activateUser: patchActive(true),
    deactivateUser: patchActive(false),
    findGroup,
    createGroup,
    renameGroup: {
      source: `${reference}: Update a specific Group name: "triggered each time there is a group membership update"`,
      method: 'PATCH',
      path: '/Groups/{id}',
      body: {
        schemas: [urns.patchOp],
        Operations: [{ op: 'replace', value: { id: '{id}', displayName: '{displayName}' } }],
      },
    },
    changeMembers: {
      source: `${reference}: Update specific Group membership`,
      method: 'PATCH',
      path: '/Groups/{id}',
      body: {
        schemas: [urns.patchOp],
        Operations: [
          { $each: 'removed', as: { op: 'remove', path: 'members[value eq "{value}"]' } },
          {
            $each: 'addedTogether',
            as: { op: 'add', path: 'members', value: [{ $each: 'added', as: member }] },
          },
        ],
      },
      unlessEmpty: 'membersChanged',
    },
    replaceMembers: {
      source: `${reference}: Update specific Group membership: "a full push of the membership"`,
      method: 'PATCH',
      path: '/Groups/{id}',
      body: {
        schemas: [urns.patchOp],
        Operations: [{ op: 'replace', path: 'members', value: [{ $each: 'members', as: member }] }],
      },
    },
    deleteGroup,
  },
  procedures: {
    assignUser: [
      { send: 'findUser' },
      { send: 'createUser', when: 'unmatched' },
      { send: 'activateUser', when: 'inactive' },
      { send: 'readUser', when: 'matched' },
      { send: 'replaceUser', when: 'matched' },
    ],
    changeUser: [{ send: 'readUser' }, { send: 'replaceUser' }],
    unassignUser: [
      { send: 'findUser', when: 'unmatched' },
      { send: 'deactivateUser', when: 'matched' },
    ],
    // "Okta doesn't perform DELETE operations on User objects".
    deleteUser: [
      { send: 'findUser', when: 'unmatched' },
      { send: 'deactivateUser', when: 'matched' },
    ],
    pushGroup: [
      { send: 'findGroup' },
      { send: 'createGroup', when: 'unmatched' },
      { send: 'renameGroup' },
      { send: 'replaceMembers' },
    ],
    renameGroup: [{ send: 'renameGroup' }],
    changeMembers: [{ send: 'renameGroup' }, { send: 'changeMembers' }],
    deleteGroup: [{ send: 'deleteGroup' }],
  },
} satisfies Flavor);

/** Okta, an application created with the App Integration Wizard: every change is a GET and a PUT of the whole resource. */
export const oktaPut: Flavor = Object.freeze({
  ...common,
  name: 'okta-put',
  title: 'Okta (App Integration Wizard)',
  requests: {
    findUser,
    createUser,
    readUser,
    replaceUser: {
      source: `${reference}: Update the User, for "custom app integrations created using the AIW"`,
      method: 'PUT',
      path: '/Users/{id}',
      body: { $over: 'current', put: { schemas: '{schemas}', ...profile, active: '{active}' } },
    },
    deactivateUser: {
      source: `${reference}: Delete Users: for the AIW, active is set to false "through a PUT method request"`,
      method: 'PUT',
      path: '/Users/{id}',
      body: { $over: 'current', put: { active: false } },
    },
    findGroup,
    createGroup,
    readGroup: {
      source: `${reference}: Retrieve specific Groups`,
      method: 'GET',
      path: '/Groups/{id}',
      answer: 'current',
    },
    replaceGroup: {
      source: `${reference}: Update a specific Group name, Update specific Group membership (PUT)`,
      method: 'PUT',
      path: '/Groups/{id}',
      body: {
        $over: 'current',
        put: { displayName: '{displayName}', members: [{ $each: 'members', as: member }] },
      },
    },
    deleteGroup,
  },
  procedures: {
    assignUser: [
      { send: 'findUser' },
      { send: 'createUser', when: 'unmatched' },
      { send: 'readUser', when: 'matched' },
      { send: 'replaceUser', when: 'matched' },
    ],
    changeUser: [{ send: 'readUser' }, { send: 'replaceUser' }],
    unassignUser: [
      { send: 'findUser', when: 'unmatched' },
      { send: 'readUser', when: 'matched' },
      { send: 'deactivateUser', when: 'matched' },
    ],
    deleteUser: [
      { send: 'findUser', when: 'unmatched' },
      { send: 'readUser', when: 'matched' },
      { send: 'deactivateUser', when: 'matched' },
    ],
    pushGroup: [
      { send: 'findGroup' },
      { send: 'createGroup', when: 'unmatched' },
      { send: 'readGroup' },
      { send: 'replaceGroup' },
    ],
    renameGroup: [{ send: 'readGroup' }, { send: 'replaceGroup' }],
    changeMembers: [{ send: 'readGroup' }, { send: 'replaceGroup' }],
    deleteGroup: [{ send: 'deleteGroup' }],
  },
} satisfies Flavor);
