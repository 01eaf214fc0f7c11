import { attributePathOf } from '../../connector/definition/attribute-path.ts';
import type {
  ConnectorDefinition,
  ResourceDefinition,
  TriggerDefinition,
} from '../../connector/definition/definition.ts';
import { invalidInput } from '../../connector/errors.ts';
import type { EventChange, ProvisioningEvent } from '../../connector/event.ts';
import { problemTexts } from '../../connector/problem-texts.ts';
import { fitsEqualities } from '../../connector/provider/equality-filter.ts';
import {
  findById,
  findByReference,
  idOfReference,
  type Reference,
} from '../../connector/provider/look-up.ts';
import type { LookupReader } from '../../connector/provider/reader.ts';
import { readFilter } from '../../connector/read-filter.ts';
import type { Resource } from '../../connector/resource.ts';
import { fill } from '../../schemas/fill.ts';
import { keyOfItem } from '../../scim/canonical.ts';
import type { Filter } from '../../scim/filter/filter.ts';
import { createFilterMatcher, type FilterMatcher } from '../../scim/filter/match-filter.ts';
import { foldCase } from '../../scim/fold-case.ts';
import { itemValue } from '../../scim/patch/outcome.ts';
import { isAtPath, readPath } from '../../scim/path.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';
import { resourceBefore } from '../resource-before.ts';
import { hasScimId } from '../sources/sources.ts';
import type { TriggerContext, TriggerInput } from '../trigger-context.ts';

/**
 * Whether a trigger with its input reports an event. Its resource has been checked before.
 *
 * @example
 * ```ts
 * const pipeline = connector.eventPipeline('user_deprovisioned', {});
 * const isLeaver: Selector = await pipeline.openSelector();
 * ```
 */
export type Selector = (event: ProvisioningEvent) => boolean;

/** The keys of the fields that select by what has changed. */
export const changeCriteria: readonly string[] = ['changedAttributes', 'roleFrom', 'roleTo'];

/**
 * Creates the test of an event's type and changes. The scope filter tests the resource.
 *
 * @throws ConnectorError `invalid_input` if `changedAttributes` names an attribute that no resource of the trigger has.
 */
export function createSelector(
  definition: ConnectorDefinition,
  { detect }: TriggerDefinition,
  input: TriggerInput,
): Selector {
  const { resources, types, changed, except } = detect;
  const given = input.changedAttributes as readonly string[] | undefined;
  const wanted = given === undefined ? undefined : toPaths(definition, resources, given);
  const from = input.roleFrom as string | undefined;
  const to = input.roleTo as string | undefined;

  return ({ resource, type, changes }) => {
    if (!resources.includes(resource) || !types.includes(type)) return false;
    // A source can report a replacement without the changes: this cannot be decided, so it passes.
    if (type === 'put' && changes.length === 0) return from === undefined && to === undefined;
    const ofTrigger = changed === undefined ? changes : changes.filter(({ path }) => isAtOne(path, changed));
    if (changed !== undefined && ofTrigger.length === 0) return false;
    if (except !== undefined && changes.every(({ path }) => isAtOne(path, except))) return false;
    if (wanted !== undefined && !changes.some(({ path }) => isAtOne(path, wanted))) return false;
    return (
      (from === undefined || ofTrigger.some((change) => hasValue(change, 'from', from))) &&
      (to === undefined || ofTrigger.some((change) => hasValue(change, 'to', to)))
    );
  };
}

function isAtOne(path: string, paths: readonly string[]): boolean {
  return paths.some((one) => isAtPath(path, one));
}

/** Whether a side of a change has a value; an unknown value can be it. */
function hasValue(change: EventChange, side: 'from' | 'to', wanted: string): boolean {
  const isKnown = side === 'from' ? change.fromKnown : change.toKnown;
  if (!isKnown) return true;
  const value = change[side];
  return (Array.isArray(value) ? value : [value]).some((item) => item !== null && keyOfItem(item) === wanted);
}

/** The paths of attributes, which can have the names of forms: `department`. */
function toPaths(
  { resources }: ConnectorDefinition,
  names: readonly string[],
  given: readonly string[],
): readonly string[] {
  const known = names.flatMap((name) => resources[name] ?? []);
  return given.map((wanted, index) => {
    for (const resource of known) {
      const path = attributePathOf(resource, wanted);
      if (path !== undefined) return path;
    }
    throw invalidInput([
      {
        path: `changedAttributes[${index}]`,
        message: fill(problemTexts.notAnAttribute, { resources: names.join(problemTexts.or) }),
      },
    ]);
  });
}

/**
 * Creates the test of a source's events: whether a trigger with its input reports one. Polls decide by the
 * snapshot. A source's event has only its own data, and passes if that is not enough to decide. We prefer
 * false positives: they get reviewed, missed events do not.
 *
 * @param input is valid for the trigger's fields.
 * @throws ConnectorError `invalid_input`, and the errors of a group lookup at the provider.
 */
export async function openEventSelector(
  context: TriggerContext,
  trigger: TriggerDefinition,
  input: TriggerInput,
): Promise<Selector> {
  const selects = createSelector(context.definition, trigger, input);
  const scopeFilter = await createScopeFilter(context, trigger, input);
  return (event) => {
    const definition = context.definition.resources[event.resource];
    return definition !== undefined && selects(event) && mayFit(scopeFilter, definition, comparable(event));
  };
}

/** An event in a form that can be compared with the provider's resources: the sender's own IDs are not SCIM IDs. */
function comparable(event: ProvisioningEvent): ProvisioningEvent {
  if (event.data === null || hasScimId(event)) return event;
  return { ...event, data: { ...event.data, id: '' } };
}

/** Whether the resource matches or matched the input, or whether this cannot be decided. */
function mayFit(scopeFilter: ScopeFilter, definition: ResourceDefinition, event: ProvisioningEvent): boolean {
  if (scopeFilter.fits(definition, event.data) !== false) return true;
  if (event.type === 'create') return false;
  // The changes are unknown: one of them can be the reason why the resource no longer matches.
  if (event.changes.length === 0 && (event.type === 'put' || event.type === 'patch')) return true;
  const changes = event.changes.filter(({ path }) => scopeFilter.dependsOn(definition, path));
  return scopeFilter.fits(definition, resourceBefore(definition, { ...event, changes })) !== false;
}

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
  const group = await findWithMembers(context.reader(named, context.signal), named, reference);
  if (group === undefined)
    context.platform.log({ level: 'warn', event: 'group_not_found', group: JSON.stringify(reference) });
  const members = foldedIds(group?.members);
  return {
    fits(_, resource) {
      // If a sender uses its own IDs, membership cannot be decided.
      if (resource === null || resource.id === '') return undefined;
      if (group === undefined) return false;
      return members.has(foldCase(resource.id)) || foldedIds(resource.groups).has(foldCase(group.id));
    },
    dependsOn: (definition, path) => isOneOf(definition, path, membership),
  };
}

const membership: ReadonlySet<string> = new Set(['groups']);

/** A group with its members. Lists can hide them, so a group that a list shows is read by its ID. */
async function findWithMembers(
  reader: LookupReader,
  definition: ResourceDefinition,
  reference: Reference,
): Promise<Resource | undefined> {
  const found = await findByReference(reader, definition, reference);
  if (found === undefined || idOfReference(reference) !== undefined) return found;
  return (await findById(reader, definition, found.id)) ?? found;
}

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

/** The IDs in a list of references, in folded case: some providers show them in another case than the resources have. */
function foldedIds(references: unknown): ReadonlySet<string> {
  const ids = (Array.isArray(references) ? references : []).map(itemValue);
  return new Set(ids.filter((id) => typeof id === 'string').map(foldCase));
}
