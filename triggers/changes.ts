import type { ResourceDefinition } from '../connector/definition/definition.ts';
import type { EventChange } from '../connector/event.ts';
import type { Resource } from '../connector/resource.ts';
import { type Difference, diffByModel, diffItems, itemsByValue, recordAttributes } from '../scim/diff.ts';
import type { AttributePath } from '../scim/filter/filter.ts';
import { modelOf } from '../scim/schema/resource-model.ts';

/** A change whose previous value is unknown. @param to null if the value was removed */
export function changeTo(path: string, to: unknown): EventChange {
  return { path, from: null, to, fromKnown: false, toKnown: true };
}

/** A change with both values; null means no value. */
export function changeFromTo(path: string, from: unknown, to: unknown): EventChange {
  return { path, from, to, fromKnown: true, toKnown: true };
}

/** A change with neither value known. */
export function changeOf(path: string): EventChange {
  return { path, from: null, to: null, fromKnown: false, toKnown: false };
}

/**
 * The changes between two states of a resource: one for each attribute, for each sub-attribute of `name` and other
 * complex attributes, and for each member.
 */
export function changesBetween(
  definition: ResourceDefinition,
  before: Resource,
  after: Resource,
): readonly EventChange[] {
  return diffByModel(modelOf(definition), before, after).map(changeOfDifference);
}

/** Whether a path names an attribute of the record, not of the user or group. */
export function isOfTheRecord({ schema, attribute }: AttributePath): boolean {
  return schema === undefined && recordAttributes.has(attribute);
}

/** The members of a new group, as changes from no members. */
export function memberChanges({ members }: Resource): readonly EventChange[] {
  return diffItems('members', new Map(), itemsByValue(members)).map(changeOfDifference);
}

/** A difference of which both sides are known. */
export function changeOfDifference({ path, from, to }: Difference): EventChange {
  return changeFromTo(path, from ?? null, to ?? null);
}

/** The change of `active`, which is a separate event, and all other changes. */
export interface SeparatedChanges {
  readonly activation: { readonly type: 'activate' | 'deactivate'; readonly change: EventChange } | undefined;
  readonly others: readonly EventChange[];
}

/** Separates the change that activates or deactivates a user. A user is active unless `active` is false. */
export function separateActivation(changes: readonly EventChange[]): SeparatedChanges {
  const change = changes.find(isActivation);
  return {
    activation: change && { type: change.to === false ? 'deactivate' : 'activate', change },
    others: changes.filter((one) => one !== change),
  };
}

function isActivation({ path, from, to, fromKnown, toKnown }: EventChange): boolean {
  if (path !== 'active' || !toKnown) return false;
  return typeof to === 'boolean' || (to === null && fromKnown && from === false);
}
