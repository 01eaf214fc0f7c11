import { randomInt } from 'node:crypto';
import type { Json } from '../../../scim/json.ts';
import { idpTimeoutsInMs, oneloginShowsNoBody, oneloginSigns } from '../../assumptions.ts';
import type { Flavor } from '../flavor.ts';
import { urns } from '../urns.ts';

const workato = 'docs.workato.com/scim-onelogin.html';
const seen = 'github.com/goauthentik/authentik/issues/11249 (requests in a log)';
const guide = 'developers.onelogin.com/scim/implement-scim-api';
const noPage = oneloginShowsNoBody;

/** The SCIM JSON template from Workato's guide, filled for one person. */
const template: Json = {
  schemas: [urns.user, urns.workatoRole],
  userName: '{userName}',
  name: { givenName: '{givenName}', familyName: '{familyName}', formatted: '{displayName}' },
  emails: [{ value: '{email}', type: 'work', primary: true }],
  [urns.workatoRole]: {
    workato_role: '{workato_role}',
    workato_role_test: '{workato_role_test}',
    workato_role_prod: '{workato_role_prod}',
  },
};

// OneLogin sends the PATCH of a group with an empty User-Agent, which firewalls often reject.
const anonymous = { 'user-agent': '' };

/** OneLogin with the application "SAML with SCIM Provisioner (core user 2.0)", set up with Workato's guide. */
export const onelogin: Flavor = Object.freeze({
  name: 'onelogin',
  title: 'OneLogin',
  headers: {},
  timeoutInMs: idpTimeoutsInMs.onelogin,
  samlSigns: oneloginSigns,
  newId: () => String(randomInt(100_000_000, 999_999_999)),
  requests: {
    findUser: {
      source: `${seen}; ${guide}: Get User by userName`,
      method: 'GET',
      path: '/Users?filter=userName+eq+%22{userName}%22&',
      answer: { listBy: 'userName' },
      mayBeMissing: true,
    },
    createUser: {
      source: `${workato}: SCIM JSON template; ${guide}: Create User`,
      method: 'POST',
      path: '/Users?',
      body: template,
      answer: 'created',
    },
    updateUser: {
      source: `${seen}; ${workato}: SCIM JSON template`,
      method: 'PUT',
      path: '/Users/{id}?',
      body: { ...template, active: true },
    },
    suspendUser: {
      source: `${workato}: "When users are deleted: Suspend"; ${noPage} the template with active false`,
      method: 'PUT',
      path: '/Users/{id}?',
      body: { ...template, active: false },
    },
    listGroups: {
      source: `${guide}: Get Groups`,
      method: 'GET',
      path: '/Groups?',
      answer: { listBy: 'displayName' },
      mayBeMissing: true,
    },
    createGroup: {
      source: `${guide}: Create Group; ${noPage} the minimum that RFC 7643 requires`,
      method: 'POST',
      path: '/Groups?',
      body: { schemas: [urns.group], displayName: '{displayName}' },
      answer: 'created',
    },
    renameGroup: {
      source: `${guide}: Patch Group; ${noPage} OneLogin uses the group names of the service`,
      method: 'PATCH',
      path: '/Groups/{id}?',
      headers: anonymous,
      body: {
        schemas: [urns.patchOp],
        Operations: [{ op: 'replace', path: 'displayName', value: '{displayName}' }],
      },
    },
    changeMembers: {
      source: `${guide}: Patch Group; ${noPage} the form of RFC 7644 §3.5.2`,
      method: 'PATCH',
      path: '/Groups/{id}?',
      headers: anonymous,
      body: {
        schemas: [urns.patchOp],
        Operations: [
          {
            $each: 'addedTogether',
            as: { op: 'add', path: 'members', value: [{ $each: 'added', as: { value: '{value}' } }] },
          },
          { $each: 'removed', as: { op: 'remove', path: 'members[value eq "{value}"]' } },
        ],
      },
      unlessEmpty: 'membersChanged',
    },
    deleteGroup: {
      source: `${noPage} the DELETE of RFC 7644 §3.6`,
      method: 'DELETE',
      path: '/Groups/{id}?',
      mayBeMissing: true,
    },
  },
  procedures: {
    assignUser: [
      { send: 'findUser' },
      { send: 'createUser', when: 'unmatched' },
      { send: 'updateUser', when: 'matched' },
    ],
    changeUser: [
      { send: 'findUser', when: 'unmatched' },
      { send: 'createUser', when: 'unmatched' },
      { send: 'updateUser', when: 'matched' },
    ],
    unassignUser: [
      { send: 'findUser', when: 'unmatched' },
      { send: 'suspendUser', when: 'matched' },
    ],
    deleteUser: [
      { send: 'findUser', when: 'unmatched' },
      { send: 'suspendUser', when: 'matched' },
    ],
    pushGroup: [
      { send: 'listGroups' },
      { send: 'createGroup', when: 'unmatched' },
      { send: 'changeMembers' },
    ],
    renameGroup: [{ send: 'renameGroup' }],
    changeMembers: [{ send: 'changeMembers' }],
    deleteGroup: [{ send: 'deleteGroup' }],
  },
} satisfies Flavor);
