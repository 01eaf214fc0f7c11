import { isJsonArray, isJsonObject, type Json } from '../json.ts';
import type { Attribute } from '../schema/attribute.ts';
import { badRequest } from '../scim-error.ts';
import { compileComparison, type ValueTest } from './compile-comparison.ts';
import type { AttributePath, Filter } from './filter.ts';
import { type FilterScope, itemScope } from './filter-scope.ts';

/** Decides whether a resource, or an item of a multi-valued attribute, matches. */
export type Predicate<T> = (subject: T) => boolean;

/**
 * Compiles a filter once, so that running it over many resources only compares (RFC 7644 §3.4.2.2).
 * A comparison holds when any value of the attribute satisfies it; `ne` is the opposite of `eq`, so that a
 * missing value is not equal to anything, and `eq null` asks for a missing one.
 *
 * @throws ScimError `invalidFilter` when an attribute's type does not allow the comparison.
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
    case 'not': {
      const test = compileFilter(filter.filter, scope);
      return (subject) => !test(subject);
    }
    case 'present':
      return compileAny(filter.path, scope, () => hasValue);
    case 'compare': {
      const { path, operator, value } = filter;
      if (value === null) {
        if (operator !== 'eq' && operator !== 'ne') {
          throw badRequest('invalidFilter', `null can only be compared with eq and ne, not ${operator}.`);
        }
        const present = compileAny(path, scope, () => hasValue);
        return operator === 'ne' ? present : (subject) => !present(subject);
      }
      if (operator === 'ne') {
        const equal = compileAny(path, scope, (leaf) => compileComparison(leaf, 'eq', value));
        return (subject) => !equal(subject);
      }
      return compileAny(path, scope, (leaf) => compileComparison(leaf, operator, value));
    }
  }
}

function compileAny<T>(
  path: AttributePath,
  scope: FilterScope<T>,
  makeTest: (leaf: Attribute) => ValueTest,
): Predicate<T> {
  const target = scope.target(path);
  if (target === undefined) return () => false;
  const { attribute, subAttribute } = target;
  if (attribute.returned === 'never') {
    // RFC 7643 §7 would allow it, but a filter that can ask for a secret can guess it.
    throw badRequest('invalidFilter', `The attribute "${attribute.label}" cannot be filtered on.`);
  }
  const pick = path.filter && compileFilter(path.filter, itemScope(attribute));
  // RFC 7643 §2.4: a multi-valued attribute that is named without a sub-attribute means its "value".
  const leaf = subAttribute ?? attribute.subAttributes.get('value') ?? attribute;
  const wholeItems = subAttribute === undefined;
  const test = makeTest(leaf);
  const testItem: ValueTest = (item) => {
    if (pick !== undefined && !pick(item)) return false;
    if (leaf === attribute || (wholeItems && test === hasValue)) return test(item);
    const value = isJsonObject(item) ? item[leaf.name] : undefined;
    return value !== undefined && test(value);
  };
  return (subject) => {
    const value = target.read(subject);
    if (value === undefined) return false;
    return isJsonArray(value) ? value.some(testItem) : testItem(value);
  };
}

// RFC 7644 §3.4.2.2 `pr`: "has a non-empty or non-null value, or contains a non-empty node".
const hasValue: ValueTest = (value: Json) => {
  if (value === null || value === '') return false;
  if (isJsonArray(value)) return value.some(hasValue);
  return isJsonObject(value) ? Object.values(value).some(hasValue) : true;
};
