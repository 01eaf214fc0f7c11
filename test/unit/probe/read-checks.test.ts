import { describe, expect, it } from 'vitest';
import type { QuirkName } from '../../../sandbox/index.ts';
import { openProbeBench } from '../../support/open-probe-bench.ts';

/** The quirks that show without any change to the provider. */
const readable: readonly QuirkName[] = [
  'booleans-as-text',
  'count-ignored',
  'cursor-only-paging',
  'email-filter-rejected',
  'emails-as-strings',
  'empty-filter-404',
  'empty-list-without-resources',
  'filter-500',
  'filter-stamps-local',
  'filters-ignored',
  'groups-list-empty-members',
  'groups-list-without-members',
  'id-case-changes',
  'large-count-rejected',
  'list-cursor-expires',
  'list-entry-without-id',
  'list-skips-one',
  'list-without-active',
  'members-cut-at-100',
  'members-never-shown',
  'nested-groups-unlisted',
  'no-bulk',
  'no-created-stamp',
  'no-discovery',
  'no-filter',
  'no-paging',
  'no-stamps',
  'no-versions',
  'numeric-ids',
  'numeric-ids-beyond-2-53',
  'numeric-version',
  'other-id-in-response',
  'rate-limit-403',
  'repeats-in-list',
  'retry-after-epoch',
  'single-user-unreadable',
  'start-index-from-zero',
  'start-index-ignored',
  'start-index-is-page-number',
  'start-index-required',
  'totals-as-text',
  'totals-count-page',
  'totals-missing',
  'totals-shrink',
  'unknown-filter-empty',
  'unknown-id-500',
  'unstable-order',
  'zoneless-stamps',
];

describe('a probe that only reads', () => {
  it('finds no traits at a provider without quirks, and sends only GETs', async () => {
    const bench = openProbeBench([]);
    const { traits, requests, checks } = await bench.probe();
    expect(traits).toEqual([]);
    expect(new Set(bench.platform.sent.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(requests).toBe(bench.platform.sent.length);
    expect(requests).toBeLessThan(60);
    expect(checks.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
  });

  it.each(readable)('finds exactly the trait of a provider with the quirk %s', async (quirk) => {
    const { traits } = await openProbeBench([quirk]).probe();
    expect(traits.map(({ name }) => name)).toEqual([quirk]);
  });

  it.each([0, 1, 2, 3])('finds no traits in a directory of %i users without quirks', async (users) => {
    const { traits } = await openProbeBench([], { directory: { users, hasGroups: false } }).probe();
    expect(traits).toEqual([]);
  });
});
