import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { ScimResponse } from '../connector/http/scim-client.ts';
import { idOfReference, notFound, type Reference, readWithId } from '../connector/provider/look-up.ts';
import { resourcePath } from '../connector/provider/resource-path.ts';
import { isRejection } from './change-members.ts';
import { readById, referenceIn, searchTarget } from './look-up.ts';
import { type ActionContext, type OperationHandler, resourceOf } from './operation.ts';
import { readUntil } from './read-until.ts';

/** DELETE of one resource; one that is already gone counts as deleted, once its absence is proved. */
export const remove: OperationHandler<'delete'> = {
  type: 'delete',
  async run(context, action, input) {
    const definition = resourceOf(context, action);
    return removeResource(context, definition, referenceIn(input, definition));
  },
  async toBulkStep(context, action, input) {
    const definition = resourceOf(context, action);
    const id = idOfReference(referenceIn(input, definition));
    if (id === undefined) return undefined;
    return {
      method: 'DELETE',
      path: resourcePath(definition, id),
      async confirm(confirming, { status }) {
        await requireGone(confirming, definition, id, status);
        return { id };
      },
    };
  },
};

/** What is known after a deletion. */
export interface Removal {
  /** Null if no resource matched. */
  readonly id: string | null;
  readonly deleted: true;
  /** Whether it did not exist before. */
  readonly alreadyGone: boolean;
}

/** Deletes the resource that a reference names. @throws ConnectorError if its absence is not proved afterwards */
export async function removeResource(
  context: ActionContext,
  definition: ResourceDefinition,
  reference: Reference,
): Promise<Removal> {
  const { target, isAbsenceProved } = await searchTarget(context, definition, reference);
  if (target === undefined) {
    if (!isAbsenceProved) throw notFound(definition, reference);
    return { id: null, deleted: true, alreadyGone: true };
  }
  const gone: ScimResponse = { status: 204, headers: {}, body: undefined, attempts: 1 };
  try {
    const { status } = await context.client.send({
      method: 'DELETE',
      path: resourcePath(definition, target.id),
      // Some providers fail with status 500 when the resource is gone, so it is looked up before the retry.
      idempotent: false,
      recoverLostResponse: async () =>
        (await readById(context, definition, target.id)) === undefined ? gone : undefined,
      signal: context.signal,
    });
    await requireGone(context, definition, target.id, status);
    return { id: target.id, deleted: true, alreadyGone: false };
  } catch (error) {
    // Providers reject the deletion of a resource that is gone with any of these. Each can also mean something else,
    // such as a 404 for a method without a route, so the resource is read.
    if (!isRejection(error)) throw error;
    // An earlier run can have deleted it, and a provider can show that late.
    const isThere =
      error.code === 'not_found'
        ? await isStillShown(context, definition, target.id)
        : await canBeRead(context, definition, target.id);
    if (isThere === true && error.code === 'not_found') throw notDeleted(definition, target.id, error);
    // A 404 to an ID is proof unless something contradicts it.
    if (isThere !== false && error.code !== 'not_found') throw error;
    await context.confirmService(definition);
    // After a lost response it was most likely this action that deleted it.
    return { id: target.id, deleted: true, alreadyGone: error.attempts === 1 };
  }
}

/** After these times, a deleted resource that is still shown is read again, in milliseconds. */
const readAgainAfterInMs = [500, 2_000];

/** How long a deleted resource was shown before the last read, in seconds. */
const seconds = readAgainAfterInMs.reduce((sum, waitInMs) => sum + waitInMs) / 1_000;

/**
 * Whether a deleted resource is still shown some time later: some providers confirm what they ignore, or do later. A
 * provider that has not shown it, and does not say, is believed.
 */
function isStillShown(
  context: ActionContext,
  definition: ResourceDefinition,
  id: string,
): Promise<boolean | undefined> {
  return readUntil<boolean | undefined>(
    context,
    async (before) => (await canBeRead(context, definition, id)) ?? before,
    (isShown) => isShown !== true,
    readAgainAfterInMs,
  );
}

/** The time for the question whether a resource is still there, in milliseconds. */
const readDeadlineInMs = 10_000;

/** Whether a resource can be read; undefined if the provider does not say. */
async function canBeRead(
  context: ActionContext,
  definition: ResourceDefinition,
  id: string,
): Promise<boolean | undefined> {
  const path = resourcePath(definition, id);
  try {
    const { body } = await context.client.send({
      method: 'GET',
      path,
      maxAttemptsOn500: 1,
      deadlineAtInMs: context.platform.now() + readDeadlineInMs,
      signal: context.signal,
    });
    readWithId(context.reader(definition, context.signal), body, id);
    return true;
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return error.code === 'not_found' ? false : undefined;
  }
}

/**
 * Requires that a resource whose deletion was confirmed is no longer shown. If it is, the response proves nothing, so that a
 * repeat finds out.
 *
 * @throws ConnectorError `provider_fault`
 */
async function requireGone(
  context: ActionContext,
  definition: ResourceDefinition,
  id: string,
  status: number,
): Promise<void> {
  if ((await isStillShown(context, definition, id)) !== true) return;
  const resource = definition.title.toLowerCase();
  throw new ConnectorError(
    'provider_fault',
    fillError(errorTexts.stillShown, { resource, id, status, seconds }),
  );
}

function notDeleted({ title }: ResourceDefinition, id: string, cause: ConnectorError): ConnectorError {
  const resource = title.toLowerCase();
  return new ConnectorError('provider_fault', {
    ...fillError(errorTexts.notDeleted, { resource, id, seconds }),
    status: cause.status,
    attempts: cause.attempts,
    cause,
  });
}
