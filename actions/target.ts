import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { findReferenced, idOfReference, notFound, type Reference } from '../connector/provider/references.ts';
import type { Resource } from '../connector/resource.ts';
import type { ActionContext, Input } from './operation.ts';

/** The resource that a change is for. */
export interface Target {
  readonly id: string;
  /** Its version, where a look-up showed one. */
  readonly version?: string | undefined;
}

/** Finds the resource that an input names; by id it asks nobody. @throws ConnectorError `not_found` */
export async function findTarget(
  context: ActionContext,
  definition: ResourceDefinition,
  input: Input,
): Promise<Target> {
  const reference = input[definition.reference.key] as Reference;
  const target = await findTargetOrNone(context, definition, reference);
  if (target === undefined) throw notFound(definition, reference);
  return target;
}

/** The same, where there may be none. */
export async function findTargetOrNone(
  context: ActionContext,
  definition: ResourceDefinition,
  reference: Reference,
): Promise<Target | undefined> {
  const id = idOfReference(reference);
  if (id !== undefined) return { id };
  const found = await findReferenced(context.reader(definition, context.signal), definition, reference);
  return found === undefined ? undefined : targetOf(found);
}

/** A resource that was read, as a target. */
export function targetOf({ id, meta }: Resource): Target {
  return { id, version: meta?.version };
}
