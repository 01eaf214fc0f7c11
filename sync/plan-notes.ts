import { fill } from '../schemas/fill.ts';
import { isNothing } from '../scim/canonical.ts';
import type { Matching } from './decide-matches.ts';
import type { Match } from './match.ts';
import { ownershipText } from './ownership.ts';
import type { Ownership } from './plan-options.ts';
import { planTexts } from './plan-texts.ts';
import type { ReadUsers } from './read-users.ts';
import { shortPath } from './row-texts.ts';

/** An attribute that changes for this share of the users may be a mistake in the map. */
const suspiciousShare = 0.5;
const fewestSuspicious = 20;

/** What the changes of each attribute show when they are seen together. */
export function attributeNotes(matches: Iterable<Match>): readonly string[] {
  let existing = 0;
  const given = new Map<string, number>();
  const changed = new Map<string, number>();
  const without = new Map<string, number>();
  const add = (counts: Map<string, number>, path: string): void =>
    void counts.set(path, (counts.get(path) ?? 0) + 1);
  for (const { desired, actual, changes } of matches) {
    if (actual === undefined) continue;
    existing += 1;
    for (const path in desired.attributes) if (!isNothing(desired.attributes[path])) add(given, path);
    for (const { path, from } of changes) add(isNothing(from) ? without : changed, path);
  }
  const hidden = [...given]
    .filter(([path, count]) => count > 0 && without.get(path) === count)
    .map(([path]) => path);
  const many = [...changed].filter(
    ([, count]) => count >= fewestSuspicious && count > existing * suspiciousShare,
  );
  return [
    ...hidden.map((path) => fill(planTexts.hiddenAttribute, { attribute: shortPath(path) })),
    ...many.map(([path, count]) =>
      fill(planTexts.suspiciousAttribute, { attribute: shortPath(path), count, all: existing }),
    ),
  ];
}

/** Why users who are not in the desired state stay as they are. */
export function ownershipNotes(
  { matching, count, owned }: ReadUsers,
  ownership: Ownership | undefined,
): readonly string[] {
  const isMisspelled = ownership !== undefined && owned === 0 && count > 0;
  return [
    ...strangersNote(matching, ownership !== undefined),
    ...(isMisspelled ? [fill(planTexts.noneOwned, { ownership: ownershipText(ownership) })] : []),
  ];
}

function strangersNote({ others, showsActive }: Matching, hasOwner: boolean): readonly string[] {
  const active = others.filter(
    ({ isOwned, active: isActive }) => !isOwned && (isActive ?? !showsActive),
  ).length;
  if (active === 0) return [];
  const users = active === 1 ? planTexts.oneActiveUser : fill(planTexts.activeUsers, { count: active });
  return [fill(hasOwner ? planTexts.notOwned : planTexts.noOwnership, { users })];
}

/** What a list that does not show who is active means for a plan. */
export function activeNote({ matches, others, showsActive }: Matching): readonly string[] {
  if (showsActive) return [];
  const isEmpty = others.length === 0 && [...matches].every(({ actual }) => actual === undefined);
  return isEmpty ? [] : [planTexts.activeHidden];
}
