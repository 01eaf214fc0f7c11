import { diffItems, diffResources, itemsByValue } from '../../../scim/diff.ts';
import type { Json, JsonObject } from '../../../scim/json.ts';

/** What differs between two versions: the attributes that changed, as they were and as they are. */
export type Difference = { readonly before: JsonObject; readonly after: JsonObject };

/** Compares two versions; undefined when they are the same. */
export function differenceOf(before: JsonObject, after: JsonObject): Difference | undefined {
  const changed = diffResources(before, after).map(({ path, from, to }) =>
    path === 'members' ? { path, ...movedMembers(from, to) } : { path, from, to },
  );
  const side = (values: readonly [string, unknown][]): JsonObject =>
    // fromEntries defines own members, so that a key such as "__proto__" stays a harmless key.
    Object.fromEntries(values.filter((entry): entry is [string, Json] => entry[1] !== undefined));
  return changed.length === 0
    ? undefined
    : {
        before: side(changed.map(({ path, from }) => [path, from])),
        after: side(changed.map(({ path, to }) => [path, to])),
      };
}

// A group can have thousands of members: an event lists only those that came or went.
function movedMembers(from: unknown, to: unknown): { readonly from: unknown; readonly to: unknown } {
  const moved = diffItems('members', itemsByValue(from), itemsByValue(to));
  return {
    from: from && moved.flatMap((one) => one.from ?? []),
    to: to && moved.flatMap((one) => one.to ?? []),
  };
}
