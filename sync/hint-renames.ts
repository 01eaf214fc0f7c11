import type { Resource } from '../connector/resource.ts';
import { fill } from '../schemas/fill.ts';
import { isRecord } from '../schemas/is-record.ts';
import { foldCase } from '../scim/fold-case.ts';
import { type DesiredUser, desiredText } from './desired.ts';
import { isUserChange, nameOfUser, type PlannedChange, type UserChange } from './plan.ts';
import { planTexts } from './plan-texts.ts';
import { emailsOf } from './unique-rows.ts';

/** What suggests that two users are one person: their email addresses and their name. */
export function hintKeysOf({ emails, name, displayName, userName }: Resource): readonly string[] {
  const addresses = (Array.isArray(emails) ? emails : []).map((item) => (isRecord(item) ? item.value : item));
  const { givenName, familyName } = isRecord(name) ? name : {};
  return keysOf([...addresses, userName], [`${givenName ?? ''} ${familyName ?? ''}`, displayName]);
}

/**
 * Adds a hint to users who would be created while one with the same email address or name is deactivated: the username
 * may have changed, and the row does not find its user.
 */
export function addHints(
  changes: readonly PlannedChange[],
  keysById: ReadonlyMap<string, readonly string[]>,
  desired: readonly DesiredUser[],
): readonly PlannedChange[] {
  const leaving = new Map<string, UserChange>();
  for (const change of changes)
    if (isUserChange(change) && change.row === undefined)
      for (const key of keysById.get(change.user.id ?? '') ?? []) leaving.set(key, change);
  if (leaving.size === 0) return changes;
  const byRow = new Map(desired.map((user) => [user.row, user]));
  return changes.map((change) => {
    const user = change.kind === 'create' ? byRow.get(change.row ?? 0) : undefined;
    if (user === undefined || !isUserChange(change)) return change;
    const found = hintKeysOfDesired(user).flatMap((key) => leaving.get(key) ?? [])[0];
    if (found === undefined) return change;
    return {
      ...change,
      hint: fill(planTexts.maybeRenamed, { user: nameOfUser(found.user), kind: found.kind }),
    };
  });
}

function hintKeysOfDesired(user: DesiredUser): readonly string[] {
  const text = (path: string): string => desiredText(user, path) ?? '';
  const { name } = user.attributes;
  const { givenName = text('name.givenName'), familyName = text('name.familyName') } = isRecord(name)
    ? name
    : {};
  return keysOf([...emailsOf(user), text('userName')], [`${givenName} ${familyName}`, text('displayName')]);
}

function keysOf(addresses: readonly unknown[], names: readonly unknown[]): readonly string[] {
  const clean = (values: readonly unknown[]): readonly string[] =>
    values.flatMap((value) =>
      typeof value === 'string' && value.trim() !== '' ? [foldCase(value.trim())] : [],
    );
  return [
    ...clean(addresses).filter((address) => address.includes('@')),
    // A single word is the name of too many.
    ...clean(names).filter((name) => name.includes(' ')),
  ];
}
