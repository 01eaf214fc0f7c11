import type { QuirkName } from '../../sandbox/index.ts';
import type { Blindness, Strategy } from './poll-script.ts';

// What no client can know, since the provider shows it nowhere, or not to the strategy that was chosen.

/** What is hidden from every strategy. */
const hidden: { readonly [name in QuirkName]?: Blindness } = {
  // A user without `active` may be active or not; the log says so (`active_not_shown`).
  'active-omitted-when-false': { active: true },
  // A user without an ID cannot be matched with a known one; the log says so (`entry_without_id`).
  'list-entry-without-id': { user: 'ada@example.com' },
  // The list hides `active`; the log says so (`attributes_not_listed`).
  'list-without-active': { active: true },
  // No response shows members; the log says so (`members_not_shown`).
  'members-never-shown': { members: true },
  // No response shows roles, as if nobody had one.
  'roles-hidden': { roles: true },
};

/** What is hidden from someone who only asks for what has changed. */
const hiddenFromChangedSince: { readonly [name in QuirkName]?: Blindness } = {
  // A response of changes leaves out unchanged users as well, so a hidden one does not stand out.
  'inactive-users-unlisted': { active: true },
  // Only a full read shows what the timestamps do not, and the input rules it out (`full_reads_disabled`).
  'last-modified-frozen': { roles: true, members: true, names: true },
};

/** What is hidden by a quirk from a strategy. */
export function blindnessOf(quirk: QuirkName, strategy: Strategy): Blindness {
  return {
    ...hidden[quirk],
    // A deleted user has no stamp.
    ...(strategy === 'changed_since' && { ...hiddenFromChangedSince[quirk], deletions: true }),
  };
}

/** The scenarios of actions whose truth a quirk hides from every client. */
export const undetectable: { readonly [name in QuirkName]?: readonly string[] } = {
  // By the word of the provider nobody is there, neither by ID nor in the list.
  'directory-empty': [
    'find_user by id',
    'find_user by userName',
    'find_user by email',
    'find_user by externalId',
    'find_user who is inactive',
    'search_users, all',
    'search_users who are active',
    'search_users of a department',
    'search_users by email',
    'search_groups',
    'delete_user by userName',
    'delete_user by email',
    'delete_user by externalId',
    'delete_group by displayName',
    'upsert_user by externalId under a new name',
    'bulk_users by externalId under new names',
  ],
  // A search returns what the provider lists.
  'groups-list-empty-members': ['search_groups'],
  'inactive-users-unlisted': ['search_users, all', 'search_users of a department'],
  'late-visibility': ['search_users of a department'],
  'members-never-shown': ['get_group by id', 'get_group by displayName', 'search_groups'],
  'unknown-filter-empty': [
    'search_users who are active',
    'search_users of a department',
    'search_users by email',
  ],
};
