import { compileFilter, type Predicate } from '../filter/compile-filter.ts';
import type { Filter } from '../filter/filter.ts';
import { itemScope } from '../filter/typed-scope.ts';
import {
  isJsonArray,
  isJsonObject,
  isSameJson,
  type Json,
  type JsonDraft,
  type JsonObject,
} from '../json.ts';
import {
  addItems,
  normalizeItems,
  removeItems,
  replaceItems,
  yieldPrimary,
} from '../resource/normalize-items.ts';
import { readValue } from '../resource/read-value.ts';
import type { Attribute } from '../schema/attribute.ts';
import { badRequest, type ScimError } from '../scim-error.ts';
import type { PatchOp } from './patch-operation.ts';

/** The effect of one operation on the items of a multi-valued attribute. */
export interface ItemsOperation {
  readonly op: PatchOp;
  readonly attribute: Attribute;
  readonly filter: Filter | undefined;
  readonly subAttribute: Attribute | undefined;
  readonly value: Json | undefined;
}

/** Applies an operation to the items of a multi-valued attribute; unchanged items stay the same objects. */
export function patchItems(items: readonly Json[], operation: ItemsOperation): readonly Json[] {
  return yieldPrimary(operation.attribute, items, changeItems(items, operation));
}

function changeItems(items: readonly Json[], operation: ItemsOperation): readonly Json[] {
  const { op, attribute, filter, subAttribute, value } = operation;
  if (subAttribute !== undefined) return patchSubAttribute(items, operation, subAttribute);
  if (filter !== undefined) return patchPicked(items, operation, filter);
  const given = readGiven(attribute, value);
  switch (op) {
    case 'add':
      return addItems(attribute, items, given);
    case 'replace':
      return replaceItems(attribute, items, given);
    case 'remove':
      // Entra ID names the member to remove in "value"; without a value, all are removed (RFC 7644 §3.5.2.2).
      return value === undefined || value === null ? [] : removeItems(attribute, items, given);
  }
}

// `emails[type eq "work"]`: whole items.
function patchPicked(items: readonly Json[], operation: ItemsOperation, filter: Filter): readonly Json[] {
  const { op, attribute, value } = operation;
  const picked = compilePick(attribute, filter);
  if (op === 'remove' || value === null) return items.filter((item) => !picked(item));
  const [given, ...more] = readGiven(attribute, value);
  if (given === undefined) return items.filter((item) => !picked(item));
  if (more.length > 0 || !isJsonObject(given)) {
    throw badRequest('invalidValue', `A filtered path to "${attribute.label}" requires one value.`);
  }
  const template = filterTemplate(attribute, filter);
  if (!items.some(picked)) {
    if (template === undefined) throw noTarget(attribute);
    return [...items, { ...template, ...given }];
  }
  return items.map((item) => {
    if (!picked(item) || !isJsonObject(item)) return item;
    // RFC 7644 §3.5.2.3: replace sets the whole item. It keeps the values in its filter, unless the new value sets them.
    const changed = op === 'replace' ? { ...template, ...given } : { ...item, ...given };
    checkImmutable(attribute, item, changed);
    return isSameJson(item, changed) ? item : changed;
  });
}

// `emails[type eq "work"].value`, and `emails.value`, which means every item.
function patchSubAttribute(
  items: readonly Json[],
  { op, attribute, filter, value }: ItemsOperation,
  subAttribute: Attribute,
): readonly Json[] {
  const picked = filter === undefined ? () => true : compilePick(attribute, filter);
  const given = op === 'remove' ? undefined : readValue(subAttribute, value, { looseLists: true });
  if (given !== undefined && !items.some(picked)) {
    const template = filter === undefined ? {} : filterTemplate(attribute, filter);
    if (template === undefined) throw noTarget(attribute);
    return [...items, { ...template, [subAttribute.name]: given }];
  }
  return items.flatMap((item) => {
    if (!picked(item) || !isJsonObject(item) || isSameJson(item[subAttribute.name], given)) return [item];
    const { [subAttribute.name]: _, ...rest } = item;
    const changed: JsonObject = given === undefined ? rest : { ...item, [subAttribute.name]: given };
    checkImmutable(attribute, item, changed);
    // An email without its address is not an item.
    const isEmpty =
      Object.keys(changed).length === 0 || (given === undefined && subAttribute.name === 'value');
    return isEmpty ? [] : [changed];
  });
}

function readGiven(attribute: Attribute, value: Json | undefined): readonly Json[] {
  const given = readValue(attribute, value, { looseLists: true });
  return isJsonArray(given) ? normalizeItems(attribute, given) : [];
}

/**
 * The item that a filter of `eq` comparisons describes: `type eq "work"` is `{"type": "work"}`. It is what a
 * filtered add or replace creates when no item matches, as Entra ID expects. Undefined for any other filter,
 * since `value co "x"` does not say what to create.
 */
function filterTemplate(owner: Attribute, filter: Filter): JsonObject | undefined {
  const template: JsonDraft = {};
  for (const part of filter.kind === 'and' ? filter.filters : [filter]) {
    if (part.kind !== 'compare' || part.operator !== 'eq') return undefined;
    const attribute = owner.subAttributes.get(part.path.attribute);
    if (attribute === undefined || part.path.filter !== undefined) return undefined;
    const value = readValue(attribute, part.value, { looseLists: true });
    if (value === undefined) return undefined;
    template[attribute.name] = value;
  }
  return template;
}

function compilePick(attribute: Attribute, filter: Filter): Predicate<unknown> {
  return compileFilter(filter, itemScope(attribute));
}

// RFC 7643 §7 "immutable": set at creation, never changed. A member is replaced by another, not edited.
function checkImmutable(attribute: Attribute, before: JsonObject, after: JsonObject): void {
  for (const { name, label, mutability } of attribute.subAttributes.list) {
    if (mutability !== 'immutable' || before[name] === undefined) continue;
    if (after[name] !== undefined && !isSameJson(before[name], after[name])) {
      throw badRequest('mutability', `The attribute "${label}" is immutable.`);
    }
  }
}

function noTarget({ label }: Attribute): ScimError {
  return badRequest(
    'noTarget',
    `No value of "${label}" matches, and the filter does not say what to create.`,
  );
}
