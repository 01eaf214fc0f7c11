import { invalidInput } from '../connector/errors.ts';
import { problemTexts } from '../connector/problem-texts.ts';
import { idOfReference } from '../connector/provider/look-up.ts';
import { resourcePath } from '../connector/provider/resource-path.ts';
import type { Resource } from '../connector/resource.ts';
import { givenToOperations } from '../scim/patch/build-operations.ts';
import { type PatchOperation, patchBody } from '../scim/patch/patch-operation.ts';
import { jsonPathOf, setAt } from '../scim/path.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { confirmPatch, patchResource } from './change.ts';
import type { Change } from './confirm-change.ts';
import { fillTemplate } from './fill-template.ts';
import { givenAttributes } from './given-attributes.ts';
import { findTarget, referenceIn } from './look-up.ts';
import {
  type ActionContext,
  type ActionOf,
  type Input,
  type OperationHandler,
  resourceOf,
} from './operation.ts';

/** PATCH of one resource, by a template or with the given fields. */
export const patch: OperationHandler<'patch'> = {
  type: 'patch',
  async run(context, action, input) {
    const definition = resourceOf(context, action);
    const operations = operationsOf(context, action, await withReferencedIds(context, action, input));
    const target = await findTarget(context, definition, input);
    return patchResource(context, definition, target, {
      ...changeOf(context, action, target.id, operations),
      ifVersion: input.ifVersion as string | undefined,
    });
  },
  async toBulkStep(context, action, input) {
    // A bulk response does not have to contain the resource: what a template sets, such as a role, is sent separately,
    // so that its response can show it.
    if (action.operation.operations !== 'given' || input.ifVersion !== undefined) return undefined;
    const definition = resourceOf(context, action);
    if (context.habits.withoutPatch.has(definition.name)) return undefined;
    const operations = operationsOf(context, action, input);
    const id =
      idOfReference(referenceIn(input, definition)) ?? (await findTarget(context, definition, input)).id;
    const change = changeOf(context, action, id, operations);
    return {
      method: 'PATCH',
      path: resourcePath(definition, id),
      body: patchBody(operations),
      confirm: (confirming, { body }) => confirmPatch(confirming, definition, id, change, body),
    };
  },
};

/** The input with the ID of the resource in place of each reference other than the target's, such as a manager. */
async function withReferencedIds(
  context: ActionContext,
  action: ActionOf<'patch'>,
  input: Input,
): Promise<Input> {
  const target = resourceOf(context, action).reference.key;
  const ids: Record<string, string> = {};
  for (const { key, kind, resource = '' } of action.fields) {
    const definition = context.definition.resources[resource];
    const reference = input[key];
    if (kind !== 'reference' || key === target || definition === undefined || reference === undefined)
      continue;
    ids[key] = (await findTarget(context, definition, { [definition.reference.key]: reference })).id;
  }
  return { ...input, ...ids };
}

function changeOf(
  context: ActionContext,
  action: ActionOf<'patch'>,
  id: string,
  operations: readonly PatchOperation[],
): Change {
  const onGone = (): Resource => goneResource(context, action, id, operations);
  return { operations, ...(action.operation.onGone === 'done' && { onGone }) };
}

/** What is left of a resource that the change deleted. */
function goneResource(
  context: ActionContext,
  action: ActionOf<'patch'>,
  id: string,
  operations: readonly PatchOperation[],
): Resource {
  const definition = resourceOf(context, action);
  const resource: Record<string, unknown> = { schemas: [definition.schema], id };
  for (const { path, value } of operations) setAt(resource, jsonPathOf(modelOf(definition), path), value);
  return { ...resource, id, wasDeleted: true };
}

function operationsOf(
  context: ActionContext,
  action: ActionOf<'patch'>,
  input: Input,
): readonly PatchOperation[] {
  const { operations, maps = {} } = action.operation;
  if (operations !== 'given') return fillTemplate(operations, maps, input);
  const given = givenAttributes(action, resourceOf(context, action), input);
  const changes = givenToOperations(given);
  if (changes.length === 0) throw invalidInput([{ path: '', message: problemTexts.nothingToChange }]);
  return changes;
}
