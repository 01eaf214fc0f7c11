import { fill, type Values } from '../schemas/fill.ts';

/** What happened, and what to do next, as templates. */
export interface ErrorText {
  readonly what: string;
  readonly nextStep: string;
}

const contactProvider = 'Try again. If the error persists, contact the provider.';
const checkBaseUrl = 'Check that `baseUrl` is the URL of the SCIM service. If it is, contact the provider.';

/**
 * The sentences of errors that the library and the Workato connector have in common, as data: the connector's Ruby is
 * generated with them. A name in backticks is the key of a field; each surface puts its own name there, such as the
 * label of a form or a flag.
 */
export const errorTexts = Object.freeze({
  invalidInput: { what: 'Invalid input: {problems}.', nextStep: 'Correct the input and try again.' },

  // Responses that reject.
  inputRejected: {
    what: 'The provider rejected the input (status {status}).{detail}',
    nextStep: 'Correct the input and try again.',
  },
  tokenRejected: {
    what: 'The provider rejected the token.{detail}',
    nextStep: 'Check that `token` is complete, and that it has not expired or been replaced.',
  },
  accountRejected: {
    what: 'The provider rejected the username or password.{detail}',
    nextStep: 'Check `auth.username` and `auth.password`, and that the account is not locked.',
  },
  headerRejected: {
    what: 'The provider rejected the header that authenticates the connection.{detail}',
    nextStep:
      'Check `auth.headerName` and `auth.headerValue`, and that the key has not expired or been replaced.',
  },
  freshTokenRejected: {
    what: 'The provider rejected an access token that the token endpoint had just issued.{detail}',
    nextStep:
      'Check `auth.audience`, `auth.resource`, and `auth.scope`: the token may be for another API. Check also that `auth.tokenUrl` belongs to this provider.',
  },
  tokenScopeMissing: {
    what: 'The token does not have the scope that this request requires{scope}.{detail}',
    nextStep: 'Use a token with this scope.',
  },
  clientScopeMissing: {
    what: 'The access token does not have the scope that this request requires{scope}.{detail}',
    nextStep: 'Add it to `auth.scope`, and grant it to the client at the authorization server.',
  },
  blockedByProxy: {
    what: 'A proxy or firewall rejected the request with a web page.',
    nextStep: 'Check the proxy and `baseUrl`.',
  },
  forbidden: {
    what: 'The credentials do not have permission for this request.{detail}',
    nextStep: 'Grant the permission, and check that SCIM is enabled at the provider.',
  },
  dryRunEnds: {
    what: 'What follows {method} {path} cannot be predicted.',
    nextStep: 'Run the action without a dry run, or check the resource yourself.',
  },
  resourceNotFound: {
    what: 'The resource does not exist at the provider.{detail}',
    nextStep: 'Check the ID or name. The resource may have been deleted.',
  },
  conflict: {
    what: 'The request conflicts with existing data at the provider.{detail}',
    nextStep:
      'If the user or group already exists, update it instead of creating it. Otherwise, choose another name.',
  },
  invitationPending: {
    what: 'The {resource} has not accepted the invitation yet, so the provider rejected the change.{detail}',
    nextStep:
      'Ask the person to accept the invitation, then try again. To withdraw it, use the administration of the provider.',
  },
  invitationMaybePending: {
    what: 'The provider rejected the change of the {resource} (status {status}).{detail}',
    nextStep:
      'If the invitation is pending, ask the person to accept it, then try again. Otherwise, grant the permission to the credentials.',
  },
  versionChanged: {
    what: 'The resource has changed since the given version.',
    nextStep: 'Read it again, and repeat the change if it is still needed.',
  },
  rateLimited: {
    what: 'The provider limits the request rate, and the time limit was too short to wait.',
    nextStep: 'Try again {when}. If it happens often, lower `requestsPerMinute`.',
  },
  unavailable: {
    what: 'The provider failed with status {status} after {attempts}.{detail}',
    nextStep: 'Try again {when}. If the error persists, contact the provider.',
  },
  unsupported: {
    what: 'The provider does not support this request (status {status}).{detail}',
    nextStep: 'Use another action, or check which features the provider supports.',
  },
  webPage: { what: 'The response is a web page (status {status}), not SCIM.', nextStep: checkBaseUrl },
  unexpectedStatus: {
    what: 'The provider responded with status {status}, which SCIM does not define.{detail}',
    nextStep: checkBaseUrl,
  },
  massChange: { what: 'Too many changes at once.', nextStep: 'Review the change before you approve it.' },

  // Responses that cannot be used, and no response at all.
  webPageInstead: {
    what: 'The response is a web page, not SCIM. It may come from a proxy or a login page.',
    nextStep:
      'Check that `baseUrl` is the URL of the SCIM service, and that no proxy intercepts the request.',
  },
  invalidJson: { what: 'The response is incomplete or not JSON.', nextStep: contactProvider },
  redirected: {
    what: 'The provider redirects the request (status {status}) to {address}. The redirect was not followed, to protect the credentials.',
    nextStep: 'If you trust that address, use it as `baseUrl`.',
  },
  noResponse: {
    what: 'No response from {host} after {attempts}: {reason}.',
    nextStep: 'Try again later. If the error persists, check `baseUrl` and the network.',
  },
  outOfTime: {
    what: 'The time limit passed before the request could be sent.',
    nextStep: 'Try again later, or raise `deadlineInMs`.',
  },
  waitTooLong: {
    what: 'The provider, or `requestsPerMinute`, requires a longer wait than the time limit allows.',
    nextStep: 'Try again {when}.',
  },
  notAResource: { what: 'The response is not a SCIM {resource}: {reason}.', nextStep: checkBaseUrl },
  notAList: { what: 'The response is not a SCIM list: {reason}.', nextStep: checkBaseUrl },
  listMissing: {
    what: 'The provider has no list of this resource type (status 404).',
    nextStep:
      'Check that `baseUrl` ends where "/Users" begins, and that the provider supports this resource type.',
  },
  listCutShort: {
    what: 'The list is incomplete: the provider reported {total} results but returned {read}.',
    nextStep: 'Try again. If the error persists, lower `pageSize` and contact the provider.',
  },
  listMaybeCutShort: {
    what: 'The list may be incomplete: the provider returned the same {size} results again for the next page.',
    nextStep: 'Narrow the search to fewer results, and ask the provider how it pages lists.',
  },
  listHasGap: {
    what: 'The list is incomplete: the provider returned an empty page after {read} results, and more results after it.',
    nextStep: 'Try again. If the error persists, lower `pageSize` and contact the provider.',
  },
  listPageRejected: {
    what: 'The list may be incomplete: the provider returned {size} results, and rejected the request for the next page.',
    nextStep: 'Narrow the search to fewer results, and ask the provider how it pages lists.',
  },
  listLoops: {
    what: 'Pagination loop: the provider returned the same page again after {read} results.',
    nextStep: 'Narrow the search to fewer pages, and contact the provider.',
  },
  listEndless: {
    what: 'Endless list: after {read} results in {pages} pages, the provider still announces more.',
    nextStep: 'Narrow the search to fewer pages, and contact the provider.',
  },
  cursorExpired: {
    what: 'The cursor of the list expired {restarts} times before the list was complete.',
    nextStep: 'Try again later with a higher `pageSize`, and ask the provider how long cursors are valid.',
  },
  filterIgnored: {
    what: 'The provider ignored the filter {path} eq "{value}", and its list of {resource}s does not show that attribute.',
    nextStep: 'Identify the {resource} by ID instead.',
  },
  wrongResource: {
    what: 'The provider returned {returned} when asked for {requested}.',
    nextStep: 'Check both resources at the provider, and report the problem to its support.',
  },
  numberInexact: {
    what: 'The provider sent the number {value} where SCIM has text. The number is too large to be read exactly, so it may identify another resource. Nothing was changed.',
    nextStep: 'Ask the provider to send IDs as text.',
  },

  // The token endpoint of OAuth 2.0 client credentials.
  clientRejected: {
    what: 'The token endpoint rejected the client ID or the client secret.{detail}',
    nextStep:
      'Check `auth.clientId` and `auth.clientSecret`: the secret may have expired or been replaced. If both are correct, change `auth.clientAuthentication`.',
  },
  clientNotAllowed: {
    what: 'The token endpoint does not issue tokens to this client.{detail}',
    nextStep:
      'The client may have been revoked. At the authorization server, activate it, and allow it to use client credentials for this API.',
  },
  scopeRejected: {
    what: 'The token endpoint does not grant the requested scope{scope}.{detail}',
    nextStep: 'Correct `auth.scope`, or grant it to the client at the authorization server.',
  },
  audienceRejected: {
    what: 'The token endpoint rejected the API that the token was requested for.{detail}',
    nextStep: 'Check `auth.audience` and `auth.resource`.',
  },
  grantUnsupported: {
    what: 'The token endpoint does not support client credentials.{detail}',
    nextStep: 'Use another method to authenticate, or ask the provider for the right token URL.',
  },
  tokenRequestRejected: {
    what: 'The token endpoint rejected the request (status {status}).{detail}',
    nextStep: 'Check `auth.tokenUrl`, `auth.clientId`, `auth.scope`, and `auth.audience`.',
  },
  tokenEndpointMissing: {
    what: 'There is no token endpoint at the token URL (status {status}).',
    nextStep: 'Check `auth.tokenUrl`.',
  },
  tokenEndpointHtml: {
    what: 'The token endpoint responded with a web page, not with a token. It may come from a proxy or a login page.',
    nextStep: 'Check `auth.tokenUrl`, and that no proxy intercepts the request.',
  },
  notATokenResponse: {
    what: 'The response of the token endpoint is not a token response: {reason}.',
    nextStep: 'Check that `auth.tokenUrl` is the URL of a token endpoint. If it is, contact the provider.',
  },
  tokenRequestRedirected: {
    what: 'The token endpoint redirects the request (status {status}) to {address}. The redirect was not followed, to protect the client secret.',
    nextStep: 'If you trust that address, use it as `auth.tokenUrl`.',
  },
  tokenRequestsLimited: {
    what: 'The token endpoint limits the request rate, and there was no time left to wait.',
    nextStep: 'Try again {when}.',
  },
  tokenEndpointDown: {
    what: 'The token endpoint failed with status {status} after {attempts}.{detail}',
    nextStep: 'Try again later. If the error persists, contact the operator of the authorization server.',
  },
  tokenEndpointSilent: {
    what: 'No response from the token endpoint at {host} after {attempts}: {reason}.',
    nextStep: 'Try again later. If the error persists, check `auth.tokenUrl` and the network.',
  },

  // Looking resources up.
  notFound: {
    what: 'No {resource} matches {reference}.',
    nextStep: 'Check the spelling. The {resource} may have been deleted, or not provisioned yet.',
  },
  ambiguous: { what: '{count} {resource}s match {reference}.', nextStep: 'Identify one by ID: {ids}.' },
  ambiguousIdentity: {
    what: '{count} resources have {path} "{value}".',
    nextStep: 'Update the right one by its ID.',
  },

  // Changing resources.
  versionChangedByRequest: {
    what: 'The resource has changed since the given version, possibly by this request: a response was lost.',
    nextStep: 'Read it again, and repeat the change if it is missing.',
  },
  lostRace: {
    what: 'Another client keeps changing the same resource.',
    nextStep: 'Try again when the other change is done.',
  },
  creationUnclear: {
    what: 'The provider confirmed the creation, but returned neither the resource nor its location.',
    nextStep: 'Check whether it exists at the provider before you try again.',
  },
  versionsUnsupported: {
    what: 'The provider has no versions of {resource}s, so `ifVersion` cannot be checked.',
    nextStep: 'Omit `ifVersion` to make the change regardless of the version.',
  },
  matchUnproved: {
    what: 'Nothing proves that no {resource} has {path} "{value}": the provider does not filter by it, and its list is too long to compare.',
    nextStep: 'Match by another field, or update the {resource} by ID.',
  },
  nameTaken: {
    what: 'The {path} "{value}" belongs to the {resource} {id}.{detail}',
    nextStep: 'Choose another value, or change that {resource} first.',
  },
  createdByOthers: {
    what: 'A {resource} with {path} "{value}" exists (ID {id}), and nothing shows whether this request created it: a response was lost, and the provider does not report a reliable creation time.',
    nextStep: 'Check this {resource} at the provider, then update it instead of creating it.',
  },
  createdOther: {
    what: 'The provider was asked to create a {resource} with {path} "{value}", and returned another one (ID {id}).',
    nextStep: 'Check whether either exists at the provider before you try again.',
  },
  createdEarlier: {
    what: 'The provider was asked to create a {resource}, and returned one that was created earlier (ID {id}).',
    nextStep: 'Check this {resource} at the provider, then update it instead of creating it.',
  },
  createdWithoutMembers: {
    what: 'The {resource} was created (ID {id}), but not all members were added: {message}',
    nextStep: 'Add the members to it instead of creating it again.',
  },
  notApplied: {
    what: 'The provider confirmed the change, but "{path}" is still {value}.',
    nextStep: 'Make the change at the provider, and report the problem to its support.',
  },
  attributesLost: {
    what: 'The provider made the change, but other attributes of the {resource} {id} are lost or changed: {attributes}.',
    nextStep:
      'If nobody else changed them, set them again at the provider, and report the problem to its support.',
  },
  notChangedThere: {
    what: 'The provider rejected the change with status {status}, but it still returns the {resource} {id}.{detail}',
    nextStep:
      'Check that everything that the change refers to exists, such as a manager or a member. If it does, the provider may not support this change over SCIM.',
  },
  notDeleted: {
    what: 'The provider rejected the deletion with status 404, but still returned the {resource} {id} after {seconds} seconds.',
    nextStep:
      'If the {resource} was deleted a moment ago, try again later: a provider can take a while to show it. Otherwise, the provider may not support deletion over SCIM: deactivate the {resource}, or delete it there.',
  },
  stillShown: {
    what: 'The provider confirmed the deletion with status {status}, but still returned the {resource} {id} after {seconds} seconds.',
    nextStep:
      'Try again later: a provider can take a while to show a deletion. If that fails, check the {resource} at the provider: it may only have been deactivated.',
  },
  membersNotFound: {
    what: 'No {resource} matches {references}. No members were changed.',
    nextStep: 'Check the spelling. Provision missing {resource}s first, or leave them out, then try again.',
  },
  membersNotAdded: {
    what: 'The provider confirmed the change, but these are not members of the group: {ids}.',
    nextStep: 'Make the change at the provider, and report the problem to its support.',
  },
  membersLost: {
    what: 'The provider made the change, but these are no longer members of the group: {ids}.',
    nextStep:
      'If nobody else removed them, add them again at the provider, and report the problem to its support.',
  },
  membersNotRemoved: {
    what: 'The provider confirmed the change, but these are still members of the group: {ids}.',
    nextStep: 'Make the change at the provider, and report the problem to its support.',
  },
  membersHidden: {
    what: 'The group shows no members, and no other group shows any, so the provider may hide them.',
    nextStep: 'Check the members at the provider.',
  },
  membersNotComparable: {
    what: 'The group shows no members, and no other group shows any, so the provider may hide them. No members were changed.',
    nextStep:
      'Add members instead of setting all of them. Once a group shows a member, all members can be set.',
  },
  membersMaybeCut: {
    what: 'The group shows {count} members, which may not be all of them. No members were changed.',
    nextStep: 'Add and remove members instead of setting all of them.',
  },
  sequencePartlyDone: {
    what: '{done} of {total} steps are done. Not done: {left}.',
    nextStep: 'Try again. Steps that are done stay as they are.',
  },
  groupsNotLeft: {
    what: 'The {resource} may still be in {count} of {total} groups: {groups}.',
    nextStep: 'Remove the {resource} from these groups at the provider, or try again.',
  },
  groupsUnproved: {
    what: 'Nothing proves which groups the {resource} is in: {reason}.',
    nextStep: 'Check the groups at the provider.',
  },
  membersPartlyDone: {
    what: '{done} of {total} members were processed before this error: {message}',
    nextStep: 'Try again with the same list. Members that were processed stay as they are.',
  },
  stoppedBefore: {
    what: 'The run was stopped before this row.',
    nextStep: 'Run the rows with this error again.',
  },
  stoppedDuring: {
    what: 'The run was stopped while this change was being made.',
    nextStep: 'The request may have succeeded. Check before you retry.',
  },
  stoppedBeforeStep: {
    what: 'The run was stopped before this step.',
    nextStep: 'Try again. Steps that are done stay as they are.',
  },
  nothingDiscovered: {
    what: 'The provider has none of /ServiceProviderConfig, /ResourceTypes, and /Schemas.',
    nextStep:
      'Check `baseUrl`. If it is correct, the provider does not publish its features, and other actions may still work.',
  },

  // Plans.
  noUserType: {
    what: 'The manifest declares no resource type with usernames, so there is nothing to plan.',
    nextStep: 'Declare one in the manifest.',
  },
  noGroupType: {
    what: 'The manifest declares no resource type with members.',
    nextStep: 'Remove the groups from the desired state, and plan again.',
  },
  planTooLong: {
    what: 'The list of users takes longer than this host allows: {count} users were read.',
    nextStep: 'Plan with rolecall plan or with the library, which have no such limit.',
  },
  changesNotMade: {
    what: 'Changes that were not made: {failed} of {total}. {changes}',
    nextStep: 'Correct the cause, then plan and apply again. Changes that were made are not made twice.',
  },
  planHeld: {
    what: 'Held by the safeguard: {held} of {planned} changes. {reasons} Affected: {names}. Other changes made: {made}.',
    nextStep:
      'Check whether these changes are correct. If they are, apply the plan with {ids} in `approve`: it approves exactly these changes. Otherwise, correct the users in `users`, and plan again.',
  },
  unusableColumns: {
    what: 'Some columns of {source} cannot be used. {columns}',
    nextStep: 'Say in `map` which attribute each column is, with null for a column that is ignored.',
  },

  // Polling.
  stateTooLarge: {
    what: 'The state of {known} users and groups takes {size} characters, but this host can store only {limit}.',
    nextStep:
      'Poll with a host that has a store, such as rolecall watch with --state, or use a push source instead.',
  },
  stateFromNewerVersion: {
    what: 'The state was written by a newer release: it has version {version}, and this release supports {supported}.',
    nextStep: 'Use the newer release, or start over with a new state.',
  },
  modifiedDateUnsupported: {
    what: 'The provider does not support a filter on meta.lastModified, so it cannot report changes by date.',
    nextStep: 'Set `strategy` to "snapshot" or "auto".',
  },
  massChangeBlocked: {
    what: '{changes} {reported}: the next poll checks again.{affected}',
    nextStep: 'Check at the provider whether this is correct. If it is, {approval}.',
  },
  eventsHeld: {
    what: '{changes} These events were not reported.{affected}',
    nextStep: 'Check at the provider whether this is correct. If it is, {approval}.',
  },
} as const satisfies Readonly<Record<string, ErrorText>>);

/** Parts of those sentences. */
export const errorParts = Object.freeze({
  unknownOutcome: 'The request may have succeeded. Check before you retry.',
  detail: ' Provider message: {detail}.',
  oneAttempt: '1 attempt',
  attempts: '{count} attempts',
  later: 'later',
  inOneSecond: 'in 1 second',
  inSeconds: 'in {count} seconds',
  noId: 'it has no ID',
  noObject: 'it is not a JSON object',
  emptyList: 'it is empty',
  noResources: 'it has no "Resources"',
  invalidAddress: 'an invalid address',
  hiddenAddress: 'an address that is not shown',
  noAccessToken: 'it has no "access_token"',
  notABearerToken: 'its "token_type" is not "Bearer"',
  invalidTokenText: 'its token contains characters that a header cannot have',
  membersNotShown: 'no group shows any members, so the provider may hide them',
  membersMayBeCut: 'the group {id} shows {count} members, and may have more',
  groupsUnreadable: 'not all groups of the list can be read (unreadable: {count})',
  stillInGroup: 'the provider confirmed the removal, but still shows the membership',
  removalsConfirmed:
    'The provider confirmed all removals (groups: {count}), but shows nothing that proves which groups the {resource} was in, or that the {resource} is out: {reason}.',
  stepsWithoutToken: 'This step was not run, because the provider rejected the credentials.',
  stepsDeleted: 'The provider deleted the {resource} instead, so this step was not run.',
  stepsWithoutGroups: 'The provider has no list of groups.',
  orReference: ', or ',
  inAll: ' ({count} in all)',
  accessLost:
    '{count} {of}{resource}s would be reported as deactivated or deleted within 24 hours{earlier}, and the limit is {limit}.',
  rolesLost:
    '{count} {of}{resource}s would be reported as having lost a role within 24 hours{earlier}, and the limit is {limit}.',
  membersLost:
    '{count} {of}{resource} memberships would be reported as removed within 24 hours{earlier}, and the limit is {limit}.',
  ofKnown: 'of {known} ',
  reportedEarlier: ' ({count} of them were reported before)',
  directoryEmptied: 'The list of {resource}s is empty, and {known} were known.',
  directoryReplaced:
    'The list has none of the {known} known {resource}s, but {listed} others: it may belong to another tenant.',
  wholeDirectory: 'all {known} {resource}s',
  affected: ' Affected: {names}.',
  nothingReported: 'No events were reported and none are lost',
  othersReported: 'These events are not reported, and none is lost',
  sendAgain: 'set `approve` to "{id}", and have the sender send the message again',
  approveByInput: 'poll with `approve` set to "{id}": it approves exactly these losses',
  andMore: ', and {count} more',
} as const);

/** What to do next, by SCIM's own word for an error (RFC 7644 Table 9, RFC 9865 §2.1). */
export const scimTypeSteps = Object.freeze({
  invalidFilter: 'Use a simpler filter. Many providers support only "eq" and "and", on a few attributes.',
  tooMany: 'Narrow the search.',
  mutability: 'Remove the attribute that cannot be changed.',
  invalidPath: 'Check the attribute name.',
  noTarget: 'Check that the value to change exists.',
  invalidValue: 'Check the spelling and case of the values. Role names are case-sensitive.',
  sensitive: 'Move sensitive values from the URL to the request body.',
  invalidCursor: 'Start the search again.',
  expiredCursor: 'Start the search again.',
  invalidCount: 'Lower `pageSize`.',
} as const);

type TemplatesOf<Text extends ErrorText> = Text['what'] | Text['nextStep'];

/** The two sentences of an error, with their placeholders filled. */
export function fillError<const Text extends ErrorText>(
  text: Text,
  values: Values<TemplatesOf<Text>>,
): { readonly what: string; readonly nextStep: string } {
  const all = values as Values<string>;
  return { what: fill(text.what, all), nextStep: fill(text.nextStep, all) };
}

/** "in 3 seconds"; "later" when it is not known how long. */
export function whenText(waitInMs: number | undefined): string {
  if (waitInMs === undefined) return errorParts.later;
  const count = Math.ceil(waitInMs / 1000);
  return count === 1 ? errorParts.inOneSecond : fill(errorParts.inSeconds, { count });
}

/** "1 attempt", "5 attempts". */
export function attemptsText(count: number): string {
  return count === 1 ? errorParts.oneAttempt : fill(errorParts.attempts, { count });
}

/** What the provider says itself, as a sentence to append; nothing when it says nothing. */
export function detailText(detail: string | undefined): string {
  return detail === undefined ? '' : fill(errorParts.detail, { detail: detail.replace(/[\s.]+$/, '') });
}
