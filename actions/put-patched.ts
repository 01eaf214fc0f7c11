import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { invalidInput } from '../connector/errors.ts';
import { problemTexts } from '../connector/problem-texts.ts';
import type { Resource } from '../connector/resource.ts';
import { fill } from '../schemas/fill.ts';
import type { JsonObject } from '../scim/json.ts';
import { applyPatch } from '../scim/patch/apply-patch.ts';
import { remainingOperations } from '../scim/patch/outcome.ts';
import type { PatchOperation } from '../scim/patch/patch-operation.ts';
import type { IncomingOperation } from '../scim/patch/read-patch.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { ScimError } from '../scim/scim-error.ts';
import { type Change, confirmChange, mustRead } from './confirm-change.ts';
import { type Target, targetOf } from './look-up.ts';
import type { ActionContext } from './operation.ts';
import { requireKept, writable } from './require-kept.ts';
import { sendVersioned } from './send-versioned.ts';
import { noteShownMembers } from './shown-members.ts';

/** Creates the change at a provider without PATCH: reads the resource, changes it here, and puts it back. */
export async function putPatched(
  context: ActionContext,
  definition: ResourceDefinition,
  target: Target,
  change: Change,
): Promise<Resource> {
  let current = await mustRead(context, definition, target.id);
  const versioned = { id: target.id, version: targetOf(current).version };
  const response = await sendVersioned(context, definition, versioned, {
    method: 'PUT',
    body(newest = current) {
      current = newest;
      noteShownMembers(context, definition, current);
      const remaining = remainingOperations(change.operations, modelOf(definition), current);
      return remaining.length === 0
        ? undefined
        : writable(definition, patched(definition, current, change.operations));
    },
    ifVersion: change.ifVersion,
  });
  if (response === undefined) return current;
  const changed = await confirmChange(context, definition, target.id, change, response.body);
  return requireKept(context, definition, current, change, changed);
}

function patched(
  definition: ResourceDefinition,
  current: Resource,
  operations: readonly PatchOperation[],
): JsonObject {
  try {
    return applyPatch(
      modelOf(definition),
      current as unknown as JsonObject,
      operations as readonly IncomingOperation[],
      {
        shown: () => current as unknown as JsonObject,
        maxComparisons: Number.POSITIVE_INFINITY,
      },
    );
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    throw invalidInput([{ path: '', message: fill(problemTexts.notApplicable, { reason: error.message }) }]);
  }
}
