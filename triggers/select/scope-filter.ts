import type { ResourceDefinition, TriggerDefinition } from '../../connector/definition/definition.ts';
import { problemTexts } from '../../connector/problem-texts.ts';
import { fitsEqualities } from '../../connector/provider/equality-filter.ts';
import { findByReference, type Reference } from '../../connector/provider/look-up.ts';
import { readFilter } from '../../connector/read-filter.ts';
import type { Resource } from '../../connector/resource.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { Filter } from '../../scim/filter/filter.ts';
import { createFilterMatcher, type FilterMatcher } from '../../scim/filter/match-filter.ts';
import { readPath } from '../../scim/path.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';
import type { TriggerContext, TriggerInput } from '../trigger-context.ts';

/** The scope of an input. */
export interface ScopeFilter {
  /** Whether a resource is in scope; undefined if it does not show enough to decide. */
  fits(definition: ResourceDefinition, resource: Resource | null): boolean | undefined;
  /** Whether the attribute at the path of a change affects that. */
  dependsOn(definition: ResourceDefinition, path: string): boolean;
}

/**
 * Creates the scope filter of an input. The group in it is looked up once.
 *
 * @throws ConnectorError `invalid_input` if the filter is invalid.
 */
export async function createScopeFilter(
  context: TriggerContext,
  trigger: TriggerDefinition,
  input: TriggerInput,
): Promise<ScopeFilter> {
  const tests = [filterTest(input.filter as string | undefined), await groupTest(context, trigger, input)];
  const scopeFilters = tests.filter((test) => test !== undefined);
  return {
    fits(definition, resource) {
      const answers = scopeFilters.map((one) => one.fits(definition, resource));
      if (answers.includes(false)) return false;
      return answers.includes(undefined) ? undefined : true;
    },
    dependsOn: (definition, path) => scopeFilters.some((one) => one.dependsOn(definition, path)),
  };
}

function filterTest(text: string | undefined): ScopeFilter | undefined {
  if (text === undefined) return undefined;
  const filter = readFilter(text, problemTexts.triggerExample);
  const names = namesIn(filter);
  const matchers = new Map<ResourceDefinition, FilterMatcher>();
  return {
    fits(definition, resource) {
      if (resource === null) return undefined;
      const matches = matchers.get(definition) ?? createFilterMatcher(filter, modelOf(definition));
      matchers.set(definition, matches);
      return matches(resource);
    },
    dependsOn: (definition, path) => isOneOf(definition, path, names),
  };
}

/** Whether a path can be that of an attribute with one of the names: a whole extension can have any. */
function isOneOf(definition: ResourceDefinition, text: string, names: ReadonlySet<string>): boolean {
  const path = readPath(modelOf(definition), text);
  return path.definition === undefined || names.has(path.attribute.toLowerCase());
}

/** The names of the attributes in a filter, in lower case. */
function namesIn(filter: Filter): ReadonlySet<string> {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return new Set(filter.filters.flatMap((one) => [...namesIn(one)]));
    case 'not':
      return namesIn(filter.filter);
    case 'present':
    case 'compare':
      return new Set([filter.path.attribute.toLowerCase()]);
  }
}

async function groupTest(
  context: TriggerContext,
  { fields, detect }: TriggerDefinition,
  input: TriggerInput,
): Promise<ScopeFilter | undefined> {
  const field = fields.find(({ kind, key }) => kind === 'reference' && input[key] !== undefined);
  if (field === undefined) return undefined;
  const reference = input[field.key] as Reference;
  const named = context.definition.resources[field.resource ?? ''];
  if (named === undefined) throw new TypeError(`The field ${field.key} refers to no resource`);
  // In a trigger for groups, the input names one of them; in one for users, a group of which they are members.
  if (detect.resources.includes(named.name)) {
    const [way = ''] = Object.keys(reference);
    const names = new Set(named.lookupKeys.find(({ key }) => key === way)?.attributes.map(nameOfAttribute));
    return {
      fits: (definition, resource) => isNamed(definition, resource, reference),
      dependsOn: (definition, path) => isOneOf(definition, path, names),
    };
  }
  const group = await findByReference(context.reader(named, context.signal), named, reference);
  if (group === undefined)
    context.platform.log({ level: 'warn', event: 'group_not_found', group: JSON.stringify(reference) });
  const members = new Set(listOf(group?.members).flatMap((member) => idOfItem(member) ?? []));
  return {
    fits(_, resource) {
      // If a sender uses its own IDs, membership cannot be decided.
      if (resource === null || resource.id === '') return undefined;
      if (group === undefined) return false;
      return members.has(resource.id) || listOf(resource.groups).some((one) => idOfItem(one) === group.id);
    },
    dependsOn: (definition, path) => isOneOf(definition, path, membership),
  };
}

const membership: ReadonlySet<string> = new Set(['groups']);

/** `emails.value` → `emails` */
function nameOfAttribute(path: string): string {
  return path.replace(/\..*/, '').toLowerCase();
}

function isNamed(
  definition: ResourceDefinition,
  resource: Resource | null,
  reference: Reference,
): boolean | undefined {
  if (resource === null) return undefined;
  const [way, value = ''] = Object.entries(reference)[0] ?? [];
  const paths = definition.lookupKeys.find(({ key }) => key === way)?.attributes ?? [];
  const answers = paths.map((path) => fitsEqualities(definition, resource, [{ path, value }]));
  return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function idOfItem(item: unknown): string | undefined {
  return isRecord(item) && typeof item.value === 'string' ? item.value : undefined;
}
