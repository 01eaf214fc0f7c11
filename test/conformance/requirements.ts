/** A behavior that an RFC asks of a service provider, and that the sandbox has. */
export interface Requirement {
  /** Cited by the tests that verify it. */
  readonly id: string;
  readonly section: string;
  readonly behavior: string;
}

/** What the sandbox promises. Every row is cited by a test: see requirements.test.ts. */
export const requirements: readonly Requirement[] = [
  // Authentication
  {
    id: 'auth-401',
    section: 'RFC 7644 §2',
    behavior: 'A request without a valid bearer token is answered 401 with WWW-Authenticate.',
  },
  {
    id: 'auth-header-only',
    section: 'RFC 6750 §2.3',
    behavior: 'A token in the query string is not accepted.',
  },
  // Content
  {
    id: 'content-types',
    section: 'RFC 7644 §3.1, §8.1',
    behavior: 'application/scim+json and application/json are read, others answered 415.',
  },
  {
    id: 'syntax-error',
    section: 'RFC 7644 §3.12',
    behavior: 'A body that is no JSON is answered 400 invalidSyntax.',
  },
  {
    id: 'error-body',
    section: 'RFC 7644 §3.12',
    behavior: 'Errors have the Error schema, a status that is a string, and a detail.',
  },
  { id: 'unknown-endpoint', section: 'RFC 7644 §3.12', behavior: 'An unknown endpoint is answered 404.' },
  {
    id: 'method-not-allowed',
    section: 'RFC 9110 §15.5.6',
    behavior: 'A method that an endpoint does not accept is answered 405 with Allow.',
  },
  {
    id: 'me',
    section: 'RFC 7644 §3.11',
    behavior: '/Me is answered 501, since the alias is not supported.',
  },
  // Resources
  {
    id: 'create-201',
    section: 'RFC 7644 §3.3',
    behavior: 'POST answers 201 with the resource and its Location.',
  },
  { id: 'create-meta', section: 'RFC 7643 §3.1', behavior: 'The service assigns id and meta.' },
  {
    id: 'create-ignores-readonly',
    section: 'RFC 7644 §3.3',
    behavior: 'Read-only attributes in a body are ignored.',
  },
  {
    id: 'create-required',
    section: 'RFC 7643 §2.2',
    behavior: 'A missing required attribute is answered 400 invalidValue.',
  },
  {
    id: 'create-unique',
    section: 'RFC 7644 §3.3',
    behavior: 'A duplicate userName, in any case, is answered 409 uniqueness.',
  },
  {
    id: 'create-types',
    section: 'RFC 7643 §2.3',
    behavior: 'A value of the wrong type is answered 400 invalidValue with the attribute and its type.',
  },
  {
    id: 'schemas-required',
    section: 'RFC 7643 §3',
    behavior: 'A resource must name its schema in "schemas".',
  },
  {
    id: 'names-any-case',
    section: 'RFC 7643 §2.1',
    behavior: 'Attribute names and schema URNs compare without regard to case.',
  },
  {
    id: 'unassigned',
    section: 'RFC 7643 §2.5',
    behavior: 'null and an empty array are the same as no value.',
  },
  { id: 'one-primary', section: 'RFC 7643 §2.4', behavior: 'At most one value of an attribute is primary.' },
  {
    id: 'full-user',
    section: 'RFC 7643 §8.3',
    behavior: 'The RFC’s enterprise user is stored and given back whole.',
  },
  {
    id: 'groups-computed',
    section: 'RFC 7643 §4.1.2',
    behavior: 'A user’s groups are computed, direct and indirect.',
  },
  { id: 'password-never', section: 'RFC 7643 §4.1.1', behavior: 'A password is never returned.' },
  // Retrieval
  {
    id: 'read-one',
    section: 'RFC 7644 §3.4.1',
    behavior: 'GET of a resource answers 200 with ETag, and 404 for none.',
  },
  {
    id: 'list',
    section: 'RFC 7644 §3.4.2',
    behavior: 'A list is a ListResponse; none found is 200 with totalResults 0.',
  },
  { id: 'list-root', section: 'RFC 7644 §3.4.2.1', behavior: 'The base URL searches all resource types.' },
  {
    id: 'filter-operators',
    section: 'RFC 7644 §3.4.2.2',
    behavior: 'All operators of Table 3 and the logical ones of Table 4 work.',
  },
  {
    id: 'filter-case',
    section: 'RFC 7644 §3.4.2.2',
    behavior: 'Strings compare as caseExact says; names and operators in any case.',
  },
  {
    id: 'filter-types',
    section: 'RFC 7644 §3.4.2.2',
    behavior: 'Times compare as times; an order of booleans or binaries is 400 invalidFilter.',
  },
  {
    id: 'filter-brackets',
    section: 'RFC 7644 §3.4.2.2',
    behavior: 'A filter in brackets is held by one and the same item.',
  },
  {
    id: 'filter-invalid',
    section: 'RFC 7644 §3.4.2.2',
    behavior: 'A filter that cannot be read is 400 invalidFilter, and says where.',
  },
  {
    id: 'filter-unknown',
    section: 'RFC 7644 §3.4.2.1',
    behavior: 'An attribute that a type does not have counts as having no value.',
  },
  {
    id: 'filter-rfc-examples',
    section: 'RFC 7644 §3.4.2.2 Figure 2',
    behavior: 'Every example filter of the RFC is served.',
  },
  {
    id: 'sort',
    section: 'RFC 7644 §3.4.2.3',
    behavior: 'sortBy and sortOrder, with missing values last ascending and first descending.',
  },
  {
    id: 'sort-multi',
    section: 'RFC 7644 §3.4.2.3',
    behavior: 'A multi-valued attribute sorts by its primary value, or else its first.',
  },
  {
    id: 'page-index',
    section: 'RFC 7644 §3.4.2.4',
    behavior: 'startIndex below 1 is 1, a negative count is 0, a count of 0 returns only totalResults.',
  },
  {
    id: 'project',
    section: 'RFC 7644 §3.4.2.5',
    behavior: 'attributes and excludedAttributes choose what is returned; id and schemas always are.',
  },
  {
    id: 'project-exclusive',
    section: 'RFC 7644 §3.9',
    behavior: 'attributes and excludedAttributes exclude each other.',
  },
  { id: 'search-post', section: 'RFC 7644 §3.4.3', behavior: 'POST to .search searches as GET does.' },
  {
    id: 'cursor',
    section: 'RFC 9865 §2',
    behavior: 'A cursor walks all pages once, whatever is created or deleted meanwhile.',
  },
  {
    id: 'cursor-back',
    section: 'RFC 9865 §2',
    behavior: 'previousCursor leads back, and is not on the first page.',
  },
  {
    id: 'cursor-errors',
    section: 'RFC 9865 §2.1',
    behavior: 'invalidCursor, expiredCursor and invalidCount.',
  },
  { id: 'cursor-post', section: 'RFC 9865 §3', behavior: 'A cursor works in POST .search.' },
  // Changes
  {
    id: 'put-replaces',
    section: 'RFC 7644 §3.5.1',
    behavior: 'PUT clears omitted attributes, and keeps what is read-only.',
  },
  {
    id: 'patch-add',
    section: 'RFC 7644 §3.5.2.1',
    behavior: 'add: sets, merges, appends, and does not repeat a value.',
  },
  {
    id: 'patch-remove',
    section: 'RFC 7644 §3.5.2.2',
    behavior: 'remove: the attribute, the items that a filter picks, or a sub-attribute.',
  },
  {
    id: 'patch-remove-required',
    section: 'RFC 7644 §3.5.2.2',
    behavior: 'Removing a required or read-only attribute is 400 mutability.',
  },
  {
    id: 'patch-no-target',
    section: 'RFC 7644 §3.5.2.2',
    behavior: 'remove without a path is 400 noTarget.',
  },
  {
    id: 'patch-replace',
    section: 'RFC 7644 §3.5.2.3',
    behavior: 'replace: the value, or the sub-attributes that are given.',
  },
  {
    id: 'patch-primary',
    section: 'RFC 7644 §3.5.2',
    behavior: 'A new primary value takes the mark from the old one.',
  },
  { id: 'patch-atomic', section: 'RFC 7644 §3.5.2', behavior: 'All operations are made, or none.' },
  {
    id: 'patch-path',
    section: 'RFC 7644 §3.5.2',
    behavior: 'A path that cannot be read, or names nothing, is 400 invalidPath.',
  },
  {
    id: 'patch-answer',
    section: 'RFC 7644 §3.5.2',
    behavior: '200 with the resource, or 204 (groups, unless attributes are asked for).',
  },
  {
    id: 'patch-message',
    section: 'RFC 7644 §3.5.2',
    behavior: 'A PATCH needs the PatchOp schema and at least one operation.',
  },
  { id: 'delete', section: 'RFC 7644 §3.6', behavior: 'DELETE answers 204, and then everything 404.' },
  {
    id: 'delete-unreferenced',
    section: 'RFC 7644 §3.6',
    behavior: 'A deleted resource is in no list and no group, and its userName is free.',
  },
  // Bulk
  {
    id: 'bulk',
    section: 'RFC 7644 §3.7',
    behavior: 'Operations of all methods, each with its own status, location and version.',
  },
  {
    id: 'bulk-id',
    section: 'RFC 7644 §3.7.2',
    behavior: 'bulkId references are resolved, forward ones, too.',
  },
  { id: 'bulk-circular', section: 'RFC 7644 §3.7.1', behavior: 'References in a circle are resolved.' },
  {
    id: 'bulk-errors',
    section: 'RFC 7644 §3.7.3',
    behavior: 'A failed operation carries its error, and failOnErrors stops the rest.',
  },
  { id: 'bulk-limits', section: 'RFC 7644 §3.7.4', behavior: 'Too many operations are answered 413.' },
  // Versions
  {
    id: 'etag',
    section: 'RFC 7644 §3.14',
    behavior: 'meta.version is the ETag header, and changes with the resource only.',
  },
  { id: 'if-match', section: 'RFC 7644 §3.14', behavior: 'If-Match with another version is answered 412.' },
  {
    id: 'if-none-match',
    section: 'RFC 7644 §3.14',
    behavior: 'If-None-Match with the same version is answered 304.',
  },
  // Discovery
  {
    id: 'discovery',
    section: 'RFC 7644 §4',
    behavior: 'ServiceProviderConfig, ResourceTypes and Schemas describe the service.',
  },
  {
    id: 'discovery-filter',
    section: 'RFC 7644 §4',
    behavior: 'A filter on a discovery endpoint is answered 403.',
  },
  {
    id: 'discovery-paging',
    section: 'RFC 9865 §4',
    behavior: 'ServiceProviderConfig states the paging methods.',
  },
  // Security events
  {
    id: 'events-discovery',
    section: 'RFC 9967 §4',
    behavior: 'ServiceProviderConfig lists the events while there is an event stream, and only then.',
  },
  {
    id: 'set-typ',
    section: 'RFC 8417 §2.3',
    behavior: 'A SET is a signed JWT with the explicit type secevent+jwt.',
  },
  {
    id: 'set-claims',
    section: 'RFC 8417 §2.2',
    behavior: 'It has iss, aud, iat, jti, txn, toe and events; sub and exp it has not.',
  },
  {
    id: 'set-jwks',
    section: 'RFC 7517 §5',
    behavior: 'Its key is in the JWK set of the service, which shows public keys only.',
  },
  {
    id: 'event-subject',
    section: 'RFC 9967 §2.1',
    behavior:
      'The top-level sub_id names the resource by its relative URI and its externalId, if it has one.',
  },
  {
    id: 'event-full',
    section: 'RFC 9967 §2.2, §2.4',
    behavior: 'A full event has data and version, and no attributes.',
  },
  {
    id: 'event-notice',
    section: 'RFC 9967 §2.2, §2.4',
    behavior: 'A notice has attributes, which are SCIM paths, and version, and no data.',
  },
  {
    id: 'event-no-payload',
    section: 'RFC 9967 §2.4.4, §2.4.5, §2.4.6',
    behavior: 'delete, activate and deactivate carry nothing, in either format.',
  },
  {
    id: 'event-together',
    section: 'RFC 9967 §2.1',
    behavior: 'Several events of one SET are one change of one resource.',
  },
  {
    id: 'set-push',
    section: 'RFC 8935 §2.1, §2.2',
    behavior: 'A SET is posted as application/secevent+jwt, and is delivered when the answer is 202.',
  },
  {
    id: 'set-push-refused',
    section: 'RFC 8935 §2.3, §2.4, §4',
    behavior: 'A refusal is understood and shown, and the same SET is sent again.',
  },
  {
    id: 'set-poll',
    section: 'RFC 8936 §2.3',
    behavior:
      'A poll is answered 200 with sets by jti and moreAvailable; sets is empty if nothing is pending.',
  },
  {
    id: 'set-poll-max',
    section: 'RFC 8936 §2.2',
    behavior: 'There are no more SETs than maxEvents; 0 acknowledges only, and is answered at once.',
  },
  {
    id: 'set-poll-wait',
    section: 'RFC 8936 §2.2',
    behavior: 'A poll waits for a SET, for a bounded time, unless returnImmediately is true.',
  },
  {
    id: 'set-poll-ack',
    section: 'RFC 8936 §2.4',
    behavior: 'A SET is given again until it is acknowledged by ack or setErrs.',
  },
  {
    id: 'set-poll-invalid',
    section: 'RFC 8936 §2.5, §3',
    behavior: 'An invalid poll is answered 400, one without a valid token 401, and neither settles anything.',
  },
];

/** Where the sandbox leaves the letter of an RFC, and why. */
export const deviations: readonly {
  readonly section: string;
  readonly deviation: string;
  readonly reason: string;
}[] = [
  {
    section: 'RFC 7643 §4.1.1',
    deviation: 'A password is accepted and forgotten.',
    reason: 'Nobody logs in to the sandbox, and a password that is not kept cannot leak.',
  },
  {
    section: 'RFC 7643 §7',
    deviation: 'A filter on password is refused.',
    reason: 'A filter that can ask for a secret can guess it.',
  },
  {
    section: 'RFC 7644 §3.5.2.3',
    deviation:
      'replace with a filter of eq comparisons that matches nothing creates the value, instead of noTarget.',
    reason: 'Entra ID sends a user’s first email address this way.',
  },
  {
    section: 'RFC 7644 §3.5.2.3',
    deviation:
      'A replaced item keeps what its filter states (type "work"), unless the new value says otherwise.',
    reason: 'The filter would not find the item again.',
  },
  {
    section: 'RFC 7644 §3.5.2.2',
    deviation: 'remove with a "value" removes those values only.',
    reason: 'Entra ID removes a member so; the letter would empty the group.',
  },
  {
    section: 'RFC 7643 §2.3.2',
    deviation: 'Booleans may be the strings "True" and "False".',
    reason: 'Entra ID sends them.',
  },
  {
    section: 'RFC 7644 §3.4.2.2',
    deviation: 'A filter may compare with an unquoted word.',
    reason: 'One of Entra ID’s documented samples does.',
  },
  {
    section: 'RFC 7644 §3.14',
    deviation: 'A user’s If-Match does not fail because its groups changed.',
    reason: 'groups is read-only: no update of the user can be lost by it.',
  },
  {
    section: 'RFC 7644 §3.11',
    deviation: '/Me is not supported.',
    reason: 'A SCIM token does not represent a user.',
  },
  {
    section: 'RFC 7643 §8.7.1',
    deviation: 'Canonical values are not enforced.',
    reason: 'RFC 7643 §7 lets providers accept others; roles are the workspace’s business.',
  },
];
