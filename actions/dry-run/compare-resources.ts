import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import type { Resource } from '../../connector/resource.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { type Difference, diffByModel } from '../../scim/diff.ts';
import { isSameJson } from '../../scim/json.ts';
import { outcomeOf } from '../../scim/patch/outcome.ts';
import { jsonPathOf, readPath, valuesAt } from '../../scim/path.ts';
import type { Attribute } from '../../scim/schema/attribute.ts';
import { modelOf } from '../../scim/schema/resource-model.ts';

/**
 * What a change makes of a resource. What providers add by themselves is not a change: read-only attributes, such as the
 * name of a manager, and the parts of items that a request omits.
 */
export function differencesMade(
  definition: ResourceDefinition,
  before: Resource,
  after: Resource,
): readonly Difference[] {
  const model = modelOf(definition);
  return diffByModel(model, before, after).flatMap((difference) => {
    const { path, from, to } = difference;
    const attribute = readPath(model, path).definition;
    if (attribute?.mutability === 'readOnly') return [];
    if (Array.isArray(from) && Array.isArray(to))
      return outcomeOf({ op: 'replace', path, value: to }, model, before) === 'holds' ? [] : [difference];
    const given = withoutDerived(to, attribute);
    return isSameJson(withoutDerived(from, attribute), given) ? [] : [{ ...difference, to: given }];
  });
}

/** A complex value without what follows from the rest of it, such as the name of a manager. */
function withoutDerived(value: unknown, attribute: Attribute | undefined): unknown {
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([name]) => {
    const isReadOnly = attribute?.subAttributes.get(name)?.mutability === 'readOnly';
    return !isReadOnly && name !== '$ref' && name !== 'display';
  });
  return Object.fromEntries(entries);
}

/** The username of a user, or the name of a group; null if the provider does not show it. */
export function nameOf(definition: ResourceDefinition, resource: Resource | undefined): string | null {
  const path = definition.lookupKeys.flatMap(({ attributes }) => attributes).find((one) => one !== 'id');
  if (path === undefined || resource === undefined) return null;
  const [name] = valuesAt(resource, jsonPathOf(modelOf(definition), path));
  return typeof name === 'string' ? name : null;
}

/**
 * A resource after a PUT: what the body has, and what only the provider sets.
 *
 * @param before - undefined for a new resource
 */
export function replaced(
  definition: ResourceDefinition,
  before: Resource | undefined,
  body: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { attributes } = modelOf(definition);
  const mutabilityOf = (name: string): string | undefined => attributes.get(name)?.mutability;
  const own = Object.entries(before ?? {}).filter(([name]) => mutabilityOf(name) === 'readOnly');
  const given = Object.entries(body).filter(
    ([name]) => !['readOnly', 'writeOnly'].includes(mutabilityOf(name) ?? ''),
  );
  return Object.fromEntries([...given, ...own]);
}
