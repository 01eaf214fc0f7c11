import type { Filter } from '../../scim/filter/filter.ts';
import { parseFilter } from '../../scim/filter/parse-filter.ts';

/** A filter that matches no resource of any type. */
export const matchesNothing = 'not (id pr)';

/**
 * The attributes that a filter compares, in lower case and without their schema: `emails`, `username`. None if the
 * filter is invalid, which the service itself reports.
 */
export function filterAttributes(text: string): readonly string[] {
  try {
    return attributesOf(parseFilter(text, { unquotedStrings: true }));
  } catch {
    return [];
  }
}

function attributesOf(filter: Filter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(attributesOf);
    case 'not':
      return attributesOf(filter.filter);
    default:
      return [filter.path.attribute.toLowerCase()];
  }
}
