import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { Resource } from '../connector/resource.ts';
import { remainingOperations } from '../scim/patch/outcome.ts';
import { type PatchOperation, patchBody } from '../scim/patch/patch-operation.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { isRejection, setMembers, setsMembers } from './change-members.ts';
import { type Change, confirmChange } from './confirm-change.ts';
import { explainTaken, setsUnique } from './explain-taken.ts';
import { readById, type Target } from './look-up.ts';
import type { ActionContext } from './operation.ts';
import { putPatched } from './put-patched.ts';
import { requireKept } from './require-kept.ts';
import { explainMissing, sendVersioned } from './send-versioned.ts';
import { hidesMembers, memberIds } from './shown-members.ts';

/**
 * Changes a resource by PATCH, and returns the changed resource. The response is compared with the request.
 *
 * Quirks of providers are handled: without PATCH, the resource is read, changed, and replaced by PUT; operations that
 * are rejected because they already hold are omitted; members are set one group of them at a time.
 *
 * @throws ConnectorError `provider_fault` when the provider reports success and shows something else.
 */
export async function patchResource(
  context: ActionContext,
  definition: ResourceDefinition,
  target: Target,
  change: Change,
): Promise<Resource> {
  try {
    return await sendPatch(context, definition, target, change);
  } catch (error) {
    throw await explainTaken(context, definition, target.id, change.operations, error);
  }
}

async function sendPatch(
  context: ActionContext,
  definition: ResourceDefinition,
  target: Target,
  change: Change,
): Promise<Resource> {
  const { operations, ifVersion } = change;
  const { withoutPatch, rejectsFilterPaths } = context.habits;
  if (withoutPatch.has(definition.name) || (rejectsFilterPaths && hasFilterPath(operations)))
    return putPatched(context, definition, target, change);
  if (context.habits.setsMembersByDifference && ifVersion === undefined && setsMembers(operations)) {
    const current = await readById(context, definition, target.id);
    // Only members who are shown can be compared. Otherwise the provider decides.
    if (current !== undefined && (memberIds(current)?.size ?? 0) > 0)
      return setMembersAndOthers(context, definition, target, change, current);
  }
  try {
    const response = await sendVersioned(context, definition, target, {
      method: 'PATCH',
      body: () => patchBody(operations),
      idempotent: operations.every(({ op }) => op !== 'add'),
      ifVersion,
    });
    const changed = await confirmPatch(context, definition, target.id, change, response?.body);
    const { before } = change;
    return before === undefined ? changed : await requireKept(context, definition, before, change, changed);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return afterRejection(context, definition, target, change, error);
  }
}

/** Confirms a change by PATCH, as {@link confirmChange} does, except that no response proves a new unique value. */
export function confirmPatch(
  context: ActionContext,
  definition: ResourceDefinition,
  id: string,
  change: Change,
  body: unknown,
): Promise<Resource> {
  // Other systems know the resource by a unique value, so that a response that shows it is no sufficient proof.
  const proof = setsUnique(definition, change.operations) ? undefined : body;
  return confirmChange(context, definition, id, change, proof);
}

/** Replaces a resource by PUT, and returns the new resource. @throws ConnectorError */
export async function putResource(
  context: ActionContext,
  definition: ResourceDefinition,
  target: Target,
  body: Readonly<Record<string, unknown>>,
  change: Change,
): Promise<Resource> {
  const request = { method: 'PUT', body: () => body, ifVersion: change.ifVersion } as const;
  const response = await sendVersioned(context, definition, target, request).catch(async (error: unknown) => {
    throw await explainTaken(context, definition, target.id, change.operations, error);
  });
  return confirmChange(context, definition, target.id, change, response?.body);
}

/** Decides what a rejected PATCH means: no PATCH at all, operations that hold already, or an error. */
async function afterRejection(
  context: ActionContext,
  definition: ResourceDefinition,
  target: Target,
  change: Change,
  error: ConnectorError,
): Promise<Resource> {
  if (!isRejection(error)) throw error;
  const { operations } = change;
  if (error.status === 405 || (error.code === 'unsupported' && !setsMembers(operations))) {
    // A provider may only lack paths with a filter.
    const lacksPatch = error.status === 405 || !hasFilterPath(operations);
    if (lacksPatch) context.habits.withoutPatch.add(definition.name);
    else context.habits.rejectsFilterPaths = true;
    context.habits.notice(lacksPatch ? 'no-patch' : 'patch-filter-paths-rejected', { status: error.status });
    return putPatched(context, definition, target, change);
  }
  const current = await readById(context, definition, target.id);
  if (current === undefined) throw error;
  const remaining = remainingOperations(operations, modelOf(definition), current);
  // A group without members may only hide them.
  if (remaining.length === 0 && setsMembers(operations) && (await hidesMembers(context, definition, current)))
    throw error;
  if (remaining.length === 0) {
    context.habits.notice('no-op-patch-rejected', { status: error.status });
    return current;
  }
  if (setsMembers(remaining)) return setMembersAndOthers(context, definition, target, change, current, error);
  if (remaining.length === operations.length) throw explainMissing(definition, target.id, error);
  return sendPatch(context, definition, target, { ...change, operations: remaining });
}

function hasFilterPath(operations: readonly PatchOperation[]): boolean {
  return operations.some(({ path }) => path.includes('['));
}

/** Makes a change that sets the whole list of members: by their differences, after all other operations. */
async function setMembersAndOthers(
  context: ActionContext,
  definition: ResourceDefinition,
  target: Target,
  change: Change,
  current: Resource,
  rejection?: ConnectorError,
): Promise<Resource> {
  const remaining = remainingOperations(change.operations, modelOf(definition), current);
  if (remaining.length === 0) return current;
  const others = remaining.filter(({ path }) => path !== 'members');
  const changed =
    others.length === 0
      ? current
      : await sendPatch(context, definition, target, { ...change, operations: others });
  return setsMembers(remaining) ? setMembers(context, definition, current, remaining, rejection) : changed;
}
