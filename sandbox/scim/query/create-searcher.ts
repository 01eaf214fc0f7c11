import { createHash } from 'node:crypto';
import { compileFilter, countComparisons } from '../../../scim/filter/compile-filter.ts';
import type { Filter } from '../../../scim/filter/filter.ts';
import { FilterSyntaxError, parseFilter } from '../../../scim/filter/parse-filter.ts';
import { resourceScope } from '../../../scim/filter/typed-scope.ts';
import type { JsonObject } from '../../../scim/json.ts';
import { badRequest } from '../../../scim/scim-error.ts';
import { compileProjection, type Projection } from '../resource/compile-projection.ts';
import type { Representer } from '../resource/create-representer.ts';
import type { ResourceRecord } from '../resource/resource-record.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import type { ScimLimits } from '../scim-limits.ts';
import type { Interceptors } from '../service/interceptors.ts';
import type { Store } from '../store/store.ts';
import { ascending, compileSortKey, descending, type Placed } from './compile-order.ts';
import { createCursorCodec } from './cursor-codec.ts';
import { listResponse } from './list-response.ts';
import { pageByCursor, pageByIndex } from './paginate.ts';
import { planCandidates } from './plan-candidates.ts';
import type { SearchRequest } from './search-request.ts';

/** Searches resources of the given types and returns a ListResponse. */
export type Searcher = (types: readonly ResourceType[], request: SearchRequest) => JsonObject;

/** The dependencies of a searcher. */
export interface SearcherOptions {
  readonly store: Store;
  readonly representer: Representer;
  readonly limits: ScimLimits;
  /** Whether `cursor` is supported (RFC 9865). Otherwise it is ignored, like any unknown parameter. */
  readonly cursorPagination: boolean;
  readonly interceptors: Interceptors;
  readonly now: () => Date;
}

/** Creates a searcher: filter, then sort, then page, then project (RFC 7644 §3.4.2). */
export function createSearcher({
  store,
  representer,
  limits,
  cursorPagination,
  interceptors,
  now,
}: SearcherOptions): Searcher {
  const codec = createCursorCodec();

  function matching(
    type: ResourceType,
    filter: Filter | undefined,
    request: SearchRequest,
  ): readonly ResourceRecord[] {
    const whole = store.list(type.recordType);
    const all = interceptors.searched?.(whole, request, type) ?? whole;
    if (filter === undefined) return all;
    const matches = compileFilter(filter, resourceScope(type, representer.read));
    // The indexes cover only the whole list.
    const plan = all === whole ? planCandidates(filter, type, store) : undefined;
    const size = Math.min(plan?.size ?? all.length, all.length);
    if (size * countComparisons(filter) > limits.maxComparisons) {
      throw badRequest(
        'tooMany',
        'The filter takes too many comparisons. Use fewer, or an indexed attribute.',
      );
    }
    return plan === undefined ? all.filter(matches) : recordsOf(plan.ids(), store).filter(matches);
  }

  return (types, asked) => {
    const request = interceptors.query?.(asked, types) ?? asked;
    const byRecordType = new Map(types.map((type) => [type.recordType, type]));
    const filter = request.filter === undefined ? undefined : readFilter(request.filter, limits);
    const projections = new Map<string, Projection | undefined>();
    const places = new Map<ResourceRecord, Placed>();
    const { sortBy } = request;
    let found: readonly ResourceRecord[] = [];
    for (const type of types) {
      projections.set(type.recordType, compileProjection(type, request));
      const records = matching(type, filter, request);
      found = found.length === 0 ? records : [...found, ...records];
      if (sortBy === undefined) continue;
      const keyOf = compileSortKey(type, sortBy, representer.read);
      for (const record of records) places.set(record, { key: keyOf(record), sequence: record.sequence });
    }
    const order = request.sortOrder === 'descending' ? descending : ascending;
    const place = (record: ResourceRecord): Placed => places.get(record) ?? unsorted(record);
    if (sortBy !== undefined || types.length > 1) {
      found = found.toSorted((left, right) => order(place(left), place(right)));
    }
    const page =
      request.cursor === undefined || !cursorPagination
        ? pageByIndex(found, request.startIndex ?? 1, request.count, limits)
        : pageByCursor(found, {
            cursor: request.cursor,
            count: request.count,
            query: fingerprint(types, request),
            place,
            order,
            codec,
            nowMs: now().getTime(),
            limits,
          });
    const resources = page.items.map((record) => {
      const whole = representer.represent(record);
      const type = byRecordType.get(record.type);
      const shown =
        type === undefined
          ? whole
          : (interceptors.resource?.(whole, { type, record, place: 'list' }) ?? whole);
      return projections.get(record.type)?.(shown) ?? shown;
    });
    const list = listResponse({ ...page, items: resources, totalResults: found.length });
    return interceptors.list?.(list, request, types) ?? list;
  };
}

// Without sortBy, the order is the order of creation, which never changes.
function unsorted({ sequence }: ResourceRecord): Placed {
  return { key: null, sequence };
}

function recordsOf(ids: Iterable<string>, store: Store): readonly ResourceRecord[] {
  const records: ResourceRecord[] = [];
  for (const id of ids) {
    const record = store.get(id);
    if (record !== undefined) records.push(record);
  }
  return records.sort((left, right) => left.sequence - right.sequence);
}

function readFilter(text: string, limits: ScimLimits): Filter {
  if (text.length > limits.maxFilterLength) {
    throw badRequest('invalidFilter', `The filter is longer than ${limits.maxFilterLength} characters.`);
  }
  try {
    // One of Entra ID's documented samples omits the quotes: `externalId eq jyoung`.
    return parseFilter(text, { unquotedStrings: true });
  } catch (error) {
    if (error instanceof FilterSyntaxError) throw badRequest('invalidFilter', `${error.message}.`);
    throw error;
  }
}

// RFC 9865 §2: all parameters except the cursor must be the same for every page.
function fingerprint(types: readonly ResourceType[], request: SearchRequest): string {
  const { attributes, excludedAttributes, filter, sortBy, sortOrder } = request;
  const names = types.map(({ name }) => name);
  return createHash('sha256')
    .update(JSON.stringify([names, attributes, excludedAttributes, filter, sortBy, sortOrder]))
    .digest('base64url');
}
