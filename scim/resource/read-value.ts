import { fill } from '../../schemas/fill.ts';
import { isJsonArray, isJsonObject, type Json, type JsonDraft, type JsonObject, memberOf } from '../json.ts';
import type { Attribute } from '../schema/attribute.ts';
import { badRequest, type ScimError } from '../scim-error.ts';
import { isMembers, memberWithoutId, readMember } from './members.ts';

/** The sentences about a value of another type, as data: other hosts have the same. */
export const valueTexts = Object.freeze({
  wrongType: 'The attribute "{attribute}" must be {expected}.',
  array: 'an array',
  boolean: 'true or false',
  integer: 'an integer',
  decimal: 'a number',
  dateTime: 'a dateTime such as "2011-05-13T04:42:34Z"',
  binary: 'a base64 string',
  text: 'a string',
  object: 'an object',
} as const);

/** How an attribute's value may be written. */
export interface ReadValueOptions {
  /**
   * Accept one item where a list belongs, and `"a@example.com"` for `{"value": "a@example.com"}` in a list, as
   * identity providers write them in PATCH. The body of a POST or PUT must have a list of objects.
   */
  readonly looseLists?: boolean;
}

/**
 * Reads a value of a POST, PUT or PATCH as the schema types it, in the schema's spelling of sub-attributes. Read-only
 * sub-attributes and unknown ones are omitted (RFC 7644 §3.3). Besides the schema's form it understands
 * `[{"value": x}]` where a plain value belongs, and `"id"` for `{"value": "id"}` (Entra ID's manager). Undefined means
 * unassigned: `null` and `[]` (RFC 7643 §2.5), and `""` for `{"value": …}`, with which Entra ID clears a manager.
 *
 * @throws ScimError `invalidValue` that names the attribute and the type it expects, or a member without its id.
 */
export function readValue(
  attribute: Attribute,
  value: Json | undefined,
  options: ReadValueOptions = {},
): Json | undefined {
  if (value === undefined || value === null) return undefined;
  if (attribute.multiValued) return readItems(attribute, value, options);
  const single = unwrapped(value);
  return attribute.type === 'complex' && typeof single === 'string'
    ? readShorthand(attribute, single)
    : readSingle(attribute, single, options);
}

function readItems(
  attribute: Attribute,
  value: Json,
  options: ReadValueOptions,
): readonly Json[] | undefined {
  const isLoose = options.looseLists === true;
  if (!isJsonArray(value) && !isLoose) throw wrongType(attribute, valueTexts.array);
  const read: Json[] = [];
  for (const item of itemsOf(attribute, value)) {
    const one = readItem(attribute, item, options);
    if (one !== undefined) read.push(one);
    // Taken for no item, it would empty the group.
    else if (isMembers(attribute)) throw memberWithoutId();
  }
  return read.length === 0 ? undefined : read;
}

function itemsOf({ name }: Attribute, value: Json): readonly Json[] {
  if (isJsonArray(value)) return value;
  // Salesforce documents `{"path": "members", "value": {"members": [...]}}`.
  const nested = isJsonObject(value) ? memberOf(value, name) : undefined;
  return isJsonArray(nested) ? nested : [value];
}

function readItem(attribute: Attribute, item: Json, options: ReadValueOptions): Json | undefined {
  if (item === null) return undefined;
  if (attribute.type === 'complex' && typeof item === 'string' && options.looseLists === true) {
    return readShorthand(attribute, item);
  }
  const read = readSingle(attribute, item, options);
  return isMembers(attribute) && isJsonObject(read) ? readMember(item, read) : read;
}

function readSingle(attribute: Attribute, value: Json, options: ReadValueOptions): Json | undefined {
  switch (attribute.type) {
    case 'complex':
      return readComplex(attribute, value, options);
    case 'boolean':
      return readBoolean(attribute, value);
    case 'integer':
      if (Number.isSafeInteger(value)) return value;
      throw wrongType(attribute, valueTexts.integer);
    case 'decimal':
      if (typeof value === 'number') return value;
      throw wrongType(attribute, valueTexts.decimal);
    case 'dateTime':
      if (typeof value === 'string' && isDateTime(value)) return value;
      throw wrongType(attribute, valueTexts.dateTime);
    case 'binary':
      if (typeof value === 'string' && base64Pattern.test(value)) return value;
      throw wrongType(attribute, valueTexts.binary);
    default:
      if (typeof value === 'string') return value;
      throw wrongType(attribute, valueTexts.text);
  }
}

function readComplex(attribute: Attribute, value: Json, options: ReadValueOptions): JsonObject | undefined {
  if (!isJsonObject(value)) throw wrongType(attribute, valueTexts.object);
  const read: JsonDraft = {};
  let assigned = false;
  for (const key of Object.keys(value)) {
    const subAttribute = attribute.subAttributes.get(key);
    if (subAttribute === undefined || subAttribute.mutability === 'readOnly') continue;
    const one = readValue(subAttribute, value[key], options);
    if (one === undefined) continue;
    read[subAttribute.name] = one;
    assigned = true;
  }
  return assigned ? read : undefined;
}

function readShorthand(attribute: Attribute, text: string): JsonObject | undefined {
  if (attribute.subAttributes.get('value') === undefined) throw wrongType(attribute, valueTexts.object);
  return text === '' ? undefined : { value: text };
}

// Entra ID writes booleans as "True" and "False" unless a flag is set on the tenant URL.
function readBoolean(attribute: Attribute, value: Json): boolean {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.toLowerCase() : undefined;
  if (word === 'true') return true;
  if (word === 'false') return false;
  throw wrongType(attribute, valueTexts.boolean);
}

function unwrapped(value: Json): Json {
  const [only, ...more] = isJsonArray(value) ? value : [];
  return only !== undefined && more.length === 0
    ? isJsonObject(only) && typeof only.value === 'string'
      ? only.value
      : only
    : value;
}

const base64Pattern = /^[A-Za-z0-9+/_-]*={0,2}$/;
// RFC 7643 §2.3.5: xsd:dateTime, which has both a date and a time.
const dateTimePattern = /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/;

function isDateTime(value: string): boolean {
  return dateTimePattern.test(value) && !Number.isNaN(Date.parse(value));
}

function wrongType(attribute: Attribute, expected: string): ScimError {
  return badRequest('invalidValue', fill(valueTexts.wrongType, { attribute: attribute.label, expected }));
}
