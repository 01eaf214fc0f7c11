import {
  isJsonArray,
  isJsonObject,
  isSameJson,
  type Json,
  type JsonDraft,
  type JsonObject,
} from '../../../scim/json.ts';

/** One attribute that differs between two versions of a resource; undefined means no value. */
export interface AttributeChange {
  /** Its SCIM path (RFC 7644 §3.5.2), such as `name.givenName`, or `urn:…:User:department`. */
  readonly path: string;
  readonly from: Json | undefined;
  readonly to: Json | undefined;
}

/**
 * Compares two versions of a resource's attributes. A complex attribute in both is compared by its sub-attributes,
 * an extension always. A list is one attribute.
 */
export function attributeChanges(before: JsonObject, after: JsonObject): readonly AttributeChange[] {
  return namesOf(before, after).flatMap((name) => {
    const from = memberOf(before, name);
    const to = memberOf(after, name);
    // Only the name of an extension, which is a URI, has a colon.
    if (name.includes(':')) return childrenOf(`${name}:`, from ?? {}, to ?? {});
    return changeOf(name, from, to);
  });
}

function changeOf(path: string, from: Json | undefined, to: Json | undefined): readonly AttributeChange[] {
  if (isSameJson(from, to)) return [];
  return isJsonObject(from) && isJsonObject(to) ? childrenOf(`${path}.`, from, to) : [{ path, from, to }];
}

function childrenOf(prefix: string, from: Json, to: Json): readonly AttributeChange[] {
  if (!isJsonObject(from) || !isJsonObject(to)) return [];
  return namesOf(from, to).flatMap((name) =>
    changeOf(prefix + name, memberOf(from, name), memberOf(to, name)),
  );
}

function namesOf(left: JsonObject, right: JsonObject): readonly string[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])];
}

function memberOf(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * The PATCH operations that turn one version into the other.
 *
 * @param shown - The current resource as SCIM shows it: members have this form.
 */
export function operationsOf(changes: readonly AttributeChange[], shown: JsonObject): readonly JsonObject[] {
  return changes.flatMap(({ path, from, to }): readonly JsonObject[] => {
    if (path === 'members') return memberOperations(from, to, shown.members);
    if (to === undefined) return [{ op: 'remove', path }];
    return [{ op: from === undefined ? 'add' : 'replace', path, value: to }];
  });
}

// A group can have thousands of members: only added, removed, and changed ones are listed.
function memberOperations(
  from: Json | undefined,
  to: Json | undefined,
  shown: Json | undefined,
): readonly JsonObject[] {
  const before = membersById(from);
  const after = membersById(to);
  const shownById = membersById(shown);
  const operations: JsonDraft[] = [];
  for (const id of before.keys())
    if (!after.has(id)) operations.push({ op: 'remove', path: pathOfMember(id) });
  const added: Json[] = [];
  for (const [id, member] of after) {
    const value = shownById.get(id) ?? member;
    if (!before.has(id)) added.push(value);
    else if (!isSameJson(before.get(id), member)) {
      operations.push({ op: 'replace', path: pathOfMember(id), value });
    }
  }
  if (added.length > 0) operations.push({ op: 'add', path: 'members', value: added });
  // The same members in a different order.
  if (operations.length === 0) operations.push({ op: 'replace', path: 'members', value: shown ?? [] });
  return operations;
}

function pathOfMember(id: string): string {
  return `members[value eq ${JSON.stringify(id)}]`;
}

function membersById(members: Json | undefined): ReadonlyMap<string, Json> {
  if (!isJsonArray(members)) return new Map();
  return new Map(
    members.map((member) => [isJsonObject(member) ? String(member.value) : String(member), member]),
  );
}
