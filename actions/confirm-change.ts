import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import { isSameId, notFound, otherResource } from '../connector/provider/look-up.ts';
import type { Resource } from '../connector/resource.ts';
import { isRecord } from '../schemas/is-record.ts';
import { type OperationOutcome, outcomeOf } from '../scim/patch/outcome.ts';
import type { PatchOperation } from '../scim/patch/patch-operation.ts';
import { jsonPathOf, valuesAt } from '../scim/path.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { readById } from './look-up.ts';
import type { ActionContext } from './operation.ts';
import { readUntil } from './read-until.ts';

/** A change of one resource. */
export interface Change {
  readonly operations: readonly PatchOperation[];
  /** The version that the caller insists on. */
  readonly ifVersion?: string | undefined;
  /** The resource as it was read before: what it showed, it must still show afterwards. */
  readonly before?: Resource | undefined;
  /** Runs with the paths of other attributes that the change removed, or that decide about access and changed; without it, that is an error. */
  readonly onLost?: (paths: readonly string[]) => void;
  /** Runs when the change deleted the resource, which some providers do on deactivation; without it, that is an error. */
  readonly onGone?: () => Resource;
}

/**
 * Compares what the response shows with what was asked. A response that does not show the resource is completed by a
 * read; one that shows something else may be stale, so that the resource is read before it counts.
 */
export async function confirmChange(
  context: ActionContext,
  definition: ResourceDefinition,
  id: string,
  change: Change,
  body: unknown,
): Promise<Resource> {
  const shown = shownResource(context, definition, id, body);
  if (shown !== undefined && outcomes(definition, change, shown).every((outcome) => outcome === 'holds'))
    return shown;
  const resource = await readUntil(
    context,
    () => readById(context, definition, id),
    (read) => read === undefined || !outcomes(definition, change, read).includes('open'),
  );
  if (resource === undefined) {
    if (change.onGone === undefined) throw notFound(definition, { id });
    context.habits.notice('deactivate-deletes');
    return change.onGone();
  }
  requireDone(definition, change, shown === undefined ? [resource] : [resource, shown]);
  if (shown !== undefined) context.habits.notice('patch-returns-stale');
  return resource;
}

/** Requires every operation to be done, as far as it is shown: the first resource that shows its attribute decides. */
function requireDone(
  definition: ResourceDefinition,
  { operations }: Change,
  resources: readonly Resource[],
): void {
  const model = modelOf(definition);
  for (const operation of operations) {
    const decisive = resources.find((resource) => outcomeOf(operation, model, resource) !== 'hidden');
    if (decisive !== undefined && outcomeOf(operation, model, decisive) === 'open')
      throw notDone(definition, operation, decisive);
  }
}

function outcomes(
  definition: ResourceDefinition,
  { operations }: Change,
  resource: Resource,
): readonly OperationOutcome[] {
  return operations.map((operation) => outcomeOf(operation, modelOf(definition), resource));
}

/** The resource in the response to a change; undefined when the response does not show it. @throws ConnectorError for another one */
export function shownResource(
  context: ActionContext,
  definition: ResourceDefinition,
  id: string,
  body: unknown,
): Resource | undefined {
  if (body === undefined) return undefined;
  if (!isRecord(body) || body.id === undefined || body.id === null) {
    context.habits.notice(
      isRecord(body) && 'Resources' in body ? 'patch-returns-list' : 'patch-returns-empty-object',
    );
    return undefined;
  }
  const resource = context.reader(definition).normalize(body);
  if (!isSameId(resource.id, id)) throw otherResource(id, resource.id);
  return resource;
}

/** The error for a change that was reported as done, and is not. */
export function notDone(
  definition: ResourceDefinition,
  { path }: PatchOperation,
  resource: Resource,
): ConnectorError {
  const shown = valuesAt(resource, jsonPathOf(modelOf(definition), path));
  const value = JSON.stringify(shown.length === 1 ? shown[0] : shown);
  return new ConnectorError('provider_fault', fillError(errorTexts.notApplied, { path, value }));
}

/** Reads a resource that must be there. @throws ConnectorError `not_found` */
export async function mustRead(
  context: ActionContext,
  definition: ResourceDefinition,
  id: string,
): Promise<Resource> {
  const found = await readById(context, definition, id);
  if (found === undefined) throw notFound(definition, { id });
  return found;
}
