import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { Resource } from '../connector/resource.ts';
import { remainingOperations } from '../scim/patch/outcome.ts';
import { patchBody } from '../scim/patch/patch-operation.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { isRejection, setMembers, setsMembers } from './change-members.ts';
import { type Change, confirmChange } from './confirm-change.ts';
import { readById, type Target } from './look-up.ts';
import type { ActionContext } from './operation.ts';
import { putPatched } from './put-patched.ts';
import { sendVersioned } from './send-versioned.ts';

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
  const { operations, ifVersion } = change;
  if (context.habits.withoutPatch.has(definition.name))
    return putPatched(context, definition, target, change);
  try {
    const response = await sendVersioned(context, definition, target, {
      method: 'PATCH',
      body: () => patchBody(operations),
      idempotent: operations.every(({ op }) => op !== 'add'),
      ifVersion,
    });
    return await confirmChange(context, definition, target.id, change, response?.body);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return afterRejection(context, definition, target, change, error);
  }
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
    if (error instanceof ConnectorError && error.code === 'not_found')
      await context.confirmService(definition);
    throw error;
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
    context.habits.withoutPatch.add(definition.name);
    context.habits.notice('no-patch', { status: error.status });
    return putPatched(context, definition, target, change);
  }
  const current = await readById(context, definition, target.id);
  if (current === undefined) throw error;
  const remaining = remainingOperations(operations, modelOf(definition), current);
  if (remaining.length === 0) {
    context.habits.notice('no-op-patch-rejected', { status: error.status });
    return current;
  }
  if (setsMembers(remaining)) {
    const others = remaining.filter(({ path }) => path !== 'members');
    if (others.length > 0)
      await patchResource(context, definition, target, { ...change, operations: others });
    return setMembers(context, definition, current, remaining, error);
  }
  if (remaining.length === operations.length) throw error;
  return patchResource(context, definition, target, { ...change, operations: remaining });
}
