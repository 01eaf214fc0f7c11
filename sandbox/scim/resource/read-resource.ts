import { isJsonArray, isJsonObject, type Json, type JsonDraft, type JsonObject, memberOf } from '../json.ts';
import type { Attribute, AttributeTable } from '../schema/attribute.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import { badRequest } from '../scim-error.ts';
import { readValue } from './read-value.ts';
import { settleItems } from './settle-items.ts';

/**
 * Reads the body of a POST or PUT as attributes to store: in the schemas' spelling and types, read-only and
 * unknown attributes left out (RFC 7644 §3.3: "SHALL be ignored").
 *
 * @throws ScimError `invalidValue` for a wrong type and for `schemas` that do not name the resource type.
 */
export function readResource(type: ResourceType, body: Json): JsonObject {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  checkSchemas(type, memberOf(body, 'schemas'));
  const attributes: JsonDraft = {};
  for (const key of Object.keys(body)) {
    const extension = type.extension(key);
    if (extension === undefined) {
      readInto(attributes, type.attributes, key, body[key]);
      continue;
    }
    const values = body[key];
    if (values === null) continue;
    if (!isJsonObject(values)) throw badRequest('invalidValue', `"${extension.id}" must be an object.`);
    const read: JsonDraft = {};
    for (const name of Object.keys(values)) readInto(read, extension.attributes, name, values[name]);
    if (Object.keys(read).length > 0) attributes[extension.id] = read;
  }
  return attributes;
}

/**
 * Checks that every required attribute has a value, a non-empty one where it is a string (RFC 7643 §4.1.1).
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

/** Whether clients can store an attribute: never `id`, `meta`, `schemas`, and no password is kept. */
export function isStored(attribute: Attribute): boolean {
  return (
    attribute.mutability !== 'readOnly' &&
    attribute.mutability !== 'writeOnly' &&
    attribute.name !== 'schemas'
  );
}

function readInto(target: JsonDraft, table: AttributeTable, key: string, value: Json | undefined): void {
  const attribute = table.get(key);
  if (attribute === undefined || attribute.mutability === 'readOnly') return;
  const read = readValue(attribute, value);
  if (read === undefined || !isStored(attribute)) return;
  target[attribute.name] = isJsonArray(read) ? settleItems(attribute, read) : read;
}

// RFC 7643 §3: "schemas" is required. URNs of schemas that are not known here are no fault: Entra ID adds one.
function checkSchemas(type: ResourceType, schemas: Json | undefined): void {
  if (!isJsonArray(schemas) || !schemas.some((urn) => typeof urn === 'string' && type.isCore(urn))) {
    throw badRequest('invalidValue', `The attribute "schemas" must contain "${type.schema.id}".`);
  }
}
