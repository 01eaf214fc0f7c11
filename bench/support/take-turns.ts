import { median } from './median.ts';

/** A stretch of work that can be timed again and again. */
export interface Runner {
  readonly name: string;
  /** Does so many units of work. */
  run(units: number): Promise<void>;
}

/** What the turns of all runners came to. */
export interface Turns {
  /** The median of the units per second of a runner, by its place. */
  rate(runner: number): number;
  /** How fast a runner was next to another one in the same round, round by round. */
  ratios(runner: number, other: number): readonly number[];
}

/** How often, and how long. */
export interface TurnsOptions {
  readonly rounds: number;
  /** What a runner does in one round. */
  readonly units: number;
  /** What a runner does before the first round. */
  readonly warmUp: number;
  /** Done between the rounds, on nobody's time. */
  readonly afterRound?: () => Promise<void>;
}

/**
 * Lets every runner do the same stretch in every round, so that a slow second of the machine falls on all of them, and
 * in another order each time, so that none always comes first.
 */
export async function takeTurns(
  runners: readonly Runner[],
  { rounds, units, warmUp, afterRound }: TurnsOptions,
): Promise<Turns> {
  for (const { run } of runners) await run(warmUp);
  const rates: number[][] = runners.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const index of orderOfRound(runners.length, round)) {
      const began = performance.now();
      await runners[index]?.run(units);
      rates[index]?.push((units * 1000) / (performance.now() - began));
    }
    await afterRound?.();
  }
  const rateAt = (runner: number, round: number): number => rates[runner]?.[round] ?? Number.NaN;
  return {
    rate: (runner) => median(rates[runner] ?? []),
    ratios: (runner, other) =>
      Array.from({ length: rounds }, (_, round) => rateAt(runner, round) / rateAt(other, round)),
  };
}

function orderOfRound(count: number, round: number): readonly number[] {
  const places = Array.from({ length: count }, (_, place) => (place + round) % count);
  return round % 2 === 0 ? places : places.reverse();
}
