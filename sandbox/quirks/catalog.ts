import { didYouMean } from '../../schemas/did-you-mean.ts';
import type { Interceptors } from '../scim/service/interceptors.ts';
import { composeInterceptors } from './compose-interceptors.ts';
import { filterQuirks } from './definitions/filters.ts';
import { listQuirks } from './definitions/lists.ts';
import { memberQuirks } from './definitions/members.ts';
import { pagingQuirks } from './definitions/paging.ts';
import { patchQuirks } from './definitions/patches.ts';
import { resourceQuirks } from './definitions/resources.ts';
import { serviceQuirks } from './definitions/service.ts';
import { totalsQuirks } from './definitions/totals.ts';
import { writeQuirks } from './definitions/writes.ts';
import type { Quirk, QuirkContext, QuirkDescription } from './quirk.ts';

// The order of application: changes of resources come before changes of the responses that contain them.
const all = [
  ...serviceQuirks,
  ...filterQuirks,
  ...pagingQuirks,
  ...writeQuirks,
  ...memberQuirks,
  ...patchQuirks,
  ...resourceQuirks,
  ...listQuirks,
  ...totalsQuirks,
] as const;

/**
 * The name of a quirk.
 *
 * @example
 * ```ts
 * const quirk: QuirkName = 'totals-count-page';
 * await using sandbox = await startSandbox({ quirks: [quirk] });
 * ```
 */
export type QuirkName = (typeof all)[number]['name'];

/** Every quirk, with what it does. */
export const quirks: readonly Quirk<QuirkName>[] = all;

/**
 * Every quirk that a sandbox can simulate.
 *
 * @example
 * ```ts
 * for (const { name, summary, seenAt } of quirkDescriptions) console.log(name, summary, seenAt.join(', '));
 * ```
 */
export const quirkDescriptions: readonly QuirkDescription<QuirkName>[] = all;

/**
 * The names of all quirks, sorted.
 *
 * @example
 * ```ts
 * console.log(quirkNames.join('\n'));
 * ```
 */
export const quirkNames: readonly QuirkName[] = quirks.map(({ name }) => name).sort();

/**
 * Reads the names of quirks, and sorts them into the order of application.
 *
 * @throws RangeError if a quirk is unknown, with the most similar name, or if two quirks exclude each other.
 *
 * @example
 * ```ts
 * await using sandbox = await startSandbox({ quirks: readQuirks(process.argv.slice(2)) });
 * ```
 */
export function readQuirks(names: readonly string[]): readonly QuirkName[] {
  for (const name of names) {
    if (quirks.some((quirk) => quirk.name === name)) continue;
    throw new RangeError(
      `There is no quirk "${name}"${didYouMean(name, quirkNames)}. The quirks are ${quirkNames.join(', ')}.`,
    );
  }
  const played = quirks.filter(({ name }) => names.includes(name));
  for (const [at, one] of played.entries()) {
    for (const other of played.slice(at + 1)) {
      const reason = whyNotTogether(one, other);
      if (reason !== undefined) throw new RangeError(reason);
    }
  }
  return played.map(({ name }) => name);
}

/** Starts the quirks that {@link readQuirks} has read. */
export function playQuirks(names: readonly QuirkName[], context: QuirkContext): Interceptors {
  return composeInterceptors(
    quirks.filter(({ name }) => names.includes(name)).map(({ play }) => play(context)),
  );
}

/** The reason why two quirks exclude each other; undefined if they do not. */
export function whyNotTogether(one: Quirk, other: Quirk): string | undefined {
  if (one.aspect !== undefined && one.aspect === other.aspect) {
    return `The quirks "${one.name}" and "${other.name}" contradict each other: both are about ${one.aspect}. Choose one of them.`;
  }
  return one.excludes?.includes(other.name) || other.excludes?.includes(one.name)
    ? `The quirks "${one.name}" and "${other.name}" exclude each other: one would hide the other. Choose one of them.`
    : undefined;
}
