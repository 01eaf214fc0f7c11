import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonDraft,
  type JsonObject,
  sameJson,
} from '../../scim/json.ts';

/** What differs between two versions: the attributes that changed, as they were and as they are. */
export type Difference = { readonly before: JsonObject; readonly after: JsonObject };

/** Compares two versions; undefined when they are the same. */
export function differenceOf(before: JsonObject, after: JsonObject): Difference | undefined {
  const was: JsonDraft = {};
  const is: JsonDraft = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old = before[name];
    const next = after[name];
    if (sameJson(old, next)) continue;
    const [left, right] = name === 'members' ? [without(old, next), without(next, old)] : [old, next];
    if (left !== undefined) was[name] = left;
    if (right !== undefined) is[name] = right;
  }
  return Object.keys(was).length + Object.keys(is).length === 0 ? undefined : { before: was, after: is };
}

// A group can have thousands of members: an event tells only of those that came or went.
function without(members: Json | undefined, others: Json | undefined): Json | undefined {
  if (!isJsonArray(members)) return members;
  const known = new Set(isJsonArray(others) ? others.map(idOf) : []);
  return members.filter((member) => !known.has(idOf(member)));
}

function idOf(member: Json): Json | undefined {
  return isJsonObject(member) ? member.value : member;
}
