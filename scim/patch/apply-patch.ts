import { countComparisons } from '../filter/compile-filter.ts';
import {
  isJsonArray,
  isJsonObject,
  isSameJson,
  type Json,
  type JsonDraft,
  type JsonObject,
} from '../json.ts';
import { readValue } from '../resource/read-value.ts';
import { type Attribute, isStored } from '../schema/attribute.ts';
import type { ResourceModel } from '../schema/resource-model.ts';
import { badRequest, type ScimError } from '../scim-error.ts';
import { patchItems } from './patch-items.ts';
import type { IncomingOperation } from './read-patch.ts';
import { type AttributeTarget, readTarget } from './read-target.ts';

/** The context of {@link applyPatch}, in addition to the attributes. */
export interface PatchContext {
  /** The whole resource as clients see it, to detect repeated read-only values. */
  readonly shown: () => JsonObject;
  /** See `ScimLimits.maxComparisons`. */
  readonly maxComparisons: number;
}

/**
 * Applies PATCH operations in order (RFC 7644 §3.5.2) and returns the resulting attributes.
 * The inputs are not changed, so a failure has no effect, and unchanged parts are shared.
 *
 * @param context - The data for validating the operations.
 * @throws ScimError with the keyword of RFC 7644 §3.12.
 */
export function applyPatch(
  model: ResourceModel,
  attributes: JsonObject,
  operations: readonly IncomingOperation[],
  { shown, maxComparisons }: PatchContext,
): JsonObject {
  checkCost(model, attributes, operations, maxComparisons);
  let patched = attributes;
  for (const operation of operations) {
    patched =
      operation.path === undefined
        ? applyPathless(model, patched, operation, shown)
        : applyAt(model, patched, operation.path, operation);
  }
  return patched;
}

const maxShortPath = 200;

// Every operation can compare every existing item, and those that earlier operations add.
function checkCost(
  model: ResourceModel,
  attributes: JsonObject,
  operations: readonly IncomingOperation[],
  maxComparisons: number,
): void {
  if (operations.length === 1 && (operations[0]?.path?.length ?? maxShortPath) < maxShortPath) return;
  let items = operations.length;
  for (const value of Object.values(attributes)) if (isJsonArray(value)) items += value.length;
  let comparisons = 0;
  for (const { path, value } of operations) {
    // Without a path, each member of the value is an operation.
    comparisons += path === undefined ? Object.keys(value ?? {}).length : costOf(model, path);
  }
  if (comparisons * items > maxComparisons) {
    throw badRequest('tooMany', 'The PATCH needs too many comparisons. Send fewer operations at once.');
  }
}

function costOf(model: ResourceModel, path: string): number {
  const target = readTarget(model, path);
  return target?.kind === 'attribute' && target.filter !== undefined ? countComparisons(target.filter) : 1;
}

type Operation = Pick<IncomingOperation, 'op' | 'value'>;

function applyAt(
  model: ResourceModel,
  attributes: JsonObject,
  path: string,
  operation: Operation,
): JsonObject {
  const target = readTarget(model, path);
  if (target === undefined) {
    throw badRequest('invalidPath', `${model.name} has no attribute ${JSON.stringify(path)}.`);
  }
  if (target.kind === 'attribute') return applyToAttribute(attributes, target, operation);
  const { id } = target.extension;
  if (operation.op === 'remove' || operation.value === null) return without(attributes, id);
  return applyObject(model, attributes, operation, (key) => `${id}:${key}`);
}

// Without a path, the value's members are the paths: names, dotted names, URNs, whole extensions (Entra ID).
function applyPathless(
  model: ResourceModel,
  attributes: JsonObject,
  operation: Operation,
  shown: () => JsonObject,
): JsonObject {
  return applyObject(model, attributes, operation, (key, value) => {
    switch (key.toLowerCase()) {
      case 'schemas':
      case 'meta':
        // Okta and others send back what they read; both are kept by the service (RFC 7643 §3.1).
        return undefined;
      case 'id':
      case 'groups':
        return repeats(shown()[key.toLowerCase()], value) ? undefined : key;
      default:
        return key;
    }
  });
}

function repeats(current: Json | undefined, value: Json | undefined): boolean {
  const isNothing = value === null || (isJsonArray(value) && value.length === 0);
  return isSameJson(current, value) || (isNothing && current === undefined);
}

function applyObject(
  model: ResourceModel,
  attributes: JsonObject,
  { op, value }: Operation,
  pathOf: (key: string, value: Json | undefined) => string | undefined,
): JsonObject {
  if (!isJsonObject(value)) throw badRequest('invalidValue', `The "value" of ${op} must be an object.`);
  let patched = attributes;
  for (const key of Object.keys(value)) {
    const path = pathOf(key, value[key]);
    if (path === undefined || !isKnown(model, path)) continue;
    patched = applyAt(model, patched, path, { op, value: value[key] });
  }
  return patched;
}

// RFC 7644 §3.3: unknown attributes of a resource are ignored. A key that is not a path is unknown, too.
function isKnown(model: ResourceModel, path: string): boolean {
  try {
    return readTarget(model, path) !== undefined;
  } catch {
    return false;
  }
}

function applyToAttribute(attributes: JsonObject, target: AttributeTarget, operation: Operation): JsonObject {
  const { attribute, extension } = target;
  checkMutable(target);
  if (extension === undefined) return applyToOwner(attributes, target, operation);
  const owner = attributes[extension.id];
  const before = isJsonObject(owner) ? owner : {};
  const after = applyToOwner(before, target, operation);
  if (after === before) return attributes;
  if (attribute.required && after[attribute.name] === undefined) throw required(attribute);
  return Object.keys(after).length === 0
    ? without(attributes, extension.id)
    : { ...attributes, [extension.id]: after };
}

function applyToOwner(owner: JsonObject, target: AttributeTarget, operation: Operation): JsonObject {
  const { attribute } = target;
  const before = owner[attribute.name];
  const after = nextValue(before, target, operation);
  // Passwords are not stored, so setting one has no visible effect.
  if (isSameJson(before, after) || !isStored(attribute)) return owner;
  if (attribute.mutability === 'immutable' && before !== undefined) throw immutable(attribute);
  if (after !== undefined) return { ...owner, [attribute.name]: after };
  // RFC 7644 §3.5.2.2: unassigning a required attribute fails with "mutability".
  if (attribute.required) throw required(attribute);
  return without(owner, attribute.name);
}

function nextValue(
  before: Json | undefined,
  { attribute, filter, subAttribute }: AttributeTarget,
  { op, value }: Operation,
): Json | undefined {
  if (attribute.multiValued) {
    const items = isJsonArray(before) ? before : [];
    const next = patchItems(items, { op, attribute, filter, subAttribute, value });
    return next.length === 0 ? undefined : next;
  }
  if (subAttribute !== undefined) {
    const given = op === 'remove' ? undefined : readValue(subAttribute, value, { looseLists: true });
    return merged(before, { [subAttribute.name]: given });
  }
  if (op === 'remove') return undefined;
  const given = readValue(attribute, value, { looseLists: true });
  // RFC 7644 §3.5.2.3: sub-attributes that are not specified are left unchanged; null ones are unassigned.
  return attribute.type === 'complex' && value !== null && value !== ''
    ? merged(before, { ...unassigned(attribute, value), ...(isJsonObject(given) ? given : {}) })
    : given;
}

function unassigned(attribute: Attribute, value: Json | undefined): Record<string, undefined> {
  const names: Record<string, undefined> = {};
  for (const [key, one] of Object.entries(isJsonObject(value) ? value : {})) {
    const subAttribute = one === null ? attribute.subAttributes.get(key) : undefined;
    if (subAttribute !== undefined && subAttribute.mutability !== 'readOnly')
      names[subAttribute.name] = undefined;
  }
  return names;
}

function merged(
  before: Json | undefined,
  given: Readonly<Record<string, Json | undefined>>,
): Json | undefined {
  const next: JsonDraft = isJsonObject(before) ? { ...before } : {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) delete next[name];
    else next[name] = value;
  }
  return Object.keys(next).length === 0 ? undefined : next;
}

function checkMutable({ attribute, subAttribute }: AttributeTarget): void {
  for (const { mutability, label } of subAttribute === undefined ? [attribute] : [attribute, subAttribute]) {
    if (mutability === 'readOnly') throw badRequest('mutability', `The attribute "${label}" is read-only.`);
  }
  if (attribute.name === 'schemas') throw badRequest('mutability', '"schemas" follows from the attributes.');
}

function required({ label }: Attribute): ScimError {
  return badRequest('mutability', `The attribute "${label}" is required and cannot be removed.`);
}

function immutable({ label }: Attribute): ScimError {
  return badRequest('mutability', `The attribute "${label}" is immutable.`);
}

function without(object: JsonObject, name: string): JsonObject {
  if (!Object.hasOwn(object, name)) return object;
  const { [name]: _, ...rest } = object;
  return rest;
}
