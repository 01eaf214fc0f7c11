import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quirkNames } from '../../sandbox/index.ts';
import { scenarios } from './action-scenarios.ts';
import { undetectable } from './blindness.ts';
import { mayFail } from './may-fail.ts';
import { notYetRight } from './not-yet-right.ts';
import { openQuirkBench, type QuirkBench } from './open-quirk-bench.ts';
import { tryScenario } from './try-scenario.ts';

let bench: QuirkBench;

beforeAll(async () => {
  bench = await openQuirkBench();
});

afterAll(() => bench.close());

describe('every action at a provider without quirks', () => {
  it.each(scenarios)('reports the truth: $name', async (scenario) => {
    const { verdict, code } = await tryScenario(bench, scenario, []);

    expect(verdict).toBeUndefined();
    expect(code !== undefined).toBe(scenario.fails === true);
  });
});

describe('every action at a provider with a quirk', () => {
  // A scenario that has become right must be taken out of the table.
  it.each(quirkNames)('reports the truth or an error, but for what is not yet right: %s', async (quirk) => {
    const wrong: string[] = [];
    const failed: string[] = [];
    for (const scenario of scenarios) {
      const { name, fails } = scenario;
      const { verdict, code } = await tryScenario(bench, scenario, [quirk]);
      if (verdict !== undefined && !undetectable[quirk]?.includes(name)) wrong.push(name);
      const isExpected = fails || mayFail[quirk]?.some((beginning) => name.startsWith(beginning));
      if (code !== undefined && !isExpected) failed.push(`${name}: ${code}`);
    }

    expect({ wrong, failed }).toEqual({ wrong: notYetRight.actions[quirk] ?? [], failed: [] });
  });
});
