import type { QuirkName } from '../../sandbox/index.ts';
import type { Strategy } from './poll-script.ts';

type ByQuirk<T> = { readonly [name in QuirkName]?: readonly T[] };

/**
 * What the connector gets wrong at a provider with a quirk: it reports a false success, or misses or invents a
 * change. The tests hold the table to be exact: what has become right must be taken out, and nothing may come in.
 */
export const notYetRight: {
  /** The scenarios of actions, by the quirk. */
  readonly actions: ByQuirk<string>;
  /** The strategies of polls that miss or invent a change. */
  readonly polls: ByQuirk<Strategy>;
  /** The strategies of polls that invent a change while the provider has the quirk for a while. */
  readonly outages: ByQuirk<Strategy>;
} = {
  actions: {},
  polls: {},
  outages: {},
};
