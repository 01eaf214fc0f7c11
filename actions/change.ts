import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorParts, errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import type { ScimResponse } from '../connector/http/scim-client.ts';
import { problemTexts } from '../connector/problem-texts.ts';
import { resourcePath } from '../connector/provider/resource-path.ts';
import type { Resource } from '../connector/resource.ts';
import { remainingOperations } from '../scim/patch/outcome.ts';
import { patchBody } from '../scim/patch/patch-operation.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { isRejection, setMembers, setsMembers } from './change-members.ts';
import { type Change, confirmChange, mustRead } from './confirm-change.ts';
import { readById, type Target, targetOf } from './look-up.ts';
import type { ActionContext } from './operation.ts';
import { lostRace, maxRaces, putPatched } from './put-patched.ts';

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
  const version =
    ifVersion === undefined ? target.version : await requireVersion(context, definition, target, ifVersion);
  if (context.habits.withoutPatch.has(definition.name))
    return putPatched(context, definition, target, change);
  try {
    const response = await sendVersioned(
      context,
      definition,
      { id: target.id, version },
      {
        method: 'PATCH',
        body: patchBody(operations),
        idempotent: operations.every(({ op }) => op !== 'add'),
        ifVersion,
      },
    );
    return await confirmChange(context, definition, target.id, change, response.body);
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
  const { ifVersion } = change;
  const version =
    ifVersion === undefined ? target.version : await requireVersion(context, definition, target, ifVersion);
  const request = { method: 'PUT', body, ifVersion } as const;
  const response = await sendVersioned(context, definition, { id: target.id, version }, request).catch(
    async (error: unknown) => {
      if (error instanceof ConnectorError && error.code === 'not_found')
        await context.confirmService(definition);
      throw error;
    },
  );
  return confirmChange(context, definition, target.id, change, response.body);
}

interface VersionedRequest {
  readonly method: 'PATCH' | 'PUT';
  readonly body: Readonly<Record<string, unknown>>;
  readonly idempotent?: boolean;
  readonly ifVersion?: string | undefined;
}

/**
 * Sends a change, with `If-Match` when a version is known (RFC 7644 §3.14). A version that was only looked up here is
 * looked up again when it is stale: a lost response makes the retry stale too.
 */
async function sendVersioned(
  context: ActionContext,
  definition: ResourceDefinition,
  target: Target,
  { ifVersion, ...request }: VersionedRequest,
): Promise<ScimResponse> {
  const path = resourcePath(definition, target.id);
  let version = ifVersion ?? target.version;
  for (let race = 0; ; race += 1) {
    try {
      return await context.client.send({ ...request, path, ifMatch: version, signal: context.signal });
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'precondition_failed') throw error;
      if (ifVersion !== undefined) throw error.attempts > 1 ? maybeOwnChange(error) : error;
      if (race === maxRaces) throw lostRace(error);
      const newest = targetOf(await mustRead(context, definition, target.id)).version;
      // A provider that calls its newest version stale calls every one stale. A PATCH that sets constants needs none.
      const isConstant = request.method === 'PATCH' && request.idempotent === true;
      const isNeverMet = isConstant && error.attempts === 1 && newest === version;
      if (isNeverMet) context.habits.notice('versions_always_stale');
      version = isNeverMet ? undefined : newest;
    }
  }
}

/** Checks that the resource has the version that the caller insists on: some providers ignore `If-Match`. */
async function requireVersion(
  context: ActionContext,
  definition: ResourceDefinition,
  target: Target,
  ifVersion: string,
): Promise<string> {
  // A client can strip characters that are invalid in a header, and the change would then ignore the version.
  if (/[^\x20-\x7e]/.test(ifVersion))
    throw invalidInput([{ path: 'ifVersion', message: problemTexts.versionCharacter }]);
  const current = target.version ?? targetOf(await mustRead(context, definition, target.id)).version;
  if (current === undefined) {
    throw new ConnectorError(
      'unsupported',
      fillError(errorTexts.versionsUnsupported, { resource: definition.title.toLowerCase() }),
    );
  }
  if (withoutWeakness(current) !== withoutWeakness(ifVersion))
    throw new ConnectorError('precondition_failed', errorTexts.versionChanged);
  return ifVersion;
}

function withoutWeakness(version: string): string {
  return version.replace(/^W\//, '');
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
    context.habits.notice('no_patch', { status: error.status });
    return putPatched(context, definition, target, change);
  }
  const current = await readById(context, definition, target.id);
  if (current === undefined) throw error;
  const remaining = remainingOperations(operations, modelOf(definition), current);
  if (remaining.length === 0) {
    context.habits.notice('no_op_patch_rejected', { status: error.status });
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

/** The version may be stale because of this very change, whose first response was lost. */
function maybeOwnChange(cause: ConnectorError): ConnectorError {
  return new ConnectorError('precondition_failed', {
    ...cause,
    what: errorTexts.versionChangedByRequest.what,
    nextStep: `${errorTexts.versionChangedByRequest.nextStep} ${errorParts.unknownOutcome}`,
    cause,
  });
}
