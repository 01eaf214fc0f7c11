import { parsePath } from '../../../scim/filter/parse-filter.ts';
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonDraft,
  type JsonObject,
  memberOf,
} from '../../../scim/json.ts';
import { type ResolvedPath, resolvePath } from '../../../scim/path.ts';
import { normalizeItems } from '../../../scim/resource/normalize-items.ts';
import { readValue } from '../../../scim/resource/read-value.ts';
import { type AttributeTable, isStored } from '../../../scim/schema/attribute.ts';
import type { ExtensionModel } from '../../../scim/schema/resource-model.ts';
import { badRequest } from '../../../scim/scim-error.ts';
import type { ResourceType } from '../schema/resource-type.ts';

/**
 * Reads the body of a POST or PUT as attributes to store: in the schemas' spelling and types, read-only and
 * unknown attributes omitted (RFC 7644 §3.3: "SHALL be ignored"). As in a PATCH, a key can be a path.
 *
 * @throws ScimError `invalidValue` for a wrong type and for `schemas` that do not name the resource type.
 */
export function readResource(type: ResourceType, body: Json): JsonObject {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  checkSchemas(type, memberOf(body, 'schemas'));
  const attributes: JsonDraft = {};
  for (const key of Object.keys(body)) {
    const value = body[key];
    const extension = type.extension(key);
    if (extension !== undefined) readExtension(attributes, extension, value);
    else if (type.attributes.get(key) !== undefined) readInto(attributes, type.attributes, key, value);
    else readFlat(attributes, type, key, value);
  }
  return attributes;
}

/**
 * Checks that every required attribute has a value, and that a required string is not empty (RFC 7643 §4.1.1).
 *
 * @throws ScimError `invalidValue` that names the attribute.
 */
export function checkRequired(type: ResourceType, attributes: JsonObject): void {
  for (const attribute of type.schema.attributes.list) {
    if (!attribute.required) continue;
    const value = attributes[attribute.name];
    if (value === undefined || (typeof value === 'string' && value.trim() === '')) {
      throw badRequest('invalidValue', `The attribute "${attribute.label}" is required.`);
    }
  }
}

function readExtension(
  target: JsonDraft,
  { id, attributes }: ExtensionModel,
  values: Json | undefined,
): void {
  if (values === null) return;
  if (!isJsonObject(values)) throw badRequest('invalidValue', `"${id}" must be an object.`);
  for (const name of Object.keys(values)) readNested(target, id, attributes, name, values[name]);
}

// Entra ID writes attributes flat, with `urn:…:enterprise:2.0:User:department` and `name.givenName` as keys.
function readFlat(target: JsonDraft, type: ResourceType, key: string, value: Json | undefined): void {
  const resolved = resolveKey(type, key);
  if (resolved === undefined) return;
  const { attribute, extension, subAttribute } = resolved;
  if (subAttribute === undefined) {
    if (extension === undefined) readInto(target, type.attributes, attribute.name, value);
    else readNested(target, extension.id, extension.attributes, attribute.name, value);
    return;
  }
  if (attribute.multiValued || attribute.mutability === 'readOnly') return;
  const owner: JsonDraft = extension === undefined ? target : { ...objectAt(target, extension.id) };
  readNested(owner, attribute.name, attribute.subAttributes, subAttribute.name, value);
  if (extension !== undefined && Object.keys(owner).length > 0) target[extension.id] = owner;
}

function resolveKey(type: ResourceType, key: string): ResolvedPath | undefined {
  try {
    const path = parsePath(key);
    return path.filter === undefined ? resolvePath(type, path) : undefined;
  } catch {
    return undefined;
  }
}

function readNested(
  target: JsonDraft,
  owner: string,
  table: AttributeTable,
  key: string,
  value: Json | undefined,
): void {
  const read: JsonDraft = { ...objectAt(target, owner) };
  readInto(read, table, key, value);
  if (Object.keys(read).length > 0) target[owner] = read;
}

function objectAt(target: JsonDraft, name: string): JsonObject {
  const value = target[name];
  return isJsonObject(value) ? value : {};
}

function readInto(target: JsonDraft, table: AttributeTable, key: string, value: Json | undefined): void {
  const attribute = table.get(key);
  if (attribute === undefined || attribute.mutability === 'readOnly') return;
  const read = readValue(attribute, value);
  if (read === undefined || !isStored(attribute)) return;
  target[attribute.name] = isJsonArray(read) ? normalizeItems(attribute, read) : read;
}

// RFC 7643 §3: "schemas" is required. URNs of unknown schemas are accepted: Entra ID adds one.
function checkSchemas(type: ResourceType, schemas: Json | undefined): void {
  if (!isJsonArray(schemas) || !schemas.some((urn) => typeof urn === 'string' && type.isCore(urn))) {
    throw badRequest('invalidValue', `The attribute "schemas" must contain "${type.schema.id}".`);
  }
}
