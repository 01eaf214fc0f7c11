import { createRandom } from './create-random.ts';
import type { FaultKind, FaultRates } from './parse-faults.ts';

/** The fault of one request; undefined if it has none. */
export type Fault =
  | { readonly kind: Exclude<FaultKind, 'delay'> }
  | { readonly kind: 'delay'; readonly ms: number };

/** Selects the faults of successive requests. */
export type FaultPlan = () => Fault | undefined;

/** Creates a plan that depends only on its seed, so that a failed run can be repeated. */
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
