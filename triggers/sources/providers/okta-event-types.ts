/** The meaning of an event of Okta's System Log for a user or a group. */
export type OktaMeaning = 'create' | 'update' | 'delete' | 'activate' | 'deactivate' | 'join' | 'leave';

/**
 * The mapped event types of Okta's catalog (developer.okta.com/docs/reference/api/event-types). Omitted are
 * those that do not change access: `user.lifecycle.reactivate` sends the activation email again, and
 * `user.account.lock` is temporary. A deletion has two events, of which hooks receive only the first; both
 * have the same dedupeKey, because an ID is deleted only once.
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

/** The attributes of an Okta profile with a different name in SCIM (developer.okta.com/docs/reference/scim/scim-20). */
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
