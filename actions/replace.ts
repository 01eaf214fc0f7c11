import { givenAttributes } from '../connector/scim/given-attributes.ts';
import { idOfReference, type Reference } from '../connector/scim/references.ts';
import { resourcePath } from '../connector/scim/resource-path.ts';
import { toResource } from '../connector/scim/to-resource.ts';
import { sendChange } from './change.ts';
import { type OperationHandler, resourceOf } from './operation.ts';
import { findTarget } from './target.ts';

/** PUT of one resource: what is not given is taken away. */
export const replace: OperationHandler<'replace'> = {
  type: 'replace',
  async run(context, action, input) {
    const definition = resourceOf(context, action);
    const target = await findTarget(context, definition, input);
    const body = { ...toResource(definition, givenAttributes(action, definition, input)), id: target.id };
    return sendChange(context, definition, target, {
      method: 'PUT',
      body,
      ifVersion: input.ifVersion as string | undefined,
    });
  },
  async toBulkStep(context, action, input) {
    if (input.ifVersion !== undefined) return undefined;
    const definition = resourceOf(context, action);
    const id =
      idOfReference(input[definition.reference.key] as Reference) ??
      (await findTarget(context, definition, input)).id;
    return {
      method: 'PUT',
      path: resourcePath(definition, id),
      body: toResource(definition, givenAttributes(action, definition, input)),
    };
  },
};
