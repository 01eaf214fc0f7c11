import { createRandom } from './create-random.ts';
import type { FaultKind, FaultRates } from './parse-faults.ts';

/** The fault of one request; undefined lets it through. */
export type Fault =
  | { readonly kind: Exclude<FaultKind, 'delay'> }
  | { readonly kind: 'delay'; readonly ms: number };

/** Draws the faults of one request after another. */
export type FaultPlan = () => Fault | undefined;

/** Makes a plan that is the same whenever its seed is: a rehearsal that failed can be run again. */
export function createFaultPlan({ rates, delayInMs }: FaultRates, seed: number): FaultPlan {
  const random = createRandom(seed);
  return () => {
    let draw = random();
    for (const [kind, rate] of Object.entries(rates) as [FaultKind, number][]) {
      if (draw < rate) return kind === 'delay' ? { kind, ms: delayInMs } : { kind };
      draw -= rate;
    }
    return undefined;
  };
}
