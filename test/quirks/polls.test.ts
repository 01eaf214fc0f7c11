import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quirkNames } from '../../sandbox/index.ts';
import { blindnessOf } from './blindness.ts';
import { notYetRight } from './not-yet-right.ts';
import { openQuirkBench, type QuirkBench } from './open-quirk-bench.ts';
import { type Strategy, tryOutage, tryPolls } from './poll-script.ts';

const strategies: readonly Strategy[] = ['auto', 'snapshot', 'changed_since'];
/** A provider that never shows anyone has no changes to follow. */
const followed = quirkNames.filter((name) => name !== 'directory-empty');

let bench: QuirkBench;

beforeAll(async () => {
  bench = await openQuirkBench();
});

afterAll(() => bench.close());

describe('polling a provider without quirks', () => {
  it.each(strategies)('reports what happened and nothing else: %s', async (strategy) => {
    const { verdict, codes } = await tryPolls(bench, strategy, [], {
      deletions: strategy === 'changed_since',
    });

    expect({ verdict, codes }).toEqual({ verdict: undefined, codes: [] });
  });
});

describe('polling a provider with a quirk', () => {
  it.each(followed)(
    'reports what happened and nothing else, or an error, but for what is not yet right: %s',
    async (quirk) => {
      const wrong: Strategy[] = [];
      for (const strategy of strategies) {
        const { verdict } = await tryPolls(bench, strategy, [quirk], blindnessOf(quirk, strategy));
        if (verdict !== undefined) wrong.push(strategy);
      }

      expect(wrong).toEqual(notYetRight.polls[quirk] ?? []);
    },
  );
});

describe('polling a provider that has a quirk for a while', () => {
  it.each(quirkNames)(
    'reports nothing that did not happen, but for what is not yet right: %s',
    async (quirk) => {
      const wrong: Strategy[] = [];
      for (const strategy of strategies) {
        const { verdict } = await tryOutage(bench, strategy, [quirk]);
        if (verdict !== undefined) wrong.push(strategy);
      }

      expect(wrong).toEqual(notYetRight.outages[quirk] ?? []);
    },
  );
});
