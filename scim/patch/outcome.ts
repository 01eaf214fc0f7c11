import { isRecord } from '../../schemas/is-record.ts';
import { foldCase } from '../fold-case.ts';
import { isSameJson } from '../json.ts';
import {
  type JsonPath,
  jsonPathOf,
  type ResourcePath,
  readPath,
  valueOfItemPath,
  valuesAt,
} from '../path.ts';
import type { Attribute } from '../schema/attribute.ts';
import type { ResourceModel } from '../schema/resource-model.ts';
import type { PatchOperation } from './patch-operation.ts';

/**
 * What a resource shows of an operation: that it holds, that it does not, or nothing, because the provider does not
 * return the attribute.
 */
export type OperationOutcome = 'holds' | 'open' | 'hidden';

/**
 * How values are compared: `exact` before a change, so that a new spelling is still sent; `lenient` after it, since
 * providers trim text, lowercase names, reformat phone numbers and times, and add to items.
 */
export type Comparison = 'exact' | 'lenient';

/** Returns what a resource shows of an operation. The resource is as {@link Normalizer} returns it. */
export function outcomeOf(
  { op, path: text, value }: PatchOperation,
  model: ResourceModel,
  resource: Readonly<Record<string, unknown>>,
  comparison: Comparison = 'lenient',
): OperationOutcome {
  const path = readPath(model, text);
  const jsonPath = jsonPathOf(model, text);
  const shown = valuesAt(resource, jsonPath);
  const removed = valueOfItemPath(path);
  if (op === 'remove' && removed !== undefined) {
    if (shown.some((item) => coversPart(itemValue(item), removed, path.definition, 'value', 'exact')))
      return 'open';
    return isPresent(resource, jsonPath) ? 'holds' : 'hidden';
  }
  // RFC 7643 §2.5: an attribute that is absent has no value.
  if (op === 'remove' || value === null) return shown.length === 0 ? 'holds' : 'open';
  const wanted = Array.isArray(value) ? value : [value];
  if (shown.length === 0) return wanted.length > 0 && isPresent(resource, jsonPath) ? 'open' : 'hidden';
  if (comparison === 'exact' && op === 'replace') return isSameJson(shown, wanted) ? 'holds' : 'open';
  const isShown = wanted.every((one) => shown.some((item) => covers(item, one, path.definition, comparison)));
  const isWhole = op === 'add' || !isWholeList(path) || shown.length <= wanted.length;
  return isShown && isWhole ? 'holds' : 'open';
}

/**
 * The operations that would still change the resource, without the members or other items that it has already. Hidden
 * attributes may need the change, so that their operations stay.
 */
export function remainingOperations(
  operations: readonly PatchOperation[],
  model: ResourceModel,
  resource: Readonly<Record<string, unknown>>,
): readonly PatchOperation[] {
  return operations.flatMap((operation) => {
    if (outcomeOf(operation, model, resource, 'exact') === 'holds') return [];
    const { op, path, value } = operation;
    if (op !== 'add' || !Array.isArray(value)) return [operation];
    const missing = value.filter(
      (item) => outcomeOf({ op, path, value: [item] }, model, resource, 'exact') !== 'holds',
    );
    return [{ op, path, value: missing }];
  });
}

/** The `value` of an item of a multi-valued attribute; some providers list plain texts. */
export function itemValue(item: unknown): unknown {
  return isRecord(item) ? item.value : item;
}

function isWholeList({ isList, filter, subAttribute }: ResourcePath): boolean {
  return isList && filter === undefined && subAttribute === undefined;
}

/** Whether the resource has the attribute, even if it is an empty list. */
function isPresent(resource: Readonly<Record<string, unknown>>, path: JsonPath): boolean {
  const [key = '', ...rest] = path;
  const value = Object.hasOwn(resource, key) ? resource[key] : undefined;
  return rest.length === 0 ? value !== undefined : isRecord(value) && isPresent(value, rest);
}

/** Whether a value that is shown has everything of the value that was asked for; providers add `display` and `$ref`. */
function covers(
  shown: unknown,
  wanted: unknown,
  attribute: Attribute | undefined,
  comparison: Comparison,
): boolean {
  if (isRecord(wanted)) {
    if (!isRecord(shown)) return coversPart(shown, wanted.value, attribute, 'value', comparison);
    return Object.entries(wanted).every(([name, part]) => {
      const isHidden = shown[name] === undefined && name !== 'value';
      return (
        part === undefined ||
        part === null ||
        isHidden ||
        coversPart(shown[name], part, attribute, name, comparison)
      );
    });
  }
  if (isRecord(shown)) return coversPart(shown.value, wanted, attribute, 'value', comparison);
  if (typeof shown !== 'string' || typeof wanted !== 'string') return shown === wanted;
  if (comparison === 'exact' || attribute?.caseExact === true) return shown === wanted;
  return simplified(shown, attribute) === simplified(wanted, attribute);
}

function coversPart(
  shown: unknown,
  wanted: unknown,
  owner: Attribute | undefined,
  name: string,
  comparison: Comparison,
): boolean {
  // A `value` with a `$ref` is the ID of a resource, which some providers show in another case.
  const isId = name === 'value' && owner?.subAttributes.get('$ref') !== undefined;
  if (isId && typeof shown === 'string' && typeof wanted === 'string')
    return foldCase(shown) === foldCase(wanted);
  return covers(shown, wanted, owner?.subAttributes.get(name), comparison);
}

function simplified(text: string, attribute: Attribute | undefined): string {
  if (attribute?.type === 'dateTime') {
    const atInMs = Date.parse(text);
    return Number.isNaN(atInMs) ? text : String(atInMs);
  }
  if (attribute?.label === 'phoneNumbers.value') return text.replace(/\D/g, '');
  return text.trim().replace(/\s+/g, ' ').replaceAll('_', '-').toLowerCase();
}
