import type { ResourceDefinition, TriggerDefinition } from '../../connector/definition/definition.ts';
import { ConnectorError, invalidInput } from '../../connector/errors.ts';
import type { Resource } from '../../connector/resource.ts';
import { fitsEqualities } from '../../connector/scim/equality-filter.ts';
import { createFilterMatcher } from '../../connector/scim/filter/match-filter.ts';
import { FilterSyntaxError, parseFilter } from '../../connector/scim/filter/parse-filter.ts';
import { findReferenced, idOfReference, type Reference } from '../../connector/scim/references.ts';
import { resourcePath } from '../../connector/scim/resource-path.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { TriggerContext, TriggerInput } from '../trigger-context.ts';

/** Tells whether a resource is one that an input asks for; undefined where it does not show enough to say. */
export type Narrowing = (definition: ResourceDefinition, resource: Resource | null) => boolean | undefined;

/**
 * Makes the test of whom an input is about. A group that users are to be in is looked up once.
 *
 * @throws ConnectorError `invalid_input` when the filter is none.
 */
export async function openNarrowing(
  context: TriggerContext,
  trigger: TriggerDefinition,
  input: TriggerInput,
): Promise<Narrowing> {
  const tests = [filterTest(input.filter as string | undefined), await groupTest(context, trigger, input)];
  return (definition, resource) => {
    const answers = tests.map(
      (test) => test?.(definition, resource) ?? (test === undefined ? true : undefined),
    );
    if (answers.includes(false)) return false;
    return answers.includes(undefined) ? undefined : true;
  };
}

function filterTest(text: string | undefined): Narrowing | undefined {
  if (text === undefined) return undefined;
  try {
    const filter = parseFilter(text);
    return (definition, resource) =>
      resource === null ? undefined : createFilterMatcher(filter, definition)(resource);
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    throw invalidInput([
      {
        path: 'filter',
        message: `is no SCIM filter: ${error.message}. A filter looks like: department eq "Engineering" and active eq true`,
      },
    ]);
  }
}

async function groupTest(
  context: TriggerContext,
  { fields, detect }: TriggerDefinition,
  input: TriggerInput,
): Promise<Narrowing | undefined> {
  const field = fields.find(({ kind, key }) => kind === 'reference' && input[key] !== undefined);
  if (field === undefined) return undefined;
  const reference = input[field.key] as Reference;
  const named = context.definition.resources[field.resource ?? ''];
  if (named === undefined) throw new TypeError(`The field ${field.key} refers to no resource`);
  // A trigger about groups names one of them; one about users names a group that they are in.
  if (detect.resources.includes(named.name))
    return (definition, resource) => isNamed(definition, resource, reference);
  const group = await findGroup(context, named, reference);
  const members = new Set(listOf(group?.members).flatMap((member) => idOfItem(member) ?? []));
  return (_, resource) => {
    if (resource === null) return undefined;
    if (group === undefined) return false;
    return members.has(resource.id) || listOf(resource.groups).some((one) => idOfItem(one) === group.id);
  };
}

function isNamed(
  definition: ResourceDefinition,
  resource: Resource | null,
  reference: Reference,
): boolean | undefined {
  if (resource === null) return undefined;
  const [way, value = ''] = Object.entries(reference)[0] ?? [];
  const paths = definition.namedBy.find(({ key }) => key === way)?.attributes ?? [];
  const answers = paths.map((path) => fitsEqualities(definition, resource, [{ path, value }]));
  return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
}

/** The group with its members; undefined when there is none, so that nobody is in it. */
async function findGroup(
  context: TriggerContext,
  definition: ResourceDefinition,
  reference: Reference,
): Promise<Resource | undefined> {
  const reader = context.reader(definition, context.signal);
  const id = idOfReference(reference);
  if (id === undefined) return findReferenced(reader, definition, reference);
  try {
    const { client, normalise, signal } = reader;
    return normalise((await client.send({ method: 'GET', path: resourcePath(definition, id), signal })).body);
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_found') return undefined;
    throw error;
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function idOfItem(item: unknown): string | undefined {
  return isRecord(item) && typeof item.value === 'string' ? item.value : undefined;
}
