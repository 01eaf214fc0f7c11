import { compareLeniently } from '../../scim/filter/comparison.ts';
import type { FilterValue } from '../../scim/filter/filter.ts';
import { formatValue } from '../../scim/filter/format-filter.ts';
import { findAttribute, jsonPathOf, valuesAt } from '../../scim/path.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';
import type { ResourceDefinition } from '../definition/definition.ts';
import type { Resource } from '../resource.ts';

/** "The attribute at this path has this value." */
export interface Equality {
  readonly path: string;
  readonly value: FilterValue;
}

/** Prints equalities as one filter, all of which must hold; values are escaped, so that each matches only itself. */
export function formatEqualities(equalities: readonly Equality[]): string {
  return equalities.map(({ path, value }) => `${path} eq ${formatValue(value)}`).join(' and ');
}

/**
 * Whether a resource fits the equalities; undefined where it does not show the attribute, since a provider may leave
 * it out. Some providers ignore a filter and answer everyone, so what was found is always looked at again.
 */
export function fitsEqualities(
  definition: ResourceDefinition,
  resource: Resource,
  equalities: readonly Equality[],
): boolean | undefined {
  const model = modelOf(definition);
  let fits: boolean | undefined = true;
  for (const { path, value } of equalities) {
    const values = valuesAt(resource, jsonPathOf(model, path));
    if (values.length === 0) fits = undefined;
    else if (!values.some(compareLeniently(findAttribute(model, path), 'eq', value))) return false;
  }
  return fits;
}

/**
 * The resources that fit. One that shows none of the attribute is taken on trust, for providers that filter by what
 * they do not return; but not next to one that does not fit, since that shows a provider which ignores the filter.
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
