import type { TraitName } from '../connector/traits.ts';

/** What a trait means for actions and triggers, in one sentence. */
export const consequences: Readonly<Record<TraitName, string>> = {
  'active-omitted-when-false':
    'Triggers cannot see a deactivation: a user without `active` can be active or not.',
  'add-member-conflict': 'Rolecall reads a group first, and adds only users who are not members.',
  'booleans-as-text': 'Nothing: Rolecall reads `"True"` and `"False"` as booleans.',
  'bulk-statuses-as-objects': 'Nothing: bulk actions read this form, too.',
  'bulk-stops-at-first-error': 'Bulk actions send the rows after a failed one again.',
  'conflict-400':
    'Create User reports `invalid_input` instead of `conflict` for a username that is taken; use Create or Update User.',
  'count-ignored': 'Pages are larger or smaller than requested; lists are still complete.',
  'create-returns-empty-object': 'A create takes one more request, which reads the new resource.',
  'create-returns-no-id': 'A create takes one more request, which looks the new resource up by name.',
  'cursor-only-paging': 'Lists are read by cursor.',
  'deactivate-deletes':
    'Deactivate User deletes: the user cannot be activated again, and triggers report a deletion.',
  'deactivate-ignored': 'Deactivate User fails with `provider_fault`; delete the user instead.',
  'delete-gone-500': 'Delete User reads the user after a 500, to see whether it is gone.',
  'deleted-names-stay-taken':
    'A deleted user cannot be created again under the same username; deactivate users instead.',
  'directory-empty': 'Nobody can be found, and the safeguard of triggers holds deletions back.',
  'email-filter-rejected':
    'Searches by email are rejected; lookups of one user by email use the username or read the list.',
  'emails-as-strings': 'The type of an email and the primary email are not known.',
  'emails-not-kept': 'Users cannot be found by email, unless it is their username.',
  'empty-filter-404': 'A lookup takes one more request, which distinguishes "nobody" from "no such service".',
  'empty-list-without-resources': 'Nothing: such a list is read as an empty one.',
  'external-id-unique': 'Two users cannot share an `externalId`; creates then fail with `conflict`.',
  'filter-500': 'Searches by other attributes than the username fail; lookups of one user read the list.',
  'filter-stamps-local': 'Polls that ask for changes can miss some; use full comparison.',
  'filters-ignored': 'Every lookup reads the whole list; in a large directory, identify users by ID.',
  'groups-list-empty-members': 'Membership triggers read each group by ID: one request per group and poll.',
  'groups-list-without-members': 'Membership triggers read each group by ID: one request per group and poll.',
  'id-case-changes': 'Compare IDs without regard to case in your own steps.',
  'ids-reused': 'Do not store IDs of deleted users: they come back as other users.',
  'if-match-ignored': '`ifVersion` protects nothing: concurrent changes overwrite each other.',
  'if-match-rejected': '`ifVersion` cannot be used: every such change fails.',
  'inactive-users-unlisted':
    'Searches omit inactive users, and only users with known IDs can be activated again.',
  'invitation-pending':
    'Updates and deactivations of a new user fail with `conflict` until the user has accepted the invitation.',
  'large-count-rejected': 'Lists are read in smaller pages.',
  'last-modified-frozen':
    'Polls that only ask for changes miss some; keep the regular full reads, or use full comparison.',
  'late-visibility':
    'Polls report a change some seconds late; keep the look-back at least as long as the delay.',
  'list-cursor-expires': 'A list whose cursor expires is started again.',
  'list-entry-without-id':
    'Such a user cannot be identified: lookups fail, and polls leave the entry out and log it.',
  'list-skips-one':
    'Lists are incomplete: searches fail, and users whom lists omit can only be identified by ID.',
  'list-without-active': 'Polls and searches cannot see `active`; actions that read a user by ID can.',
  'max-100-operations': 'Large membership changes are sent in several requests.',
  'members-cut-at-100': 'Members after the first ones are invisible: membership triggers cannot see them.',
  'members-never-shown': 'Membership triggers see no members, and searches for groups show none.',
  'nested-groups-unlisted': 'Nested groups are seen only in groups that are read by ID.',
  'no-bulk': 'Bulk actions send one request per row.',
  'no-created-stamp': 'Triggers cannot use the time of creation.',
  'no-discovery': '`--discover` does not work, and capabilities have to be tried.',
  'no-filter': 'Every lookup reads the whole list; in a large directory, identify users by ID.',
  'no-op-patch-rejected': 'Rolecall reads a resource first, and leaves out what is the same.',
  'no-paging': 'Every list comes in one response, which has to fit into `maxResponseBytes`.',
  'no-patch': 'Changes are made by GET and PUT.',
  'no-patch-unannounced': 'Changes are made by GET and PUT, after a first PATCH has failed.',
  'no-put': 'Replace User and Replace Group do not work; use Update User.',
  'no-stamps': 'Polls compare the whole list each time.',
  'no-versions': '`ifVersion` cannot be used: concurrent changes overwrite each other.',
  'numeric-ids': 'Nothing: Rolecall reads such an ID as a string.',
  'numeric-ids-beyond-2-53': 'Users cannot be identified safely: Rolecall refuses such IDs.',
  'numeric-version': 'Versions are compared as text.',
  'one-member-per-request': 'Each member of a change takes a request of its own.',
  'other-id-in-response':
    'Actions and polls that read by ID fail with `provider_fault`, so that no other user is changed.',
  'patch-filter-paths-rejected': 'Changes that need a filter in a path are made by value, or by PUT.',
  'patch-ignored': 'Role and membership changes by PATCH fail with `provider_fault`, or are made by PUT.',
  'patch-returns-empty-object': 'A change takes one more request, which reads the resource.',
  'patch-returns-list': 'A change takes one more request, which reads the resource.',
  'patch-returns-no-content': 'A change takes one more request, which reads the resource.',
  'patch-returns-stale': 'A change takes one more request, which reads the resource.',
  'rate-limit-403': 'Nothing: Rolecall waits, and sends the request again.',
  'remove-non-member-404': 'Rolecall reads a group first, and removes only members.',
  'remove-non-member-rejected': 'Rolecall reads a group first, and removes only members.',
  'repeats-in-list': 'Each user is reported once; totals are too high.',
  'replace-members-rejected': 'Set Group Members sends additions and removals.',
  'retry-after-epoch': 'Waits count as long ones: a throttled action fails with `rate_limited`.',
  'roles-hidden': 'Role triggers see no roles with this token.',
  'single-user-unreadable':
    'Actions on such a user fail, and a poll keeps the user open until it can be read.',
  'start-index-from-zero': 'Searches of more than one page can fail, because pages omit a user.',
  'start-index-ignored':
    'Only the first page can be read; Rolecall asks for larger ones, and fails if a list may be cut.',
  'start-index-is-page-number': 'Searches of more than one page can fail, because pages are skipped.',
  'start-index-required': 'Nothing: Rolecall asks again with `startIndex=1`.',
  'totals-as-text': 'Nothing: Rolecall reads them as numbers.',
  'totals-count-page': 'A list ends only after an empty page, which takes one more request.',
  'totals-missing': 'A list ends only after an empty page, which takes one more request.',
  'totals-shrink': 'Nothing: the largest total of a list counts.',
  'unknown-filter-empty':
    'Searches by other attributes than the username find nobody; lookups of one user read the list.',
  'unknown-id-500':
    'A deleted user looks like an error: Rolecall compares with a made-up ID before it reports a deletion.',
  'unstable-order': 'Lists are read with `sortBy`.',
  'zoneless-stamps': 'Nothing: Rolecall reads such stamps as UTC.',
};
