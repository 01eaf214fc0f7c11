import { isRecord } from '../../schemas/is-record.ts';
import { memberOf } from '../json.ts';
import { extensionsWith } from '../path.ts';
import type { Attribute, AttributeTable } from '../schema/attribute.ts';
import type { ResourceModel } from '../schema/resource-model.ts';
import { compareLeniently } from './comparison.ts';
import { compileFilter, type FilterScope, type FilterTarget, type Predicate } from './compile-filter.ts';
import type { AttributePath, Filter } from './filter.ts';

/** Decides whether a resource that a provider returned matches a filter. */
export type FilterMatcher = Predicate<Readonly<Record<string, unknown>>>;

/**
 * Compiles a filter leniently, for resources as providers return them: attributes that no schema knows are read as they
 * are, and an attribute of an extension may be named without its URI. A filter never fails: what cannot be compared
 * does not match.
 */
export function createFilterMatcher(filter: Filter, model: ResourceModel): FilterMatcher {
  return compileFilter(filter, lenientScope(model));
}

function lenientScope(model: ResourceModel): FilterScope<Readonly<Record<string, unknown>>> {
  return {
    target(path) {
      const { attribute: name, subAttribute } = path;
      const { urn, attributes } = homeOf(model, path);
      return lenientTarget(attributes?.get(name), subAttribute, (resource) => {
        const holder = urn === undefined ? resource : memberOf(resource, urn);
        return isRecord(holder) ? memberOf(holder, name) : undefined;
      });
    },
  };
}

/** Where an attribute is: under a URI, or at the top of the resource. */
function homeOf(
  model: ResourceModel,
  { schema, attribute }: AttributePath,
): { readonly urn?: string; readonly attributes?: AttributeTable } {
  if (schema !== undefined && !model.isCore(schema)) {
    const extension = model.extension(schema);
    return extension === undefined ? { urn: schema } : { urn: extension.id, ...extension };
  }
  const isKnown = schema !== undefined || model.attributes.get(attribute) !== undefined;
  const [extension] = isKnown ? [] : extensionsWith(model, attribute);
  return extension === undefined ? model : { urn: extension.id, ...extension };
}

function itemScope(owner: Attribute | undefined): FilterScope<unknown> {
  return {
    target: ({ attribute: name, subAttribute }) =>
      lenientTarget(owner?.subAttributes.get(name), subAttribute, (item) =>
        isRecord(item) ? memberOf(item, name) : undefined,
      ),
  };
}

function lenientTarget<T>(
  attribute: Attribute | undefined,
  subAttribute: string | undefined,
  read: (subject: T) => unknown,
): FilterTarget<T> {
  // A multi-valued attribute that is compared as a whole is compared by its `value`.
  const leaf =
    attribute?.subAttributes.get(subAttribute ?? 'value') ??
    (subAttribute === undefined ? attribute : undefined);
  return {
    read,
    part(item) {
      if (!isRecord(item)) return subAttribute === undefined ? valueOrNone(item) : undefined;
      return valueOrNone(memberOf(item, subAttribute ?? 'value'));
    },
    isPresent: (value) => valueOrNone(value) !== undefined,
    compare(operator, value) {
      const test = compareLeniently(leaf, operator, value);
      return (one) => (Array.isArray(one) ? one.some(test) : test(one));
    },
    items: () => itemScope(attribute),
  };
}

// Providers return empty strings for attributes that have no value.
function valueOrNone(value: unknown): unknown {
  if (value === null || value === '') return undefined;
  return Array.isArray(value) && value.every((item) => valueOrNone(item) === undefined) ? undefined : value;
}
