import { isJsonObject } from '../json.ts';
import type { ValueOperator, ValueTest } from './comparison.ts';
import type { AttributePath, Filter, FilterValue } from './filter.ts';

/** Decides whether a resource, or an item of a multi-valued attribute, matches. */
export type Predicate<T> = (subject: T) => boolean;

/** An attribute that a filter names, with the way to read it from the subject that is filtered. */
export interface FilterTarget<T> {
  /** The attribute's value: one, or a list of items; undefined when the subject has none. */
  read(subject: T): unknown;
  /** What a comparison compares of one value, or of one item of a list; undefined when it has none. */
  part(item: unknown): unknown;
  /** Whether a value counts as present. */
  isPresent: ValueTest;
  /** @throws ScimError `invalidFilter` when the attribute knows no such comparison, in a strict scope. */
  compare(operator: ValueOperator, value: Exclude<FilterValue, null>): ValueTest;
  /** Where the names between brackets are looked up: in the items. */
  items(): FilterScope<unknown>;
}

/** Where a filter's attribute names are looked up: in a resource, or in an item between brackets. */
export interface FilterScope<T> {
  /** Undefined when there is no such attribute: it then counts as having no value (RFC 7644 §3.4.2.1). */
  target(path: AttributePath): FilterTarget<T> | undefined;
  /** Throws for an order between null and something else. Without it, nothing matches. */
  refuseNull?(operator: ValueOperator): never;
}

/**
 * Compiles a filter once, so that running it over many resources only compares (RFC 7644 §3.4.2.2). A comparison holds
 * when any value of the attribute satisfies it; `ne` is the opposite of `eq`, so that a missing value is not equal to
 * anything, and `eq null` asks for a missing one.
 *
 * @throws ScimError `invalidFilter` when an attribute's type does not allow the comparison, in a strict scope.
 */
export function compileFilter<T>(filter: Filter, scope: FilterScope<T>): Predicate<T> {
  switch (filter.kind) {
    case 'and': {
      const tests = filter.filters.map((part) => compileFilter(part, scope));
      return (subject) => tests.every((test) => test(subject));
    }
    case 'or': {
      const tests = filter.filters.map((part) => compileFilter(part, scope));
      return (subject) => tests.some((test) => test(subject));
    }
    case 'not':
      return negated(compileFilter(filter.filter, scope));
    case 'present':
      return compilePresent(filter.path, scope);
    case 'compare': {
      const { path, operator, value } = filter;
      if (value === null) {
        if (operator === 'ne') return compilePresent(path, scope);
        if (operator === 'eq') return negated(compilePresent(path, scope));
        scope.refuseNull?.(operator);
        return () => false;
      }
      if (operator === 'ne') return negated(compileComparison(path, scope, 'eq', value));
      return compileComparison(path, scope, operator, value);
    }
  }
}

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

function negated<T>(test: Predicate<T>): Predicate<T> {
  return (subject) => !test(subject);
}

function compilePresent<T>(path: AttributePath, scope: FilterScope<T>): Predicate<T> {
  const target = scope.target(path);
  if (target === undefined) return () => false;
  const { isPresent } = target;
  return path.subAttribute === undefined
    ? compileAny(path, target, isPresent)
    : compileAny(path, target, testOfPart(target, isPresent));
}

function compileComparison<T>(
  path: AttributePath,
  scope: FilterScope<T>,
  operator: ValueOperator,
  value: Exclude<FilterValue, null>,
): Predicate<T> {
  const target = scope.target(path);
  return target === undefined
    ? () => false
    : compileAny(path, target, testOfPart(target, target.compare(operator, value)));
}

function testOfPart<T>({ part }: FilterTarget<T>, test: ValueTest): ValueTest {
  return (item) => {
    const value = part(item);
    return value !== undefined && test(value);
  };
}

function compileAny<T>({ filter }: AttributePath, target: FilterTarget<T>, test: ValueTest): Predicate<T> {
  const pick = filter && compileFilter(filter, target.items());
  // A plain value has no sub-attributes that a filter in brackets could pick it by.
  const testItem: ValueTest =
    pick === undefined ? test : (item) => isJsonObject(item) && pick(item) && test(item);
  return (subject) => {
    const value = target.read(subject);
    if (value === undefined) return false;
    return Array.isArray(value) ? value.some(testItem) : testItem(value);
  };
}
