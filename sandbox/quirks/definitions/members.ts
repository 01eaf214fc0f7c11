import { isJsonObject } from '../../../scim/json.ts';
import { badRequest, ScimError } from '../../../scim/scim-error.ts';
import type { Write } from '../../scim/service/interceptors.ts';
import { type MemberChange, memberChanges, memberIds } from '../member-changes.ts';
import { defineQuirk } from '../quirk.ts';

const mostOperations = 100;

/** Quirks of membership changes. */
export const memberQuirks = [
  defineQuirk({
    name: 'remove-non-member-rejected',
    summary: 'Removing a non-member is rejected with 400 `noTarget`, and so is the whole PATCH.',
    seenAt: ['WSO2 Identity Server', 'SimpleIdServer', 'SCIM-SDK'],
    sources: ['wso2/product-is#16097', 'Captain-P-Goldfish/SCIM-SDK'],
    aspect: 'removal of non-members',
    play: () => ({
      write: onMembers((change, members) => {
        if (change.kind === 'remove' && change.ids.some((id) => !members.has(id)))
          throw badRequest('noTarget', 'No target found for the path filter.');
      }),
    }),
  }),
  defineQuirk({
    name: 'remove-non-member-404',
    summary: 'Removing a non-member gets a 404, and so does the whole PATCH.',
    seenAt: ['SimpleIdServer', 'WSO2 Identity Server'],
    sources: ['wso2/product-is#16097', 'simpleidserver/SimpleIdServer#245'],
    aspect: 'removal of non-members',
    play: () => ({
      write: onMembers((change, members) => {
        if (change.kind === 'remove' && change.ids.some((id) => !members.has(id)))
          throw new ScimError(404, 'Member not found.');
      }),
    }),
  }),
  defineQuirk({
    name: 'add-member-conflict',
    summary: 'Adding an existing member gets a 409, and so does the whole PATCH.',
    seenAt: ['SimpleIdServer', 'WSO2 Identity Server'],
    sources: ['simpleidserver/SimpleIdServer#245', 'wso2/product-is#8589'],
    play: () => ({
      write: onMembers((change, members) => {
        if (change.kind === 'add' && change.ids.some((id) => members.has(id)))
          throw new ScimError(409, 'The group has this member already.');
      }),
    }),
  }),
  defineQuirk({
    name: 'one-member-per-request',
    summary: 'A PATCH that names more than one member is rejected with 400.',
    seenAt: ['Google Cloud Identity'],
    sources: ['docs.cloud.google.com: customers.v2.Groups.patch'],
    excludes: ['max-100-operations'],
    play: () => ({
      write: onPatch((changes) => {
        if (countOf(changes) > 1) throw badRequest('invalidValue', 'Change one member per request.');
      }),
    }),
  }),
  defineQuirk({
    name: 'replace-members-rejected',
    summary: 'A PATCH that replaces all members, or removes all of them, is rejected with 400.',
    seenAt: ['AWS IAM Identity Center', 'keycloak-scim', 'INDIGO IAM'],
    sources: [
      'docs.aws.amazon.com/singlesignon/latest/developerguide/limitations.html',
      'mitodl/keycloak-scim#73',
      'indigo-iam/iam#934',
    ],
    play: () => ({
      write: onPatch((changes) => {
        for (const { kind } of changes) {
          if (kind === 'replace') throw new ScimError(400, 'Replacing group memberships is not supported.');
          if (kind === 'removeAll') throw new ScimError(400, 'Removing all memberships is not supported.');
        }
      }),
    }),
  }),
  defineQuirk({
    name: 'max-100-operations',
    summary: `A request that changes more than ${mostOperations} memberships, or has more than ${mostOperations} operations, is rejected with 400.`,
    seenAt: ['AWS IAM Identity Center'],
    sources: ['slashdevops/idp-scim-sync#62', 'goauthentik/authentik#25330'],
    play: () => ({
      write: (write) => {
        const { operations = [], body, type } = write;
        const members = type.name === 'Group' && isJsonObject(body) ? memberIds(body.members) : [];
        const most = Math.max(operations.length, countOf(memberChanges(type, operations)), members.length);
        if (most > mostOperations)
          throw new ScimError(400, 'Request is unparsable, syntactically incorrect, or violates schema.');
        return write;
      },
    }),
  }),
] as const;

function onPatch(check: (changes: readonly MemberChange[]) => void): (write: Write) => Write {
  return (write) => {
    if (write.type.name === 'Group' && write.operations !== undefined)
      check(memberChanges(write.type, write.operations));
    return write;
  };
}

/** Checks each change against the members as of the previous changes. */
function onMembers(
  check: (change: MemberChange, members: ReadonlySet<string>) => void,
): (write: Write) => Write {
  return (write) => {
    const members = new Set(memberIds(write.before?.attributes.members));
    onPatch((changes) => {
      for (const change of changes) {
        check(change, members);
        if (change.kind === 'replace' || change.kind === 'removeAll') members.clear();
        for (const id of change.ids) {
          if (change.kind === 'remove') members.delete(id);
          else members.add(id);
        }
      }
    })(write);
    return write;
  };
}

function countOf(changes: readonly MemberChange[]): number {
  return changes.reduce((sum, { ids }) => sum + ids.length, 0);
}
