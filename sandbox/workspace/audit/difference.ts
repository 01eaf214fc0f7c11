import { isJsonArray, isJsonObject, isSameJson, type Json, type JsonObject } from '../../../scim/json.ts';

/** The differences between two versions: the changed attributes, before and after. */
export type Difference = { readonly before: JsonObject; readonly after: JsonObject };

/** Compares two versions; undefined if they are equal. */
export function differenceOf(before: JsonObject, after: JsonObject): Difference | undefined {
  const was: [string, Json][] = [];
  const is: [string, Json][] = [];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    const next = Object.hasOwn(after, name) ? after[name] : undefined;
    if (isSameJson(old, next)) continue;
    const [left, right] = name === 'members' ? [without(old, next), without(next, old)] : [old, next];
    if (left !== undefined) was.push([name, left]);
    if (right !== undefined) is.push([name, right]);
  }
  // fromEntries defines own members, so that a key such as "__proto__" stays a harmless key.
  return was.length + is.length === 0
    ? undefined
    : { before: Object.fromEntries(was), after: Object.fromEntries(is) };
}

// A group can have thousands of members: an event lists only added and removed ones.
function without(members: Json | undefined, others: Json | undefined): Json | undefined {
  if (!isJsonArray(members)) return members;
  const known = new Set(isJsonArray(others) ? others.map(idOf) : []);
  return members.filter((member) => !known.has(idOf(member)));
}

function idOf(member: Json): Json | undefined {
  return isJsonObject(member) ? member.value : member;
}
