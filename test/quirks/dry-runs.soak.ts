import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type QuirkName, quirkNames } from '../../sandbox/index.ts';
import { openQuirkBench, type QuirkBench } from './open-quirk-bench.ts';
import { changingScenarios, tryDryRun } from './try-dry-run.ts';

let bench: QuirkBench;

beforeAll(async () => {
  bench = await openQuirkBench();
});

afterAll(() => bench.close());

/** The quirks with which two runs after each other differ by themselves: an outage, and a limit that is reached. */
const unsteady: readonly QuirkName[] = ['directory-empty', 'rate-limit-403', 'retry-after-epoch'];

/** What RFC 7644 says of a response, and the provider does otherwise: scenarios whose requests then differ. */
const notPredicted: { readonly [Name in QuirkName]?: readonly string[] } = {
  'bulk-stops-at-first-error': ['bulk_users that creates, one of them under a taken name'],
  'conflict-400': ['create_user with a taken name'],
  // A row whose response shows another user is run by itself.
  'other-id-in-response': ['bulk_users that creates, one of them under a taken name'],
};

describe('a dry run at a provider with a quirk', () => {
  it.each(quirkNames)('sends only reads: %s', async (quirk) => {
    const wrong: string[] = [];
    for (const scenario of changingScenarios) {
      const problems = await tryDryRun(bench, scenario, [quirk]);
      const relevant = unsteady.includes(quirk)
        ? problems.filter((one) => /^(sent|changed)/.test(one))
        : problems;
      if (relevant.length > 0 && notPredicted[quirk]?.includes(scenario.name) !== true)
        wrong.push(...relevant.map((problem) => `${scenario.name}: ${problem}`));
    }

    expect(wrong).toEqual([]);
  });
});
