/**
 * The traits of providers: how some of them deviate from the RFCs, or from what clients expect. Profiles state them, the
 * log names them, and the sandbox plays each as a quirk of the same name.
 */
export const traits = {
  'active-omitted-when-false': 'Inactive users are shown without `active`.',
  'add-member-conflict': 'Adding an existing member gets a 409, and so does the whole PATCH.',
  'booleans-as-text': 'Booleans are shown as `"True"` and `"False"`.',
  'bulk-statuses-as-objects':
    'In a bulk response, `status` is `{"code": 201}` and `response` is JSON in a string.',
  'bulk-stops-at-first-error':
    'A bulk request ends at its first error, although `failOnErrors` was not sent.',
  'conflict-400': 'A username that is taken gets a 400 `invalidValue` instead of a 409.',
  'count-ignored': 'Pages have a fixed size, whatever `count` says.',
  'create-returns-empty-object': 'A POST returns 201 with `{}` and a `Location`.',
  'create-returns-no-id': 'A POST returns 201 with a resource that has no `id`, and no `Location`.',
  'cursor-only-paging':
    'Only requests with `cursor` (RFC 9865) get past the first page, without `totalResults`. `startIndex` is ignored.',
  'deactivate-deletes': 'Setting `active` to false deletes the user: 204, then 404.',
  'deactivate-ignored': 'Setting `active` to false gets a 200 and changes nothing, which the response shows.',
  'delete-gone-500': 'A DELETE of an already deleted resource gets a 500.',
  'deleted-names-stay-taken':
    'The `userName` of a deleted user stays reserved: no list shows the user, and a POST gets a 409.',
  'directory-empty':
    'Lists are empty, and a GET by ID finds nothing: the provider has temporarily lost its directory.',
  'email-filter-rejected': 'A filter by `emails` is rejected with a 400 that has no `scimType`.',
  'emails-as-strings': '`emails` and `phoneNumbers` are lists of strings.',
  'emails-not-kept': '`emails` are accepted and discarded: the `userName` is the address.',
  'empty-filter-404': 'A filter without a match gets a 404.',
  'empty-list-without-resources': 'An empty list has no `Resources`.',
  'external-id-unique': 'Two users cannot have the same `externalId`: the second one gets a 409.',
  'filter-500': 'A filter by anything except `userName` and `id` gets a 500.',
  'filter-stamps-local':
    'A timestamp in a filter is read as the local time of the server, although it ends in "Z".',
  'filters-ignored': 'A filter is ignored: the list has every resource.',
  'groups-list-empty-members': 'Lists show groups with `"members": []`. A GET by ID shows the members.',
  'groups-list-without-members': 'Lists show groups without `members`. A GET by ID shows them.',
  'id-case-changes': 'IDs are in upper case in lists and in lower case elsewhere. Both forms are accepted.',
  'ids-reused': 'A new resource gets the ID of the last deleted one.',
  'if-match-ignored': 'Resources have versions, but `If-Match` is ignored.',
  'if-match-rejected': 'Every `If-Match` gets a 412, even with the current version.',
  'inactive-users-unlisted': 'Lists omit inactive users. A GET by ID returns them.',
  'invitation-pending':
    'A created user is invited. Until the invitation is accepted, every PATCH and PUT of the user gets a 403.',
  'large-count-rejected': 'A `count` above 100 is rejected with 400.',
  'last-modified-frozen': 'A change of a name, a role, or the members does not update `meta.lastModified`.',
  'late-visibility':
    'Lists and filters see a change some time after its `meta.lastModified`. A GET by ID sees it immediately.',
  'list-cursor-expires': 'A cursor can expire in the middle of a list (400 `expiredCursor`).',
  'list-entry-without-id': 'Lists show a resource without an `id`.',
  'list-skips-one': 'Lists omit a resource that `totalResults` counts.',
  'list-without-active': 'Lists show users without `active`. A GET by ID shows it.',
  'max-100-operations':
    'A request with too many membership changes or operations, such as more than 100, is rejected with 400.',
  'members-cut-at-100': 'Groups show at most 100 members.',
  'members-never-shown': 'Groups never show their members: `members` is empty or missing everywhere.',
  'nested-groups-unlisted': 'Lists omit members that are groups. A GET by ID shows them.',
  'no-bulk': 'There is no `/Bulk`, and `bulk` in `/ServiceProviderConfig` is only `{"supported": false}`.',
  'no-created-stamp': '`meta` has no `created`.',
  'no-discovery': '`/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas` get a 404.',
  'no-filter': 'Every filter is rejected with 400 `invalidFilter`, and `filter.supported` is false.',
  'no-op-patch-rejected': 'A PATCH that changes nothing is rejected with 400.',
  'no-paging': 'Every list has all results, whatever `startIndex` and `count` say.',
  'no-patch': 'PATCH gets a 405, and `patch.supported` is false.',
  'no-patch-unannounced': 'PATCH gets a 501, although `patch.supported` is true.',
  'no-put': 'PUT gets the HTML page of a 404.',
  'no-stamps': '`meta` has neither `created` nor `lastModified`.',
  'no-versions':
    'Resources have no version and no `ETag`, `If-Match` is ignored, and `etag.supported` is false.',
  'numeric-ids': 'IDs are JSON numbers.',
  'numeric-ids-beyond-2-53':
    'IDs are JSON numbers from 2⁵³, which JavaScript rounds to the IDs of other users.',
  'numeric-version': '`meta.version` is a number.',
  'one-member-per-request': 'A PATCH that names more than one member is rejected with 400.',
  'other-id-in-response': 'A response to a request by ID contains the ID of another user.',
  'patch-filter-paths-rejected':
    'A PATCH with a filter in a path, such as `members[value eq "…"]`, gets a 501.',
  'patch-ignored': 'A PATCH of members or roles gets a 200 and changes nothing, which the response shows.',
  'patch-returns-empty-object': 'A PATCH returns 200 with `{}`.',
  'patch-returns-list': 'A PATCH returns 200 with a ListResponse that has the resource in it.',
  'patch-returns-no-content': 'A PATCH returns 204, for users as well.',
  'patch-returns-stale': 'A PATCH returns 200 with the resource from before the change.',
  'rate-limit-403':
    'A rate limit is reported with a 403 that has `Retry-After`, or `x-ratelimit-remaining: 0` and `x-ratelimit-reset`.',
  'remove-non-member-404': 'Removing a non-member gets a 404, and so does the whole PATCH.',
  'remove-non-member-rejected':
    'Removing a non-member is rejected with 400 `noTarget`, and so is the whole PATCH.',
  'repeats-in-list': 'A list has the same resource several times, and `totalResults` counts the repeats.',
  'replace-members-rejected':
    'A PATCH that replaces all members, or removes all of them, is rejected with 400.',
  'retry-after-epoch': '`Retry-After` is the end of the wait in seconds since 1970.',
  'roles-hidden': 'The extension with the roles is not shown: this token is no longer allowed to read it.',
  'single-user-unreadable': 'A user whom lists show cannot be read by ID (500).',
  'start-index-from-zero': '`startIndex` counts from 0.',
  'start-index-ignored': 'Every page is the first one, whatever `startIndex` says.',
  'start-index-is-page-number': '`startIndex` is the number of the page: 1, 2, 3.',
  'start-index-required': 'A list without a filter is empty unless `startIndex` is sent.',
  'totals-as-text': '`totalResults`, `itemsPerPage` and `startIndex` are strings.',
  'totals-count-page': '`totalResults` is the number of results in this page.',
  'totals-missing': 'Lists have no `totalResults`.',
  'totals-shrink': 'The first page has the correct `totalResults`, each later page its own size.',
  'unknown-filter-empty': 'A filter by anything except `userName` and `id` matches nothing.',
  'unknown-id-500': 'A GET by an unknown ID gets a 500.',
  'unstable-order': 'Without `sortBy`, the order of a list changes from request to request.',
  'zoneless-stamps': '`meta.created` and `meta.lastModified` are UTC without a "Z".',
} as const satisfies Readonly<Record<string, string>>;

/**
 * The name of a trait.
 *
 * @example
 * ```ts
 * const trait: TraitName = 'totals-count-page';
 * ```
 */
export type TraitName = keyof typeof traits;

/** The names of all traits, sorted. */
export const traitNames = Object.keys(traits).sort() as TraitName[];
