import type { QuirkName } from '../../sandbox/index.ts';

/**
 * The scenarios that may end in an error at a provider with a quirk, by the beginning of their names. All others must
 * succeed. A name may stay here after its scenario has learned to succeed, but none may come in without a reason.
 */
export const mayFail: { readonly [name in QuirkName]?: readonly string[] } = {
  // A cursor query with a count above the maximum of the provider gets a 400.
  'cursor-only-paging': [
    'search_users, all',
    'search_users who are active',
    'search_users of a department',
    'search_users by email',
    'search_groups',
  ],
  // Nobody is deactivated.
  'deactivate-ignored': ['deactivate_user by'],
  // The name is taken.
  'deleted-names-stay-taken': ['create_user under the name of a deleted user'],
  // Nobody is there, by the word of the provider.
  'directory-empty': [
    'get_user by',
    'update_user by userName',
    'update_user by email',
    'update_user by externalId',
    'update_user with the right version',
    'upsert_user who is there',
    'upsert_user who is there with what is so',
    'upsert_user who is inactive',
    'deactivate_user by userName',
    'deactivate_user by email',
    'deactivate_user by externalId',
    'set_workato_role by userName',
    'set_workato_role by email',
    'set_workato_role by externalId',
    'get_group by',
    'get_group by displayName',
    'update_group',
    'update_group with other members',
    'update_group with no members',
  ],
  // The search itself is rejected.
  'email-filter-rejected': ['search_users by email'],
  // Nobody has the address.
  'emails-not-kept': [
    'get_user by email',
    'update_user by email',
    'deactivate_user by email',
    'set_workato_role by email',
  ],
  // The externalId is taken.
  'external-id-unique': ['create_user with the externalId of another'],
  // The search itself fails.
  'filter-500': ['search_users who are active', 'search_users of a department', 'search_users by email'],
  // The provider rejects the right version, too.
  'if-match-rejected': ['update_user with the right version'],
  // The lookup cannot find an inactive user, and the name is taken.
  'inactive-users-unlisted': ['upsert_user who is inactive'],
  // A cursor query with a count above the maximum of the provider gets a 400.
  'list-cursor-expires': [
    'find_user nobody by userName',
    'find_user nobody by email',
    'find_user nobody by externalId',
    'search_users, all',
    'search_users who are active',
    'search_users of a department',
    'search_users by email',
    'upsert_user who is new',
    'search_groups',
  ],
  // A user without an ID cannot be identified.
  'list-entry-without-id': [
    'get_user by userName',
    'get_user by email',
    'get_user by externalId',
    'find_user by userName',
    'find_user by email',
    'find_user by externalId',
    'update_user by userName',
    'update_user by email',
    'update_user by externalId',
    'upsert_user who is there',
    'upsert_user who is there with what is so',
    'deactivate_user by userName',
    'deactivate_user by email',
    'deactivate_user by externalId',
    'set_workato_role by userName',
    'set_workato_role by email',
    'set_workato_role by externalId',
    'delete_user by userName',
    'delete_user by email',
    'delete_user by externalId',
  ],
  // The lookup cannot find the user, and a list that is short by its own total is not complete.
  'list-skips-one': [
    'search_users, all',
    'search_users who are active',
    'search_users of a department',
    'get_user by userName',
    'get_user by email',
    'get_user by externalId',
    'update_user by userName',
    'update_user by email',
    'update_user by externalId',
    'upsert_user who is there',
    'upsert_user who is there with what is so',
    'deactivate_user by userName',
    'deactivate_user by email',
    'deactivate_user by externalId',
    'set_workato_role by userName',
    'set_workato_role by email',
    'set_workato_role by externalId',
  ],
  // Members that are not shown cannot be compared.
  'members-never-shown': ['update_group with other members'],
  // The search itself is rejected.
  'no-filter': ['search_users who are active', 'search_users of a department', 'search_users by email'],
  // There is no PUT.
  'no-put': ['replace_user'],
  // There are no versions.
  'no-versions': ['update_user with the right version'],
  // An ID that JSON cannot hold exactly identifies nobody.
  'numeric-ids-beyond-2-53': [
    'create_user',
    'create_user under the name of a deleted user',
    'create_user with the externalId of another',
    'get_user by',
    'find_user by',
    'find_user who is inactive',
    'find_user nobody by userName',
    'find_user nobody by email',
    'find_user nobody by externalId',
    'search_users, all',
    'search_users who are active',
    'search_users of a department',
    'search_users by email',
    'update_user by',
    'update_user to what it is',
    'update_user that removes the title',
    'update_user with the right version',
    'replace_user',
    'upsert_user who is there',
    'upsert_user who is there with what is so',
    'upsert_user who is new',
    'upsert_user who is inactive',
    'deactivate_user by',
    'deactivate_user again',
    'reactivate_user',
    'set_workato_role by',
    'set_workato_role to what it is',
    'delete_user by userName',
    'delete_user by email',
    'delete_user by externalId',
    'create_group',
    'create_group with members',
    'create_group with 130 members',
    'get_group by',
    'get_group by displayName',
    'search_groups',
    'update_group',
    'update_group with other members',
    'update_group with no members',
    'delete_group by displayName',
  ],
  // The version of the scenario is not the one that the provider shows.
  'numeric-version': ['update_user with the right version'],
  // A response about another user proves nothing.
  'other-id-in-response': [
    'get_user by id',
    'find_user by id',
    'find_user who is inactive',
    'update_user by',
    'update_user to what it is',
    'update_user that removes the title',
    'update_user with the right version',
    'replace_user',
    'upsert_user who is there',
    'upsert_user who is inactive',
    'deactivate_user by',
    'deactivate_user again',
    'reactivate_user',
    'set_workato_role by',
    'set_workato_role to what it is',
    'get_group by id',
    'update_group',
    'update_group with other members',
    'update_group with no members',
  ],
  // Nothing is changed.
  'patch-ignored': [
    'set_workato_role by',
    'update_group with other members',
    'update_group with no members',
    'add_group_members, one',
    'add_group_members, several',
    'add_group_members of whom one is in it already',
    'remove_group_members, one',
    'remove_group_members, all',
    'remove_group_members of whom one is not in it',
  ],
  // The same user several times looks like several users.
  'repeats-in-list': [
    'get_user by userName',
    'get_user by email',
    'get_user by externalId',
    'find_user by userName',
    'find_user by email',
    'find_user by externalId',
    'update_user by userName',
    'update_user by email',
    'update_user by externalId',
    'upsert_user who is there',
    'upsert_user who is there with what is so',
    'upsert_user who is inactive',
    'deactivate_user by userName',
    'deactivate_user by email',
    'deactivate_user by externalId',
    'set_workato_role by userName',
    'set_workato_role by email',
    'set_workato_role by externalId',
    'delete_user by userName',
    'delete_user by email',
    'delete_user by externalId',
    'get_group by displayName',
    'delete_group by displayName',
  ],
  // The provider demands a wait of many years.
  'retry-after-epoch': [
    'find_user nobody by userName',
    'find_user nobody by email',
    'find_user nobody by externalId',
    'search_users, all',
    'upsert_user who is new',
    'create_group with 130 members',
  ],
  // The user cannot be read.
  'single-user-unreadable': ['get_user by id', 'find_user by id', 'update_user with the right version'],
  // Pages that overlap cannot be distinguished from a list that changes.
  'start-index-from-zero': [
    'search_users, all',
    'search_users who are active',
    'search_users of a department',
  ],
  // A list that never gets past its first page cannot be completed.
  'start-index-ignored': [
    'search_users, all',
    'search_users who are active',
    'search_users of a department',
    'search_users by email',
    'search_groups',
  ],
  // Pages that leave someone out cannot be distinguished from a list that changes.
  'start-index-is-page-number': [
    'search_users, all',
    'search_users who are active',
    'search_users of a department',
  ],
  // A cursor query with a count above the maximum of the provider gets a 400.
  'totals-count-page': ['search_users by email', 'search_groups'],
  // A cursor query with a count above the maximum of the provider gets a 400.
  'totals-shrink': ['search_users by email', 'search_groups'],
  // A 500 does not prove that nobody is there.
  'unknown-id-500': ['find_user nobody by id'],
};
