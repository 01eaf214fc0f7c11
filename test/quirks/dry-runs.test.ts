import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { presets } from '../../connector/provider/presets.ts';
import type { QuirkName } from '../../sandbox/index.ts';
import { actionOf } from '../support/open-test-session.ts';
import { openQuirkBench, type QuirkBench } from './open-quirk-bench.ts';
import { changingScenarios, tryDryRun } from './try-dry-run.ts';

let bench: QuirkBench;

beforeAll(async () => {
  bench = await openQuirkBench();
});

afterAll(() => bench.close());

/** The presets that decide which requests a change takes. */
const deciding = [
  'withoutPatch',
  'rejectsFilterPaths',
  'setsMembersByDifference',
  'membersPerRequest',
  'rejectsVersions',
  'withoutBulk',
];

/** The quirks with such a preset. The soak suite has all quirks. */
const quirks = Object.entries(presets)
  .filter(
    ([, preset]) => 'changes' in preset && Object.keys(preset.changes).some((key) => deciding.includes(key)),
  )
  .map(([name]) => name as QuirkName);

describe('a dry run predicts the requests of the run, and sends only reads', () => {
  it.each(changingScenarios)('at a provider without quirks: $name', async (scenario) => {
    expect(await tryDryRun(bench, scenario, [])).toEqual([]);
  });

  it.each(quirks)('of every scenario at a provider with %s', async (quirk) => {
    const wrong: string[] = [];
    for (const scenario of changingScenarios) {
      const problems = await tryDryRun(bench, scenario, [quirk]);
      wrong.push(...problems.map((problem) => `${scenario.name}: ${problem}`));
    }

    expect(wrong).toEqual([]);
  });

  it('has scenarios of both kinds of changes to members, and of rows', () => {
    const types = new Set(changingScenarios.map(({ action }) => actionOf(action).operation.type));
    for (const type of ['bulk', 'create', 'delete', 'members', 'patch', 'replace'] as const)
      expect(types).toContain(type);
  });
});
