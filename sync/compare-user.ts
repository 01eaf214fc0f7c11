import { isRecord } from '../schemas/is-record.ts';
import { canonical, isNothing } from '../scim/canonical.ts';
import { foldCase } from '../scim/fold-case.ts';
import { isSameJson } from '../scim/json.ts';
import { type GivenAttribute, givenToOperations } from '../scim/patch/build-operations.ts';
import { outcomeOf } from '../scim/patch/outcome.ts';
import { followPath, jsonPathOf, readPath } from '../scim/path.ts';
import type { ResourceModel } from '../scim/schema/resource-model.ts';
import type { DesiredItem, DesiredUser } from './desired.ts';
import type { AttributeChange } from './plan.ts';

type Values = Readonly<Record<string, unknown>>;

/** What has to change so that a user is as desired, one change for each attribute or part of one. */
export function compareUser(
  model: ResourceModel,
  actual: Values,
  { attributes, items }: DesiredUser,
): readonly AttributeChange[] {
  let changes = noChanges;
  for (const path in attributes) {
    const value = attributes[path];
    const found = isRecord(value)
      ? compareParts(model, actual, { path, value })
      : compareValue(model, actual, path, value);
    if (found.length > 0) changes = [...changes, ...found];
  }
  if (items === undefined) return changes;
  const ofItems = [...Map.groupBy(items, (one) => one.path)].flatMap(([path, group]) =>
    compareValue(model, actual, path, withItems(valueAt(actual, model, path), group)),
  );
  return [...changes, ...ofItems];
}

function compareParts(
  model: ResourceModel,
  actual: Values,
  given: GivenAttribute,
): readonly AttributeChange[] {
  return givenToOperations([given]).flatMap(({ path, value }) => compareValue(model, actual, path, value));
}

function compareValue(
  model: ResourceModel,
  actual: Values,
  path: string,
  wanted: unknown,
): readonly AttributeChange[] {
  const from = valueAt(actual, model, path) ?? null;
  if (from === wanted) return noChanges;
  const to = isNothing(wanted) ? null : wanted;
  return isSameValue(model, path, from, to) ? noChanges : [{ path, from, to }];
}

/** Most users of a large directory are as desired, and share this. */
const noChanges: readonly AttributeChange[] = [];

/** The value of a resource at a path; undefined without one. */
export function valueAt(resource: Values, model: ResourceModel, path: string): unknown {
  const value = followPath(resource, jsonPathOf(model, path));
  return isNothing(value) ? undefined : value;
}

/**
 * Whether two values of an attribute mean the same. Providers add to items, reorder lists, and reformat times and phone
 * numbers, so that an exact comparison would find the same difference again after each change. The spelling of other
 * text counts.
 */
export function isSameValue(model: ResourceModel, path: string, one: unknown, other: unknown): boolean {
  if (isNothing(one) || isNothing(other)) return isNothing(one) && isNothing(other);
  const { definition, isList, attribute, subAttribute } = readPath(model, path);
  if (isList && subAttribute === undefined) return isSameList(model, path, one, other);
  if (typeof one !== 'string' || typeof other !== 'string')
    return isSameJson(canonical(one, definition), canonical(other, definition));
  if (one === other) return true;
  if (definition?.type === 'dateTime') return Date.parse(one) === Date.parse(other);
  return caseInsensitive.has(attribute) && foldCase(one) === foldCase(other);
}

/** Providers compare usernames without regard to case, and some change it. */
const caseInsensitive: ReadonlySet<string> = new Set(['userName']);

function isSameList(model: ResourceModel, path: string, one: unknown, other: unknown): boolean {
  const shows = (shown: unknown, value: unknown): boolean =>
    outcomeOf({ op: 'replace', path, value }, model, { [path]: asList(shown) }) === 'holds';
  const name = readPath(model, path);
  // An attribute of an extension is not at the top of a resource: lists there are compared as they are.
  if (name.schema !== undefined) return isSameJson(canonical(one), canonical(other));
  return shows(one, other) || shows(other, one);
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** A list with some items set: each one replaces the item of its type, or is added. */
export function withItems(current: unknown, wanted: readonly DesiredItem[]): readonly Values[] {
  let items: Values[] = (Array.isArray(current) ? current : []).filter(isRecord);
  for (const { item } of wanted) {
    const at = placeOf(items, item);
    const placed = at < 0 ? item : { ...items[at], ...item };
    items = at < 0 ? [...items, placed] : items.with(at, placed);
    if (placed.primary === true)
      items = items.map((other) =>
        other === placed || other.primary !== true ? other : { ...other, primary: false },
      );
  }
  return items;
}

/** The item of the same type, or the primary one for an item without a type; -1 for none. */
function placeOf(items: readonly Values[], { type, value }: Values): number {
  const same = items.findIndex((item) => isSameText(item.value, value) && isSameText(item.type, type));
  if (same >= 0) return same;
  if (typeof type === 'string') {
    const ofType = items.findIndex((item) => isSameText(item.type, type));
    // An item without a type can be of any.
    return ofType >= 0 ? ofType : items.findIndex((item) => item.type === undefined);
  }
  const primary = items.findIndex((item) => item.primary === true);
  return primary < 0 && items.length === 1 ? 0 : primary;
}

function isSameText(one: unknown, other: unknown): boolean {
  return typeof one === 'string' && typeof other === 'string'
    ? foldCase(one) === foldCase(other)
    : one === other;
}
