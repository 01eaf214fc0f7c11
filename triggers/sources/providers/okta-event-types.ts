/** What an event of Okta's System Log says of a user or a group. */
export type OktaMeaning = 'create' | 'update' | 'delete' | 'activate' | 'deactivate' | 'join' | 'leave';

/**
 * The event types that are told, of Okta's catalogue (developer.okta.com/docs/reference/api/event-types). Left out are
 * those that change nobody's access: `user.lifecycle.reactivate` sends the activation mail again, and
 * `user.account.lock` passes by itself. A deletion has two events, of which hooks can be given the first only; both
 * have the same dedupeKey, since an id is deleted once.
 */
export const oktaEventTypes: ReadonlyMap<
  string,
  { readonly resource: 'User' | 'Group'; readonly meaning: OktaMeaning }
> = new Map([
  ['user.lifecycle.create', { resource: 'User', meaning: 'create' }],
  ['user.lifecycle.activate', { resource: 'User', meaning: 'activate' }],
  ['user.lifecycle.unsuspend', { resource: 'User', meaning: 'activate' }],
  ['user.lifecycle.deactivate', { resource: 'User', meaning: 'deactivate' }],
  ['user.lifecycle.suspend', { resource: 'User', meaning: 'deactivate' }],
  ['user.lifecycle.delete.initiated', { resource: 'User', meaning: 'delete' }],
  ['user.lifecycle.delete.completed', { resource: 'User', meaning: 'delete' }],
  ['user.account.update_profile', { resource: 'User', meaning: 'update' }],
  ['group.lifecycle.create', { resource: 'Group', meaning: 'create' }],
  ['group.lifecycle.delete', { resource: 'Group', meaning: 'delete' }],
  ['group.profile.update', { resource: 'Group', meaning: 'update' }],
  ['group.user_membership.add', { resource: 'Group', meaning: 'join' }],
  ['group.user_membership.remove', { resource: 'Group', meaning: 'leave' }],
]);

/** The attributes of an Okta profile that have another name in SCIM (developer.okta.com/docs/reference/scim/scim-20). */
export const oktaProfileAttributes: ReadonlyMap<string, string> = new Map([
  ['login', 'userName'],
  ['email', 'emails'],
  ['secondEmail', 'emails'],
  ['firstName', 'name.givenName'],
  ['lastName', 'name.familyName'],
  ['middleName', 'name.middleName'],
  ['honorificPrefix', 'name.honorificPrefix'],
  ['honorificSuffix', 'name.honorificSuffix'],
  ['primaryPhone', 'phoneNumbers'],
  ['mobilePhone', 'phoneNumbers'],
  ['streetAddress', 'addresses'],
  ['city', 'addresses'],
  ['state', 'addresses'],
  ['zipCode', 'addresses'],
  ['countryCode', 'addresses'],
  ['postalAddress', 'addresses'],
  ['managerId', 'manager'],
]);
