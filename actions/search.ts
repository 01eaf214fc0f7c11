import { attributePathOf, pathsOf, qualifyFilter } from '../connector/definition/attribute-path.ts';
import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { type InputProblem, invalidInput } from '../connector/errors.ts';
import { problemTexts } from '../connector/problem-texts.ts';
import { type Equality, formatEqualities, onlyFitting } from '../connector/provider/equality-filter.ts';
import type { Projection } from '../connector/provider/find-by-value.ts';
import { readFilter } from '../connector/read-filter.ts';
import type { Resource } from '../connector/resource.ts';
import { didYouMean } from '../schemas/did-you-mean.ts';
import { fill } from '../schemas/fill.ts';
import { isRecord } from '../schemas/is-record.ts';
import type { Filter, FilterValue } from '../scim/filter/filter.ts';
import { formatFilter, formatPath } from '../scim/filter/format-filter.ts';
import { createFilterMatcher } from '../scim/filter/match-filter.ts';
import { jsonPathOf, valuesAt } from '../scim/path.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import {
  type ActionContext,
  type ActionOf,
  type Input,
  type OperationHandler,
  resourceOf,
} from './operation.ts';
import { projectionOf } from './read.ts';
import { readMatching } from './read-matching.ts';

/** GET with a filter, all pages of it. */
export const search: OperationHandler<'search'> = {
  type: 'search',
  async run(context, action, input) {
    const resources: Resource[] = [];
    let totalResults = 0;
    let truncated = false;
    for await (const page of searchPages(context, action, input)) {
      resources.push(...page.resources);
      ({ totalResults, truncated } = page);
    }
    return { totalResults, truncated, resources };
  },
};

/** One page of a search. */
export interface SearchPage {
  readonly resources: readonly Resource[];
  /** How many there are at the provider. */
  readonly totalResults: number;
  /** Whether there are more than were returned; known on the last page. */
  readonly truncated: boolean;
}

/**
 * The same, page by page, so that a large directory is never completely in memory. It reads to the end unless the input
 * has a limit: a default limit would truncate it, and a stream cannot report that.
 */
export async function* searchPages(
  context: ActionContext,
  action: ActionOf<'search'>,
  input: Input,
): AsyncGenerator<SearchPage, void, undefined> {
  const definition = resourceOf(context, action);
  const equalities = equalitiesOf(action, input);
  const limit = (input.limit as number | undefined) ?? Number.POSITIVE_INFINITY;
  const pageSize = (input.pageSize as number | undefined) ?? 100;
  const raw =
    input.filter === undefined ? undefined : readQualifiedFilter(definition, input.filter as string);
  const query = {
    filter: filterOf(equalities, raw),
    sortBy: input.sortBy === undefined ? undefined : pathOf(definition, input.sortBy as string, 'sortBy'),
    sortOrder: input.sortOrder as string | undefined,
    ...qualifiedProjection(definition, input),
    count: Math.min(pageSize, limit),
  };
  const logTruncated = (message: string): void =>
    context.platform.log({ level: 'warn', event: 'search_truncated', message });
  let given = 0;
  let unfit = 0;
  for await (const page of readMatching(context, definition, query, { equalities, raw })) {
    const fitting = matchingFilter(definition, onlyFitting(definition, page.resources, equalities), raw);
    if (unfit === 0 && fitting.length < page.resources.length)
      context.platform.log({ level: 'warn', event: 'filter_ignored', path: definition.endpoint });
    unfit += page.resources.length - fitting.length;
    const resources = fitting.slice(0, limit - given);
    given += resources.length;
    const isCut = given === limit && (resources.length < fitting.length || !page.isLast);
    const unreadable = page.isLast && !isCut ? page.unreadable : 0;
    // A provider that ignores the filter counts everyone: then only what was read and fits is known.
    const totalResults = unfit > 0 ? given + unreadable : page.totalResults;
    if (isCut && limit === action.input.properties?.limit?.default)
      logTruncated(`Only the first ${given} of ${totalResults} results were read. Set "limit" to read more.`);
    if (unreadable > 0)
      logTruncated(
        `${unreadable} of ${totalResults} results are missing: they cannot be read, such as those without an ID.`,
      );
    yield { resources, totalResults, truncated: isCut || unreadable > 0 };
    if (isCut) return;
  }
}

/**
 * Rejects criteria that are present but undefined: dropping one would match everything, and what follows a search is
 * often a change of all results.
 *
 * @throws ConnectorError `invalid_input`
 */
export function assertCriteria({ fields }: ActionOf<'search'>, given: unknown): void {
  if (!isRecord(given)) return;
  const isCriterion = (key: string): boolean =>
    key === 'filter' || fields.some((field) => field.key === key && field.attribute !== undefined);
  const problems = Object.keys(given).flatMap((path) =>
    given[path] === undefined && isCriterion(path)
      ? [{ path, message: problemTexts.undefinedCriterion }]
      : [],
  );
  if (problems.length > 0) throw invalidInput(problems);
}

function equalitiesOf({ fields }: ActionOf<'search'>, input: Input): readonly Equality[] {
  return fields.flatMap(({ key, attribute }) =>
    attribute === undefined || input[key] === undefined
      ? []
      : [{ path: attribute, value: input[key] as FilterValue }],
  );
}

function filterOf(equalities: readonly Equality[], raw: Filter | undefined): string | undefined {
  if (raw === undefined) return equalities.length === 0 ? undefined : formatEqualities(equalities);
  return equalities.length === 0
    ? formatFilter(raw)
    : `${formatEqualities(equalities)} and (${formatFilter(raw)})`;
}

/** Parses a filter, and names its attributes in full. @throws ConnectorError `invalid_input` */
function readQualifiedFilter(definition: ResourceDefinition, text: string): Filter {
  const { filter, unknown } = qualifyFilter(definition, readFilter(text, problemTexts.searchExample));
  if (unknown.length > 0)
    throw invalidInput(unknown.map((name) => notAnAttribute(definition, name, 'filter')));
  return filter;
}

function qualifiedProjection(definition: ResourceDefinition, input: Input): Projection {
  const { attributes, excludedAttributes } = projectionOf(input);
  return {
    attributes: attributes?.map((name, index) => pathOf(definition, name, `attributes[${index}]`)),
    excludedAttributes: excludedAttributes?.map((name, index) =>
      pathOf(definition, name, `excludedAttributes[${index}]`),
    ),
  };
}

function pathOf(definition: ResourceDefinition, name: string, field: string): string {
  const path = attributePathOf(definition, name);
  if (path === undefined) throw invalidInput([notAnAttribute(definition, name, field)]);
  return path;
}

function notAnAttribute(definition: ResourceDefinition, name: string, field: string): InputProblem {
  const known = [...definition.attributes.map((one) => one.name), ...definition.fields.map(({ key }) => key)];
  const message = fill(problemTexts.unknownAttribute, { name, resource: definition.title.toLowerCase() });
  return { path: field, message: `${message}${didYouMean(name, known)}` };
}

/**
 * The resources that match a filter. As with {@link onlyFitting}, one that does not show what the filter compares is
 * believed, unless another one shows that the provider ignores the filter.
 */
function matchingFilter(
  definition: ResourceDefinition,
  resources: readonly Resource[],
  filter: Filter | undefined,
): readonly Resource[] {
  if (filter === undefined) return resources;
  const model = modelOf(definition);
  const matches = createFilterMatcher(filter, model);
  const paths = pathsOf(filter).map((path) => jsonPathOf(model, formatPath(path)));
  const shows = (resource: Resource): boolean => paths.every((path) => valuesAt(resource, path).length > 0);
  const isIgnored = resources.some((resource) => !matches(resource) && shows(resource));
  return isIgnored ? resources.filter(matches) : resources;
}
