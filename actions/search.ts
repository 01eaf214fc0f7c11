import { problemTexts } from '../connector/error-texts.ts';
import { invalidInput } from '../connector/errors.ts';
import { type Equality, formatEqualities, onlyFitting } from '../connector/provider/equality-filter.ts';
import { readPages } from '../connector/provider/read-pages.ts';
import type { Resource } from '../connector/resource.ts';
import { fill } from '../schemas/fill.ts';
import type { FilterValue } from '../scim/filter/filter.ts';
import { FilterSyntaxError, parseFilter } from '../scim/filter/parse-filter.ts';
import {
  type ActionContext,
  type ActionOf,
  type Input,
  type OperationHandler,
  resourceOf,
} from './operation.ts';
import { projectionOf } from './read.ts';

/** GET with a filter, all pages of it. */
export const search: OperationHandler<'search'> = {
  type: 'search',
  async run(context, action, input) {
    const resources: Resource[] = [];
    let totalResults = 0;
    let truncated = false;
    const limit = input.limit ?? numberDefault(action, 'limit');
    for await (const page of searchPages(context, action, { ...input, limit })) {
      resources.push(...page.resources);
      ({ totalResults, truncated } = page);
    }
    if (truncated && input.limit === undefined) {
      context.platform.log({
        level: 'warn',
        event: 'search_truncated',
        message: `Only the first ${resources.length} of ${totalResults} results were read. Set "limit" to read more.`,
      });
    }
    return { totalResults, truncated, resources };
  },
};

/** One page of a search. */
export interface SearchPage {
  readonly resources: readonly Resource[];
  /** How many there are at the provider. */
  readonly totalResults: number;
  /** Whether there are more than were read, because of `limit`; known on the last page. */
  readonly truncated: boolean;
}

/**
 * The same, page by page, so that a large directory never stands in memory whole. It goes to the end unless the input
 * has a limit: one by default would cut it off, and nothing in a stream says so.
 */
export async function* searchPages(
  context: ActionContext,
  action: ActionOf<'search'>,
  input: Input,
): AsyncGenerator<SearchPage, void, undefined> {
  const definition = resourceOf(context, action);
  const equalities = equalitiesOf(action, input);
  const limit = (input.limit as number | undefined) ?? Number.POSITIVE_INFINITY;
  const pageSize = (input.pageSize as number | undefined) ?? numberDefault(action, 'pageSize') ?? 100;
  const query = {
    filter: filterOf(equalities, input.filter as string | undefined),
    sortBy: input.sortBy as string | undefined,
    sortOrder: input.sortOrder as string | undefined,
    ...projectionOf(input),
    count: Math.min(pageSize, limit),
  };
  let given = 0;
  let unfit = 0;
  for await (const page of readPages(context.reader(definition, context.signal), query)) {
    const fitting = onlyFitting(definition, page.resources, equalities);
    unfit += page.resources.length - fitting.length;
    if (unfit > 0)
      context.platform.log({ level: 'warn', event: 'filter_ignored', path: definition.endpoint, unfit });
    const resources = fitting.slice(0, limit - given);
    given += resources.length;
    const isFull = given === limit && (resources.length < fitting.length || !page.isLast);
    // A provider that ignores the filter counts everybody: then only what was read and fits is known.
    yield { resources, totalResults: unfit > 0 ? given : page.totalResults, truncated: isFull };
    if (isFull) return;
  }
}

function equalitiesOf({ fields }: ActionOf<'search'>, input: Input): readonly Equality[] {
  return fields.flatMap(({ key, attribute }) =>
    attribute === undefined || input[key] === undefined
      ? []
      : [{ path: attribute, value: input[key] as FilterValue }],
  );
}

function filterOf(equalities: readonly Equality[], raw: string | undefined): string | undefined {
  if (raw === undefined) return equalities.length === 0 ? undefined : formatEqualities(equalities);
  try {
    parseFilter(raw);
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    throw invalidInput([
      {
        path: 'filter',
        message: fill(problemTexts.notAFilter, {
          reason: error.message,
          example: problemTexts.searchExample,
        }),
      },
    ]);
  }
  return equalities.length === 0 ? raw : `${formatEqualities(equalities)} and (${raw})`;
}

function numberDefault({ fields }: ActionOf<'search'>, name: string): number | undefined {
  const preset = fields.find(({ key }) => key === name)?.default;
  return typeof preset === 'number' ? preset : undefined;
}
