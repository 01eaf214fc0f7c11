import type { ActionContext } from '../actions/operation.ts';
import { readPages } from '../connector/provider/read-pages.ts';
import type { Resource } from '../connector/resource.ts';
import { ComparedUsers } from './compared-users.ts';
import { decideMatches, type Matching } from './decide-matches.ts';
import { hintKeysOf } from './hint-renames.ts';
import { ListedCopies } from './listed-copies.ts';
import { managerKeysOf } from './managers.ts';
import type { ActualUser } from './match.ts';
import type { NeverTouch } from './never-touch.ts';
import type { Owner } from './ownership.ts';
import type { PlanOptions } from './plan-options.ts';
import { readContradictory } from './read-contradictory.ts';
import { syncedResources } from './synced-resources.ts';
import { matchKeys, type UniqueRows } from './unique-rows.ts';
import { WitnessKeeper } from './witnesses.ts';

/** Results per page: fewer requests than with the provider's default, and a page that stays small. */
const pageSize = 1000;

/** The users of a provider, as far as a plan needs them. */
export interface ReadUsers {
  readonly matching: Matching;
  readonly count: number;
  readonly owned: number;
  readonly ownedActive: number;
  /** What suggests that an owned user is the same person as another, by ID. */
  readonly hints: ReadonlyMap<string, readonly string[]>;
  readonly managers: ReadonlyMap<string, ActualUser>;
  readonly witnesses: WitnessKeeper;
}

/** Reads all users page by page, and keeps of each what a plan needs. */
export async function readUsers(
  context: ActionContext,
  state: UniqueRows,
  { owns = () => false }: Owner,
  neverTouch: NeverTouch,
  { matchBy = matchKeys }: PlanOptions,
): Promise<ReadUsers> {
  const { users: definition } = syncedResources(context.definition);
  const compared = new ComparedUsers(definition, state, {
    owns,
    isUntouchable: (user) => neverTouch.protects(user),
  });
  const copies = new ListedCopies(compared);
  const needsManagers = state.users.some(({ manager }) => manager !== undefined);
  const namesManagers = state.users.some(({ manager }) => typeof manager === 'string');
  const hints = new Map<string, readonly string[]>();
  const managers = new Map<string, ActualUser>();
  const witnesses = new WitnessKeeper();
  let [count, owned, ownedActive, ownedSilent] = [0, 0, 0, 0];
  const countOwned = ({ isOwned, active }: ActualUser, by: 1 | -1): void => {
    if (!isOwned) return;
    owned += by;
    if (active === true) ownedActive += by;
    if (active === undefined) ownedSilent += by;
  };
  const add = (user: Resource): void => {
    const actual = compared.add(user);
    witnesses.add(user);
    countOwned(actual, 1);
    if (actual.isOwned) hints.set(actual.id, hintKeysOf(user));
    if (!needsManagers) return;
    // Rows that only remove managers need the names of those, who are given by their IDs.
    for (const key of namesManagers ? managerKeysOf(user) : [user.id])
      if ((managers.get(key)?.id ?? actual.id) === actual.id) managers.set(key, actual);
  };
  const contradictory: Resource[] = [];
  const reader = context.reader(definition, context.signal);
  const pages = readPages(reader, { count: pageSize }, { readsAhead: true });
  for await (const page of pages) {
    for (const user of page.resources) add(user);
    contradictory.push(...page.repeated.filter((copy) => copies.contradicts(copy)));
    count += page.resources.length;
    context.onProgress?.({ done: count, total: Math.max(count, page.totalResults) });
  }
  const shown = await readContradictory(context, definition, contradictory);
  for (const actual of compared.forget(new Set(shown.keys()))) countOwned(actual, -1);
  for (const user of shown.values()) add(user);
  for (const copy of contradictory) if (!shown.has(copy.id)) copies.leave(copy);
  const matching = decideMatches(compared, copies, matchBy);
  if (!matching.showsActive) ownedActive += ownedSilent;
  return { matching, count, owned, ownedActive, hints, managers, witnesses };
}
