import { idOfReference } from '../connector/provider/look-up.ts';
import { resourcePath } from '../connector/provider/resource-path.ts';
import { givenToOperations } from '../scim/patch/build-operations.ts';
import { putResource } from './change.ts';
import { confirmChange } from './confirm-change.ts';
import { givenAttributes } from './given-attributes.ts';
import { findTarget, referenceIn } from './look-up.ts';
import { type OperationHandler, resourceOf } from './operation.ts';
import { toResource } from './to-resource.ts';

/** PUT of one resource: omitted attributes are removed. */
export const replace: OperationHandler<'replace'> = {
  type: 'replace',
  async run(context, action, input) {
    const definition = resourceOf(context, action);
    const target = await findTarget(context, definition, input);
    const given = givenAttributes(action, definition, input);
    const body = { ...toResource(definition, given), id: target.id };
    return putResource(context, definition, target, body, {
      operations: givenToOperations(given),
      ifVersion: input.ifVersion as string | undefined,
    });
  },
  async toBulkStep(context, action, input) {
    if (input.ifVersion !== undefined) return undefined;
    const definition = resourceOf(context, action);
    const id =
      idOfReference(referenceIn(input, definition)) ?? (await findTarget(context, definition, input)).id;
    const given = givenAttributes(action, definition, input);
    const change = { operations: givenToOperations(given) };
    return {
      method: 'PUT',
      path: resourcePath(definition, id),
      body: toResource(definition, given),
      confirm: (confirming, { body }) => confirmChange(confirming, definition, id, change, body),
    };
  },
};
