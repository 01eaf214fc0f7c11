import { compareLeniently } from '../../scim/filter/comparison.ts';
import type { FilterValue } from '../../scim/filter/filter.ts';
import { formatValue } from '../../scim/filter/format-filter.ts';
import { findAttribute, jsonPathOf, valuesAt } from '../../scim/path.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';
import type { ResourceDefinition } from '../definition/definition.ts';
import type { Resource } from '../resource.ts';

/** The condition that the attribute at a path has a value. */
export interface Equality {
  readonly path: string;
  readonly value: FilterValue;
}

/** Formats equalities as one filter that requires all of them; values are escaped, so that each matches only itself. */
export function formatEqualities(equalities: readonly Equality[]): string {
  return equalities.map(({ path, value }) => `${path} eq ${formatValue(value)}`).join(' and ');
}

/**
 * Whether a resource matches the equalities; undefined if it does not show the attribute, since a provider may omit it.
 * Some providers ignore a filter and return every resource, so each result is checked.
 */
export function fitsEqualities(
  definition: ResourceDefinition,
  resource: Resource,
  equalities: readonly Equality[],
): boolean | undefined {
  const model = modelOf(definition);
  let fits: boolean | undefined = true;
  for (const { path, value } of equalities) {
    const values = valuesAt(resource, jsonPathOf(model, path)).filter((shown) => isComparable(shown, value));
    if (values.length === 0) fits = undefined;
    else if (!values.some(compareLeniently(findAttribute(model, path), 'eq', value))) return false;
  }
  return fits;
}

/** Words of a provider's own, such as "enabled", are no booleans. */
function isComparable(shown: unknown, wanted: FilterValue): boolean {
  return typeof wanted !== 'boolean' || /^(?:true|false)$/i.test(String(shown));
}

/**
 * The resources that match. A resource that does not show the attribute is trusted, for providers that filter by
 * attributes that they do not return, unless another resource does not match: then the provider ignores the filter.
 */
export function onlyFitting(
  definition: ResourceDefinition,
  resources: readonly Resource[],
  equalities: readonly Equality[],
): readonly Resource[] {
  const fits = resources.map((resource) => fitsEqualities(definition, resource, equalities));
  const isIgnored = fits.includes(false);
  return resources.filter((_, index) => fits[index] === true || (fits[index] === undefined && !isIgnored));
}
