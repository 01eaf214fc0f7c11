import type { Filter } from '../filter/filter.ts';
import type { JsonDraft, JsonObject } from '../json.ts';
import { readValue } from '../resource/read-value.ts';
import type { Attribute } from '../schema/attribute.ts';

/**
 * The item that a filter of `eq` comparisons describes: `type eq "work"` is `{"type": "work"}`. It is what a
 * filtered add or replace creates when no item matches, as Entra ID expects. Undefined for any other filter,
 * since `value co "x"` does not say what to create.
 */
export function filterTemplate(owner: Attribute, filter: Filter): JsonObject | undefined {
  const template: JsonDraft = {};
  for (const part of filter.kind === 'and' ? filter.filters : [filter]) {
    if (part.kind !== 'compare' || part.operator !== 'eq') return undefined;
    const attribute = owner.subAttributes.get(part.path.attribute);
    if (attribute === undefined || part.path.filter !== undefined) return undefined;
    const value = readValue(attribute, part.value, { looseLists: true });
    if (value === undefined) return undefined;
    template[attribute.name] = value;
  }
  return template;
}
