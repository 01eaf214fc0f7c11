import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import type { Resource } from '../../connector/resource.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { createFilterMatcher, type FilterMatcher } from '../../scim/filter/match-filter.ts';
import { FilterSyntaxError, parseFilter } from '../../scim/filter/parse-filter.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';

/** A resource as it is at the provider, and as it would be; undefined if there is or would be none. */
export interface Prediction {
  readonly before: Resource | undefined;
  readonly after: Resource | undefined;
}

/**
 * A list as it would be after the predicted changes. Resources show their new state. Those that would come or go do so
 * only in a list with a filter, which fits on one page: elsewhere, they would shift the pages after it.
 */
export function adjustList(
  definition: ResourceDefinition,
  body: unknown,
  filter: string | undefined,
  predictions: ReadonlyMap<string, Prediction>,
): unknown {
  if (!isRecord(body) || !Array.isArray(body.Resources)) return body;
  const matches = filter === undefined ? undefined : matcherOf(definition, filter);
  const shown = new Set<string>();
  const adjusted = body.Resources.flatMap((entry: unknown) => {
    const id = isRecord(entry) ? String(entry.id) : '';
    const prediction = predictions.get(id);
    if (prediction === undefined) return [entry];
    shown.add(id);
    const { before, after } = prediction;
    // A provider that ignores the filter lists what did not match before, either.
    const isLeaving =
      matches !== undefined && before !== undefined && matches(before) && !fits(matches, after);
    return isLeaving ? [] : [after ?? entry];
  });
  const newcomers = [...predictions]
    .filter(([id, { after }]) => !shown.has(id) && matches !== undefined && fits(matches, after))
    .map(([, { after }]) => after);
  const grown = adjusted.length + newcomers.length - body.Resources.length;
  const total = Number(body.totalResults);
  return {
    ...body,
    Resources: [...adjusted, ...newcomers],
    ...(!Number.isNaN(total) && { totalResults: total + grown }),
  };
}

function fits(matches: FilterMatcher, resource: Resource | undefined): boolean {
  return resource !== undefined && matches(resource);
}

function matcherOf(definition: ResourceDefinition, filter: string): FilterMatcher | undefined {
  try {
    return createFilterMatcher(parseFilter(filter), modelOf(definition));
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    return undefined;
  }
}
