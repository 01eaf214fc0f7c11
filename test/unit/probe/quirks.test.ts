import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type QuirkName, quirkNames } from '../../../sandbox/index.ts';
import { quirks, whyNotTogether } from '../../../sandbox/quirks/catalog.ts';
import { openProbeBench, type ProbeBench } from '../../support/open-probe-bench.ts';

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

async function traitsOf(bench: ProbeBench, write: boolean): Promise<readonly string[]> {
  const { traits } = await bench.probe({ write });
  return traits.map(({ name }) => name);
}

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
    expect(await traitsOf(openProbeBench([quirk]), false)).toEqual([quirk]);
  });

  it.each(quirkNames.filter((quirk) => !readable.includes(quirk)))(
    'reports nothing that it cannot see at a provider with the quirk %s',
    async (quirk) => {
      expect(await traitsOf(openProbeBench([quirk]), false)).toEqual([]);
    },
  );

  it.each([0, 1, 2, 3])('finds no traits in a directory of %i users without quirks', async (users) => {
    const directory = { users, hasGroups: false };
    expect(await traitsOf(openProbeBench([], { directory }), false)).toEqual([]);
  });
});

describe('a probe that also writes', () => {
  it.each(quirkNames)('finds exactly the trait of a provider with the quirk %s', async (quirk) => {
    const bench = openProbeBench([quirk]);
    const before = bench.names();
    const { traits, leftBehind, checks, requests } = await bench.probe({ write: true });
    expect(traits.map(({ name }) => name)).toEqual([quirk]);
    expect({ names: bench.names(), leftBehind }).toEqual({ names: before, leftBehind: [] });
    expect(checks.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    expect(requests).toBeLessThan(200);
  });

  it.each([0, 1, 2, 3, 137])('finds no traits in a directory of %i users without quirks', async (users) => {
    const bench = openProbeBench([], { directory: { users, hasGroups: false } });
    const before = bench.names();
    expect(await traitsOf(bench, true)).toEqual([]);
    expect(bench.names()).toEqual(before);
  });

  it.each([
    { other: 'late-visibility', traits: ['create-returns-no-id'] },
    { other: 'ids-reused', traits: ['create-returns-no-id', 'ids-reused'] },
  ] as const)(
    'does not mistake a deleted user for a new one without an ID, with $other',
    async ({ other, traits }) => {
      const bench = openProbeBench(['create-returns-no-id', other]);
      const before = bench.names();
      const report = await bench.probe({ write: true });
      expect(report.traits.map(({ name }) => name)).toEqual(traits);
      expect({ names: bench.names(), leftBehind: report.leftBehind }).toEqual({
        names: before,
        leftBehind: [],
      });
    },
  );

  it('never reports a trait that neither of two quirks is, and leaves nothing behind', async () => {
    const quirk = fc.constantFrom(...quirks);
    const pair = fc
      .tuple(quirk, quirk)
      .filter(([one, other]) => one !== other && whyNotTogether(one, other) === undefined);
    await fc.assert(
      fc.asyncProperty(pair, async ([{ name: one }, { name: other }]) => {
        const bench = openProbeBench([one, other]);
        const before = bench.names();
        const { traits, leftBehind } = await bench.probe({ write: true });
        expect([one, other]).toEqual(expect.arrayContaining(traits.map(({ name }) => name)));
        // One quirk can hide the other, but not both of them each other.
        expect(traits.length).toBeGreaterThan(0);
        expect({ names: bench.names(), leftBehind }).toEqual({ names: before, leftBehind: [] });
      }),
      { seed: 13, numRuns: 60 },
    );
  });
});
