import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import type { Attribute } from '../schema/attribute.ts';
import { badRequest, type ScimError } from '../scim-error.ts';

/** Whether an attribute is a group's `members`, whose items have rules of their own. */
export function isMembers({ name }: Attribute): boolean {
  return name === 'members';
}

/**
 * Completes a member as it was read. Some identity providers name a member by `displayName`, which RFC 7643 §4.2 does
 * not know: it is shown as `display`.
 */
export function readMember(item: Json, read: JsonObject): JsonObject {
  const { displayName } = isJsonObject(item) ? item : {};
  return typeof displayName === 'string' && read.display === undefined
    ? { ...read, display: displayName }
    : read;
}

/**
 * Brings a member into the form in which it is stored: `$ref` and `type` follow from `value`, whatever the client says.
 *
 * @throws ScimError `invalidValue` when it has no id.
 */
export function settleMember(item: Json): Json {
  if (!isJsonObject(item)) return item;
  const { value, display } = item;
  if (typeof value !== 'string' || value === '') throw memberWithoutId();
  return display === undefined ? { value } : { value, display };
}

/** The error for a member that names nobody. Left out instead, it would empty a group that is replaced. */
export function memberWithoutId(): ScimError {
  return badRequest('invalidValue', 'A member needs a "value": the id of a user or group.');
}
