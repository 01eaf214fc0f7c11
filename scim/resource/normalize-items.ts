import { isJsonObject, isSameJson, type Json, type JsonDraft } from '../json.ts';
import type { Attribute } from '../schema/attribute.ts';
import { badRequest } from '../scim-error.ts';
import { isMembers, settleMember } from './members.ts';

/**
 * Brings the items of a multi-valued attribute into the form in which they are stored: an item that repeats an
 * earlier one is dropped, and of a member only what the service cannot derive is kept.
 *
 * @throws ScimError `invalidValue` when more than one item is primary (RFC 7643 §2.4).
 */
export function normalizeItems(attribute: Attribute, items: readonly Json[]): readonly Json[] {
  if (items.filter(isPrimary).length > 1) throw severalPrimary(attribute);
  const kept = new Map<string, Json>();
  for (const item of items) {
    const key = itemKey(attribute, item);
    if (!kept.has(key)) kept.set(key, isMembers(attribute) ? settleMember(item) : item);
  }
  return [...kept.values()];
}

/** Adds items; one that is there already is not added again (RFC 7644 §3.5.2.1), but what it says more is. */
export function addItems(
  attribute: Attribute,
  items: readonly Json[],
  given: readonly Json[],
): readonly Json[] {
  const byKey = keyed(attribute, items);
  let changed = false;
  for (const item of given) {
    const key = itemKey(attribute, item);
    const old = byKey.get(key);
    const next = old === undefined ? item : refreshed(attribute, old, item);
    if (next === old) continue;
    byKey.set(key, next);
    changed = true;
  }
  return changed ? [...byKey.values()] : items;
}

/** Replaces all items. Those that stay the same stay the same objects, and members keep their order. */
export function replaceItems(
  attribute: Attribute,
  items: readonly Json[],
  given: readonly Json[],
): readonly Json[] {
  const byKey = keyed(attribute, items);
  if (isMembers(attribute)) {
    const wanted = keyed(attribute, given);
    const staying = items.filter((item) => wanted.has(itemKey(attribute, item)));
    return addItems(attribute, staying, given);
  }
  return given.map((item) => {
    const old = byKey.get(itemKey(attribute, item));
    return isSameJson(old, item) && old !== undefined ? old : item;
  });
}

/** Removes the items that have every sub-attribute that one of `given` states. */
export function removeItems(
  attribute: Attribute,
  items: readonly Json[],
  given: readonly Json[],
): readonly Json[] {
  if (isMembers(attribute)) {
    const unwanted = keyed(attribute, given);
    return items.filter((item) => !unwanted.has(itemKey(attribute, item)));
  }
  return items.filter((item) => !given.some((wanted) => itemMatches(attribute, item, wanted)));
}

/** Whether an item is the primary one. */
export function isPrimary(item: Json): boolean {
  return isJsonObject(item) && item.primary === true;
}

/**
 * Removes `primary` from the other items if a new item has it (RFC 7644 §3.5.2). New items are
 * detected by identity: unchanged items are shared between the two lists.
 *
 * @throws ScimError `invalidValue` if several new items have it.
 */
export function yieldPrimary(
  attribute: Attribute,
  before: readonly Json[],
  after: readonly Json[],
): readonly Json[] {
  if (after === before || after.filter(isPrimary).length < 2) return after;
  const old = new Set(before);
  const claims = after.filter((item) => isPrimary(item) && !old.has(item));
  if (claims.length !== 1) throw severalPrimary(attribute);
  return after.map((item) =>
    isJsonObject(item) && isPrimary(item) && old.has(item) ? { ...item, primary: false } : item,
  );
}

// What makes an item the same as another: its value and type (RFC 7643 §2.4), a member's value alone, and the
// whole item where it has no value.
function itemKey(attribute: Attribute, item: Json): string {
  if (!isJsonObject(item)) return JSON.stringify(attribute.caseExact ? item : folded(item));
  const { value, type } = item;
  if (isMembers(attribute)) return String(value);
  if (value === undefined) return JSON.stringify(Object.entries(item).sort(byName));
  const exact = attribute.subAttributes.get('value')?.caseExact === true;
  return JSON.stringify([exact ? value : folded(value), folded(type ?? null)]);
}

function keyed(attribute: Attribute, items: readonly Json[]): Map<string, Json> {
  return new Map(items.map((item) => [itemKey(attribute, item), item]));
}

// RFC 7643 §4.2 makes all of a member immutable: one that is there already is left as it is.
function refreshed(attribute: Attribute, old: Json, item: Json): Json {
  if (isMembers(attribute) || !isJsonObject(old) || !isJsonObject(item)) return old;
  const merged: JsonDraft = { ...old, ...item };
  return isSameJson(old, merged) ? old : merged;
}

function itemMatches(attribute: Attribute, item: Json, wanted: Json): boolean {
  if (!isJsonObject(item) || !isJsonObject(wanted)) return isSameJson(item, wanted);
  return Object.entries(wanted).every(([name, value]) => {
    const exact = attribute.subAttributes.get(name)?.caseExact === true;
    const own = item[name] ?? null;
    return exact ? isSameJson(own, value) : isSameJson(folded(own), folded(value));
  });
}

function folded(value: Json): Json {
  return typeof value === 'string' ? value.toLowerCase() : value;
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

function severalPrimary({ label }: Attribute) {
  return badRequest('invalidValue', `Only one value of "${label}" can be primary.`);
}
