import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { presets } from '../../connector/provider/presets.ts';
import type { TraitName } from '../../connector/traits.ts';
import { makeWorld, scenarios } from './action-scenarios.ts';
import { blindnessOf, undetectable } from './blindness.ts';
import { mayFail } from './may-fail.ts';
import { notYetRight } from './not-yet-right.ts';
import { openQuirkBench, type QuirkBench } from './open-quirk-bench.ts';
import { tryPolls } from './poll-script.ts';
import { tryScenario } from './try-scenario.ts';

const stated = Object.keys(presets) as TraitName[];
/** Noticing these costs nothing: the preset is for what a probe of some groups cannot find. */
const forCompleteness: readonly TraitName[] = [
  'groups-list-empty-members',
  'groups-list-without-members',
  'nested-groups-unlisted',
];
/** The words of an error depend on it. */
const forErrors: readonly TraitName[] = ['invitation-pending'];
/** Requests have no more members than this unless an action says so, so that nothing is rejected. */
const forLargerChunks: readonly TraitName[] = ['max-100-operations'];

let bench: QuirkBench;

beforeAll(async () => {
  bench = await openQuirkBench();
});

afterAll(() => bench.close());

/** Runs every scenario, and counts the requests, rejected ones twice. */
async function runActions(quirks: readonly TraitName[], traits: readonly TraitName[]) {
  const wrong: string[] = [];
  const failed: string[] = [];
  let cost = 0;
  for (const scenario of scenarios) {
    const { verdict, code } = await tryScenario(bench, scenario, quirks, traits);
    if (verdict !== undefined) wrong.push(scenario.name);
    if (code !== undefined && scenario.fails !== true) failed.push(scenario.name);
    cost += costOf(bench);
  }
  return { wrong, failed, cost };
}

async function runPolls(quirks: readonly TraitName[], traits: readonly TraitName[]) {
  const [quirk] = quirks;
  const blindness = quirk === undefined ? {} : blindnessOf(quirk, 'auto');
  const { verdict, codes } = await tryPolls(bench, 'auto', quirks, blindness, traits);
  return { verdict, codes, cost: costOf(bench) };
}

/** Polls once for changes, in pages as large as a caller may ask for. */
async function runFirstPoll(quirks: readonly TraitName[], traits: readonly TraitName[]): Promise<number> {
  bench.reset(quirks, traits);
  makeWorld(bench);
  await bench.poll('user_updated', { pageSize: 500 }, undefined);
  return costOf(bench);
}

function costOf({ statuses }: QuirkBench): number {
  return statuses.length + statuses.filter((status) => status >= 400).length;
}

describe('a provider whose profile states its trait', () => {
  it.each(stated)('gets the same results, for fewer requests or errors: %s', async (trait) => {
    const without = { actions: await runActions([trait], []), polls: await runPolls([trait], []) };
    const with_ = { actions: await runActions([trait], [trait]), polls: await runPolls([trait], [trait]) };

    const known = [...(notYetRight.actions[trait] ?? []), ...(undetectable[trait] ?? [])];
    expect(with_.actions.wrong.filter((name) => !known.includes(name))).toEqual([]);
    const mayStill = (name: string): boolean =>
      without.actions.failed.includes(name) ||
      mayFail[trait]?.some((beginning) => name.startsWith(beginning)) === true;
    expect(with_.actions.failed.filter((name) => !mayStill(name))).toEqual([]);
    if (notYetRight.polls[trait]?.includes('auto') !== true) expect(with_.polls.verdict).toBeUndefined();
    expect(with_.polls.codes).toEqual(without.polls.codes);

    if ([...forCompleteness, ...forErrors, ...forLargerChunks].includes(trait)) return;
    const saved = [
      without.actions.cost - with_.actions.cost,
      without.polls.cost - with_.polls.cost,
      (await runFirstPoll([trait], [])) - (await runFirstPoll([trait], [trait])),
    ];
    expect(Math.max(...saved)).toBeGreaterThan(0);
  });
});

describe('a provider without the trait that its profile states', () => {
  it.each(stated)('gets the same results, or an error: %s', async (trait) => {
    const actions = await runActions([], [trait]);
    const polls = await runPolls([], [trait]);

    expect({ wrong: actions.wrong, verdict: polls.verdict }).toEqual({ wrong: [], verdict: undefined });
    expect({ failed: actions.failed, codes: polls.codes }).toEqual({ failed: [], codes: [] });
  });
});
