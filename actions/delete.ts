import { ConnectorError } from '../connector/errors.ts';
import { idOfReference } from '../connector/provider/look-up.ts';
import { resourcePath } from '../connector/provider/resource-path.ts';
import { findTargetOrNone, referenceIn } from './look-up.ts';
import { type OperationHandler, resourceOf } from './operation.ts';

/** DELETE of one resource; one that is already gone counts as deleted. */
export const remove: OperationHandler<'delete'> = {
  type: 'delete',
  async run(context, action, input) {
    const definition = resourceOf(context, action);
    const target = await findTargetOrNone(context, definition, referenceIn(input, definition));
    if (target === undefined) return { id: null, deleted: true, alreadyGone: true };
    try {
      await context.client.send({
        method: 'DELETE',
        path: resourcePath(definition, target.id),
        signal: context.signal,
      });
      return { id: target.id, deleted: true, alreadyGone: false };
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'not_found') throw error;
      await context.confirmService(definition);
      // After a lost answer it was most likely this step that deleted it.
      return { id: target.id, deleted: true, alreadyGone: error.attempts === 1 };
    }
  },
  async toBulkStep(context, action, input) {
    const definition = resourceOf(context, action);
    const id = idOfReference(referenceIn(input, definition));
    return id === undefined ? undefined : { method: 'DELETE', path: resourcePath(definition, id) };
  },
};
