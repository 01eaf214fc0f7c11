import { median } from './median.ts';

/** A unit of work that can be timed repeatedly. */
export interface Runner {
  readonly name: string;
  /** Does that number of units of work. */
  run(units: number): Promise<void>;
}

/** The results of all runners. */
export interface Turns {
  /** The median units per second of a runner, by its index. */
  rate(runner: number): number;
  /** The speed ratio of two runners in each round. */
  ratios(runner: number, other: number): readonly number[];
  /** The median CPU time that this process spends on one unit of a runner, in microseconds. */
  cpuInUs(runner: number): number;
}

/** The number and length of the rounds. */
export interface TurnsOptions {
  readonly rounds: number;
  /** The units of work in one round. */
  readonly units: number;
  /** The units of work before the first round. */
  readonly warmUp: number;
  /** Runs between the rounds, without being timed. */
  readonly afterRound?: () => Promise<void>;
}

/**
 * Runs every runner for the same amount of work in each round, so that a slow second of the machine affects all, and
 * in a different order each time, so that none is always first.
 */
export async function takeTurns(
  runners: readonly Runner[],
  { rounds, units, warmUp, afterRound }: TurnsOptions,
): Promise<Turns> {
  for (const { run } of runners) await run(warmUp);
  const rates: number[][] = runners.map(() => []);
  const cpuTimes: number[][] = runners.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const index of orderOfRound(runners.length, round)) {
      const [began, cpuBefore] = [performance.now(), process.cpuUsage()];
      await runners[index]?.run(units);
      const { user, system } = process.cpuUsage(cpuBefore);
      rates[index]?.push((units * 1000) / (performance.now() - began));
      cpuTimes[index]?.push((user + system) / units);
    }
    await afterRound?.();
  }
  const rateAt = (runner: number, round: number): number => rates[runner]?.[round] ?? Number.NaN;
  return {
    rate: (runner) => median(rates[runner] ?? []),
    cpuInUs: (runner) => median(cpuTimes[runner] ?? []),
    ratios: (runner, other) =>
      Array.from({ length: rounds }, (_, round) => rateAt(runner, round) / rateAt(other, round)),
  };
}

function orderOfRound(count: number, round: number): readonly number[] {
  const places = Array.from({ length: count }, (_, place) => (place + round) % count);
  return round % 2 === 0 ? places : places.reverse();
}
