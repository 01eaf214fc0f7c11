import type { TraitName } from '../traits.ts';
import type { Preset } from './habits.ts';

/**
 * The traits whose statement in a profile helps. Others cost nothing to notice, or are noticed by the very check that keeps a
 * result right: that is never skipped.
 */
export const presets = {
  'cursor-only-paging': { lists: { needsCursor: true } },
  'email-filter-rejected': { changes: { notFilterable: ['emails'] } },
  'filter-500': { changes: { filterable: ['id', 'userName'] }, polls: { canAskSince: false } },
  'filter-stamps-local': { polls: { stampsUnreliable: true } },
  'filters-ignored': { changes: { filterable: [] }, polls: { canAskSince: false } },
  'groups-list-empty-members': { polls: { readsMembersById: true } },
  'groups-list-without-members': { polls: { readsMembersById: true } },
  'if-match-rejected': { changes: { rejectsVersions: true } },
  'invitation-pending': { changes: { invitesUsers: true } },
  'large-count-rejected': { lists: { largestCount: 100 } },
  'last-modified-frozen': { polls: { stampsUnreliable: true } },
  'max-100-operations': { changes: { membersPerRequest: 100 } },
  'nested-groups-unlisted': { polls: { readsMembersById: true } },
  'no-bulk': { changes: { withoutBulk: true } },
  'no-discovery': { changes: { withoutBulk: true } },
  'no-filter': { changes: { filterable: [] }, polls: { canAskSince: false } },
  'no-patch': { changes: { withoutPatch: true } },
  'no-patch-unannounced': { changes: { withoutPatch: true } },
  'one-member-per-request': { changes: { membersPerRequest: 1 } },
  'patch-filter-paths-rejected': { changes: { rejectsFilterPaths: true } },
  'replace-members-rejected': { changes: { setsMembersByDifference: true } },
  'start-index-required': { lists: { needsStartIndex: true } },
  'unknown-filter-empty': { changes: { filterable: ['id', 'userName'] }, polls: { canAskSince: false } },
  'unstable-order': { lists: { sortBy: 'id' } },
} as const satisfies { readonly [Name in TraitName]?: Preset };

/** What the traits of a provider preset together. They also count as logged. */
export function presetOf(traits: readonly TraitName[]): Required<Preset> {
  const stated = traits.map(
    (name): Preset => (presets as { readonly [Name in TraitName]?: Preset })[name] ?? {},
  );
  return {
    lists: Object.assign({ noted: traits }, ...stated.map(({ lists }) => lists)),
    changes: Object.assign({}, ...stated.map(({ changes }) => changes)),
    polls: Object.assign({}, ...stated.map(({ polls }) => polls)),
  };
}
