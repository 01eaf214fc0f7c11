import { findAttribute, jsonPathOf, valuesAt } from '../../scim/path.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';
import type { ResourceDefinition } from '../definition/definition.ts';
import { errorTexts, fillError } from '../error-texts.ts';
import { ConnectorError } from '../errors.ts';
import { boundClient } from '../http/bound-client.ts';
import type { Resource } from '../resource.ts';
import type { TraitName } from '../traits.ts';
import {
  askFilter,
  askMore,
  distinct,
  type FilteredAnswer,
  hidesMatches,
  isFilterRejected,
  unusedValue,
} from './ask-filter.ts';
import { type Equality, fitsEqualities, onlyFitting } from './equality-filter.ts';
import type { FilterWorks } from './habits.ts';
import type { PageQuery } from './read-list.ts';
import { readPages } from './read-pages.ts';
import type { LookupReader } from './reader.ts';

/** Which attributes of a resource to return (RFC 7644 §3.9). */
export type Projection = Pick<PageQuery, 'attributes' | 'excludedAttributes'>;

/** The resources that have a value. */
export interface Matches {
  readonly found: readonly Resource[];
  readonly isAbsenceProved: boolean;
  /** The `Date` header of the last response, in milliseconds since 1970; undefined without one. */
  readonly answeredAtInMs: number | undefined;
}

/** A projection, and until when the lookup may take, in milliseconds since 1970. */
export type LookupOptions = Projection & { readonly deadlineAtInMs?: number };

/** How many resources of a list are read to prove that a value is not there, if the filters of the provider do not. */
export const mostListed = 2_000;
const listedPerPage = 100;

/**
 * Finds the resources that have a value in one of the attributes. The attributes are asked for in turn; one that the
 * provider rejects in a filter is skipped. If no filter can be relied on, the list is read and compared.
 *
 * @throws ConnectorError the rejection, when no attribute can be filtered and the list is too long to be compared.
 */
export async function findByValue(
  reader: LookupReader,
  definition: ResourceDefinition,
  paths: readonly string[],
  value: string,
  { deadlineAtInMs, ...options }: LookupOptions = {},
): Promise<Matches> {
  if (deadlineAtInMs !== undefined)
    return findByValue(
      { ...reader, client: boundClient(reader.client, { deadlineAtInMs }) },
      definition,
      paths,
      value,
      options,
    );
  let answeredAtInMs: number | undefined;
  let rejection: ConnectorError | undefined;
  const unproved: string[] = [];
  let isShort = false;
  for (const path of paths) {
    const works = filterWorks(reader, definition, path);
    if (works === false) {
      unproved.push(path);
      continue;
    }
    const answer = await askFilter(reader, { path, value }, options).catch((error: unknown) => {
      if (!isFilterRejected(error)) throw error;
      return error;
    });
    if (answer instanceof ConnectorError) {
      rejection = answer;
      unproved.push(path);
      reader.changes.notice(traitOfRejection(path, answer), { path, status: answer.status });
      continue;
    }
    answeredAtInMs = answer.answeredAtInMs;
    const { matching, isIgnored } = await judge(reader, definition, { path, value }, answer, options);
    if (matching.length > 0) return { found: matching, isAbsenceProved: true, answeredAtInMs };
    if (isIgnored) setFilterWorks(reader, definition, path, false);
    if (isIgnored) reader.changes.notice('filters-ignored', { path });
    const hidesSome = !isIgnored && (await hidesMatches(reader, path, answer));
    isShort ||= hidesSome;
    const isProof = works === true || (works === 'same case' && swapCase(value) === value);
    if (isIgnored || hidesSome || !isProof) unproved.push(path);
  }
  if (unproved.length === 0) return { found: [], isAbsenceProved: true, answeredAtInMs };
  const listed = await searchList(reader, definition, unproved, value, { ...options, isShort });
  if (listed.found.length === 0 && !listed.isAbsenceProved) {
    if (rejection !== undefined && unproved.length === paths.length) throw rejection;
    if (isIgnoredByAll(reader, definition, unproved)) throw filtersIgnored(definition, paths, value);
    reader.log({ level: 'info', event: 'absence_not_proved', paths: unproved });
  }
  return { ...listed, answeredAtInMs };
}

/** Compares the list with a value, as far as the filters of the provider were not found to work. */
async function searchList(
  reader: LookupReader,
  definition: ResourceDefinition,
  paths: readonly string[],
  value: string,
  { attributes, excludedAttributes, isShort }: Projection & { readonly isShort: boolean },
): Promise<Pick<Matches, 'found' | 'isAbsenceProved'>> {
  const found: Resource[] = [];
  let unproved = paths;
  let read = 0;
  let isShown = true;
  for await (const page of readPages(reader, { count: listedPerPage, attributes, excludedAttributes })) {
    const matching = page.resources.filter(
      (resource) => hasValue(definition, resource, paths, value) === true,
    );
    found.push(...matching);
    isShown &&= page.resources.every((resource) => isAnyShown(definition, resource, paths));
    read += page.resources.length;
    if (page.isLast) return { found, isAbsenceProved: isShown };
    if (found.length > 0) break;
    // A filter that finds a value which is known to be there also proves that another is not, unless it hides some.
    if (isShort) continue;
    if (read === page.resources.length)
      unproved = await withoutWorkingFilters(reader, definition, paths, page.resources);
    if (unproved.length === 0) return { found, isAbsenceProved: true };
    if (read >= mostListed && !isIgnoredByAll(reader, definition, paths)) break;
  }
  return { found, isAbsenceProved: found.length > 0 };
}

/** Of attributes, those whose filter does not find a value that a listed resource has. @param listed - the resources */
export async function unprovedFilters(
  reader: LookupReader,
  definition: ResourceDefinition,
  paths: readonly string[],
  listed: readonly Resource[],
): Promise<readonly string[]> {
  const open = paths.filter((path) => filterWorks(reader, definition, path) !== true);
  return withoutWorkingFilters(reader, definition, open, listed);
}

/** Asks for a value that a listed resource has, by each attribute, and returns those whose filter does not find it. */
async function withoutWorkingFilters(
  reader: LookupReader,
  definition: ResourceDefinition,
  paths: readonly string[],
  listed: readonly Resource[],
): Promise<readonly string[]> {
  const model = modelOf(definition);
  const unproved: string[] = [];
  for (const path of paths) {
    const known = listed.find(
      (resource) => typeof valuesAt(resource, jsonPathOf(model, path))[0] === 'string',
    );
    if (known === undefined || filterWorks(reader, definition, path) !== undefined) {
      unproved.push(path);
      continue;
    }
    const value = String(valuesAt(known, jsonPathOf(model, path))[0]);
    const works = await tryFilter(reader, definition, { path, value });
    setFilterWorks(reader, definition, path, works);
    if (works !== true) unproved.push(path);
  }
  return unproved;
}

/**
 * Whether a filter finds a value that is known to be there, in any case of its letters unless the attribute is `caseExact`.
 */
async function tryFilter(
  reader: LookupReader,
  definition: ResourceDefinition,
  { path, value }: Equality & { readonly value: string },
): Promise<FilterWorks> {
  const isExact = findAttribute(modelOf(definition), path)?.caseExact === true;
  let isRejected = false;
  const finds = async (wanted: string): Promise<boolean> => {
    try {
      const { all } = await askFilter(reader, { path, value: wanted }, {});
      return all.length > 0 && all.every((one) => hasValue(definition, one, [path], wanted) === true);
    } catch (error) {
      if (!isFilterRejected(error)) throw error;
      isRejected = true;
      return false;
    }
  };
  const swapped = isExact ? value : swapCase(value);
  if (await finds(swapped)) return true;
  if (swapped !== value && (await finds(value))) return 'same case';
  if (!isRejected) reader.changes.notice('unknown-filter-empty', { path });
  return false;
}

/** The same text with its letters in another case. */
function swapCase(text: string): string {
  const upper = text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
  return upper === text ? text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : upper;
}

/** What a filtered response shows: resources that have the value, or that the provider ignored the filter. */
async function judge(
  reader: LookupReader,
  definition: ResourceDefinition,
  equality: Equality,
  answer: FilteredAnswer,
  options: Projection,
): Promise<{ readonly matching: readonly Resource[]; readonly isIgnored: boolean }> {
  const { all } = answer;
  const fitting = onlyFitting(definition, all, [equality]);
  const isShown = (one: Resource): boolean => fitsEqualities(definition, one, [equality]) === true;
  if (fitting.some(isShown)) {
    // Whether a value names one resource cannot be seen on a page that says there are more.
    const more =
      answer.isShort && fitting.length === all.length ? await askMore(reader, equality, options, answer) : [];
    return { matching: distinct([...fitting, ...more].filter(isShown)), isIgnored: false };
  }
  if (all.length === 0) return { matching: [], isIgnored: false };
  // Resources that do not show the attribute are believed, unless the provider returns some for a value that none has.
  const isIgnored =
    fitting.length === 0 ||
    (await askFilter(reader, { path: equality.path, value: unusedValue(reader) }, options)).all.length > 0;
  return { matching: isIgnored ? [] : fitting, isIgnored };
}

function hasValue(
  definition: ResourceDefinition,
  resource: Resource,
  paths: readonly string[],
  value: string,
): boolean | undefined {
  const outcomes = paths.map((path) => fitsEqualities(definition, resource, [{ path, value }]));
  if (outcomes.includes(true)) return true;
  return outcomes.includes(undefined) ? undefined : false;
}

/** The trait of a provider that rejects a filter. */
function traitOfRejection(path: string, { status }: ConnectorError): TraitName {
  if (status === 500) return 'filter-500';
  return /^emails\b/i.test(path) ? 'email-filter-rejected' : 'no-filter';
}

function isAnyShown(definition: ResourceDefinition, resource: Resource, paths: readonly string[]): boolean {
  const model = modelOf(definition);
  return paths.some((path) => valuesAt(resource, jsonPathOf(model, path)).length > 0);
}

function filterWorks(
  { changes }: LookupReader,
  { name }: ResourceDefinition,
  path: string,
): FilterWorks | undefined {
  return changes.filterWorks.get(`${name}/${path}`);
}

function isIgnoredByAll(
  reader: LookupReader,
  definition: ResourceDefinition,
  paths: readonly string[],
): boolean {
  return paths.every((path) => filterWorks(reader, definition, path) === false);
}

function filtersIgnored(
  { title }: ResourceDefinition,
  paths: readonly string[],
  value: string,
): ConnectorError {
  const resource = title.toLowerCase();
  return new ConnectorError(
    'provider_fault',
    fillError(errorTexts.filterIgnored, { resource, path: paths.join(' or '), value }),
  );
}

function setFilterWorks(
  { changes }: LookupReader,
  { name }: ResourceDefinition,
  path: string,
  works: FilterWorks,
): void {
  changes.filterWorks.set(`${name}/${path}`, works);
}
