import type { TraitName } from '../../connector/traits.ts';
import { ConnectorError } from '../../runtime/index.ts';
import type { QuirkName } from '../../sandbox/index.ts';
import { makeWorld, type Scenario } from './action-scenarios.ts';
import { firstOf, leavesOthers, takeSnapshot, type Verdict } from './judge.ts';
import type { QuirkBench } from './open-quirk-bench.ts';

/** How a scenario ended. */
export interface Trial {
  /** The code of the error that the action failed with. */
  readonly code?: string;
  /** Why what was reported, or done, is not right. */
  readonly verdict: Verdict;
}

/** Runs a scenario against a new provider, and compares what is reported with what is there. */
export async function tryScenario(
  bench: QuirkBench,
  scenario: Scenario,
  quirks: readonly QuirkName[],
  traits: readonly TraitName[] = [],
): Promise<Trial> {
  bench.reset(quirks, traits);
  const world = makeWorld(bench);
  scenario.prepare?.(bench, world);
  const before = takeSnapshot(bench);
  const about = new Set(scenario.about);
  try {
    const output = await bench.run(scenario.action, scenario.input(before, world));
    const after = takeSnapshot(bench);
    return {
      verdict: firstOf(leavesOthers(before, after, about), scenario.judge({ output, before, after })),
    };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return { code: error.code, verdict: leavesOthers(before, takeSnapshot(bench), about) };
  }
}
