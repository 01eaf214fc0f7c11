import type { DesiredState, DesiredUser, RowProblem, UnusableRow } from './desired.ts';
import type { Owner } from './ownership.ts';
import { type GroupIndex, groupProblems } from './plan-memberships.ts';
import { type UniqueRows, unusableRow, withoutRepeats } from './unique-rows.ts';

/** The desired state with only rows that can be used: they name known groups, belong to the owner, and are unique. */
export function prepareState(given: DesiredState, groups: GroupIndex, owner: Owner): UniqueRows {
  const named = groupProblems(given.users, groups);
  const unknown = new Set(named.flatMap(({ rows }) => rows));
  const users: DesiredUser[] = [];
  const unusable: UnusableRow[] = [];
  const claims = new Map<string, number[]>();
  for (const user of given.users) {
    const claimed = owner.claim(user);
    if (typeof claimed === 'string') claims.set(claimed, [...(claims.get(claimed) ?? []), user.row]);
    if (typeof claimed === 'string') unusable.push({ ...unusableRow(user), isDoubtful: true });
    else if (unknown.has(user.row)) unusable.push(unusableRow(user));
    else users.push(claimed);
  }
  const unclaimed = [...claims].map(([message, rows]): RowProblem => ({ rows, message }));
  return withoutRepeats({
    ...given,
    users,
    unusable: [...given.unusable, ...unusable],
    problems: [...given.problems, ...named, ...unclaimed],
  });
}
