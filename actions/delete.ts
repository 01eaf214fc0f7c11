import { ConnectorError } from '../connector/errors.ts';
import type { ScimResponse } from '../connector/http/scim-client.ts';
import { idOfReference, notFound } from '../connector/provider/look-up.ts';
import { resourcePath } from '../connector/provider/resource-path.ts';
import { readById, referenceIn, searchTarget } from './look-up.ts';
import { type OperationHandler, resourceOf } from './operation.ts';

/** DELETE of one resource; one that is already gone counts as deleted, once its absence is proved. */
export const remove: OperationHandler<'delete'> = {
  type: 'delete',
  async run(context, action, input) {
    const definition = resourceOf(context, action);
    const reference = referenceIn(input, definition);
    const { target, isAbsenceProved } = await searchTarget(context, definition, reference);
    if (target === undefined) {
      if (!isAbsenceProved) throw notFound(definition, reference);
      return { id: null, deleted: true, alreadyGone: true };
    }
    const gone: ScimResponse = { status: 204, headers: {}, body: undefined, attempts: 1 };
    try {
      await context.client.send({
        method: 'DELETE',
        path: resourcePath(definition, target.id),
        // Some providers fail with status 500 when the resource is gone, so it is looked up before the retry.
        idempotent: false,
        recoverLostResponse: async () =>
          (await readById(context, definition, target.id)) === undefined ? gone : undefined,
        signal: context.signal,
      });
      return { id: target.id, deleted: true, alreadyGone: false };
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'not_found') throw error;
      await context.confirmService(definition);
      // After a lost response it was most likely this action that deleted it.
      return { id: target.id, deleted: true, alreadyGone: error.attempts === 1 };
    }
  },
  async toBulkStep(context, action, input) {
    const definition = resourceOf(context, action);
    const id = idOfReference(referenceIn(input, definition));
    return id === undefined ? undefined : { method: 'DELETE', path: resourcePath(definition, id) };
  },
};
