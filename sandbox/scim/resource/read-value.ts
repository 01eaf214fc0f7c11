import { isJsonArray, isJsonObject, type Json, type JsonDraft, type JsonObject } from '../json.ts';
import type { Attribute } from '../schema/attribute.ts';
import { badRequest, type ScimError } from '../scim-error.ts';

/** How an attribute's value may be written. */
export interface ReadValueOptions {
  /**
   * Accept what identity providers write in PATCH besides the schema's form: one item where a list belongs,
   * `[{"value": x}]` where a plain value belongs, and `"id"` for `{"value": "id"}` (Entra ID's manager).
   */
  readonly lenient?: boolean;
}

/**
 * Reads a value as the schema types it, in the schema's spelling of sub-attributes. Read-only sub-attributes
 * and unknown ones are left out (RFC 7644 §3.3). Undefined means unassigned: `null` and `[]` (RFC 7643 §2.5).
 *
 * @throws ScimError `invalidValue` that names the attribute and the type it expects.
 */
export function readValue(
  attribute: Attribute,
  value: Json | undefined,
  options: ReadValueOptions = {},
): Json | undefined {
  if (value === undefined || value === null) return undefined;
  if (attribute.multiValued) return readItems(attribute, value, options);
  return readSingle(attribute, options.lenient === true ? unwrapped(value) : value, options);
}

function readItems(
  attribute: Attribute,
  value: Json,
  options: ReadValueOptions,
): readonly Json[] | undefined {
  if (!isJsonArray(value) && options.lenient !== true) throw wrongType(attribute, 'an array');
  const items = isJsonArray(value) ? value : [value];
  const read: Json[] = [];
  for (const item of items) {
    const one = item === null ? undefined : readSingle(attribute, item, options);
    if (one !== undefined) read.push(one);
  }
  return read.length === 0 ? undefined : read;
}

function readSingle(attribute: Attribute, value: Json, options: ReadValueOptions): Json | undefined {
  switch (attribute.type) {
    case 'complex':
      return readComplex(attribute, value, options);
    case 'boolean':
      return readBoolean(attribute, value);
    case 'integer':
      if (Number.isSafeInteger(value)) return value;
      throw wrongType(attribute, 'an integer');
    case 'decimal':
      if (typeof value === 'number') return value;
      throw wrongType(attribute, 'a number');
    case 'dateTime':
      if (typeof value === 'string' && isDateTime(value)) return value;
      throw wrongType(attribute, 'a dateTime such as "2011-05-13T04:42:34Z"');
    case 'binary':
      if (typeof value === 'string' && base64Pattern.test(value)) return value;
      throw wrongType(attribute, 'a base64 string');
    default:
      if (typeof value === 'string') return value;
      throw wrongType(attribute, 'a string');
  }
}

function readComplex(attribute: Attribute, value: Json, options: ReadValueOptions): JsonObject | undefined {
  if (!isJsonObject(value)) {
    const valueAttribute = attribute.subAttributes.get('value');
    if (options.lenient === true && typeof value === 'string' && valueAttribute !== undefined) {
      return { [valueAttribute.name]: value };
    }
    throw wrongType(attribute, 'an object');
  }
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

// Entra ID writes booleans as "True" and "False" unless a flag is set on the tenant URL.
function readBoolean(attribute: Attribute, value: Json): boolean {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.toLowerCase() : undefined;
  if (word === 'true') return true;
  if (word === 'false') return false;
  throw wrongType(attribute, 'true or false');
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
  return badRequest('invalidValue', `The attribute "${attribute.label}" must be ${expected}.`);
}
