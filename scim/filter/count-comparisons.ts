import type { Filter } from './filter.ts';

/** How many comparisons a filter makes at most for one resource, those in brackets included. */
export function countComparisons(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.reduce((sum, part) => sum + countComparisons(part), 0);
    case 'not':
      return countComparisons(filter.filter);
    default:
      return 1 + (filter.path.filter === undefined ? 0 : countComparisons(filter.path.filter));
  }
}
