import { errorTexts, fillError, problemTexts } from '../connector/error-texts.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import { idOfReference } from '../connector/provider/look-up.ts';
import { resourcePath } from '../connector/provider/resource-path.ts';
import type { Resource } from '../connector/resource.ts';
import { isSameJson } from '../scim/json.ts';
import { valuesAt } from '../scim/json-path.ts';
import { messages } from '../scim/messages.ts';
import { givenToOperations, type PatchOperation } from '../scim/patch/build-operations.ts';
import { jsonPathOf } from '../scim/path.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { type Change, sendChange } from './change.ts';
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

/** PATCH of one resource: by a template, or with the fields that were given. */
export const patch: OperationHandler<'patch'> = {
  type: 'patch',
  async run(context, action, input) {
    const definition = resourceOf(context, action);
    const change = {
      ...patchChange(operationsOf(context, action, input)),
      ifVersion: input.ifVersion as string | undefined,
    };
    const target = await findTarget(context, definition, input);
    const resource = await sendChange(context, definition, target, change);
    verify(context, action, resource);
    return resource;
  },
  async toBulkStep(context, action, input) {
    // An answer to a bulk request need not show the resource, so what must be verified is run by itself.
    if (action.operation.verify !== undefined || input.ifVersion !== undefined) return undefined;
    const definition = resourceOf(context, action);
    const operations = operationsOf(context, action, input);
    const id =
      idOfReference(referenceIn(input, definition)) ?? (await findTarget(context, definition, input)).id;
    return { method: 'PATCH', path: resourcePath(definition, id), body: patchBody(operations) };
  },
};

/** A PATCH request of operations. Those that set or take away leave the same when they are sent twice; `add` may not. */
export function patchChange(operations: readonly PatchOperation[]): Change {
  return {
    method: 'PATCH',
    body: patchBody(operations),
    idempotent: operations.every(({ op }) => op !== 'add'),
  };
}

function patchBody(operations: readonly PatchOperation[]): Readonly<Record<string, unknown>> {
  return { schemas: [messages.patchOp], Operations: operations };
}

function operationsOf(
  context: ActionContext,
  action: ActionOf<'patch'>,
  input: Input,
): readonly PatchOperation[] {
  const { operations, maps = {} } = action.operation;
  if (operations !== 'given') return fillTemplate(operations, maps, withDefaults(action, input));
  const given = givenAttributes(action, resourceOf(context, action), input);
  const changes = givenToOperations(given);
  if (changes.length === 0) throw invalidInput([{ path: '', message: problemTexts.nothingToChange }]);
  return changes;
}

function withDefaults({ fields }: ActionOf<'patch'>, input: Input): Input {
  const presets = fields.flatMap(({ key, default: preset }) =>
    preset === undefined || input[key] !== undefined ? [] : [[key, preset] as const],
  );
  return { ...input, ...Object.fromEntries(presets) };
}

/** Several products have been seen to answer 200 to `active: false` and to leave the user active. */
function verify(context: ActionContext, action: ActionOf<'patch'>, resource: Resource): void {
  const definition = resourceOf(context, action);
  for (const [path, wanted] of Object.entries(action.operation.verify ?? {})) {
    const values = valuesAt(resource, jsonPathOf(modelOf(definition), path));
    if (values.length > 0 && !isSameJson(values, [wanted])) {
      throw new ConnectorError('provider_fault', {
        ...fillError(errorTexts.notApplied, { path, value: JSON.stringify(values[0]) }),
      });
    }
  }
}
