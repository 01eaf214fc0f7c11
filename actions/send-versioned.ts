import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { detailText, errorParts, errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import type { ScimResponse } from '../connector/http/scim-client.ts';
import { problemTexts } from '../connector/problem-texts.ts';
import { resourcePath } from '../connector/provider/resource-path.ts';
import type { Resource } from '../connector/resource.ts';
import { mustRead } from './confirm-change.ts';
import { readById, type Target, targetOf } from './look-up.ts';
import type { ActionContext } from './operation.ts';
import { explainInvitation } from './pending-invitation.ts';

/** The number of retries on a newer version, if another client was faster. */
const maxRaces = 3;

/** A change that must not overwrite another one. */
export interface VersionedRequest {
  readonly method: 'PATCH' | 'PUT';
  /**
   * The body, given the resource if a newer version of it had to be read; undefined if nothing is left to change.
   *
   * @throws ConnectorError
   */
  readonly body: (newest?: Resource) => Readonly<Record<string, unknown>> | undefined;
  readonly idempotent?: boolean;
  /** The version that the caller insists on. */
  readonly ifVersion?: string | undefined;
}

/**
 * Sends a change, with `If-Match` when a version is known (RFC 7644 §3.14). A version that was only looked up here is
 * looked up again when it is stale: a lost response makes the retry stale too.
 *
 * @returns the response; undefined if nothing was left to change.
 * @throws ConnectorError `precondition_failed` if the caller insists on another version, `unsupported` without versions
 */
export async function sendVersioned(
  context: ActionContext,
  definition: ResourceDefinition,
  target: Target,
  { method, body: bodyOf, idempotent, ifVersion }: VersionedRequest,
): Promise<ScimResponse | undefined> {
  const path = resourcePath(definition, target.id);
  let version =
    ifVersion === undefined ? target.version : await requireVersion(context, definition, target, ifVersion);
  // A PATCH that sets constants needs no version.
  const isConstant = method === 'PATCH' && idempotent === true && ifVersion === undefined;
  if (isConstant && context.habits.rejectsVersions) version = undefined;
  let body = bodyOf();
  for (let race = 0; body !== undefined; race += 1) {
    try {
      const request = { method, path, body, ifMatch: version, signal: context.signal };
      return await context.client.send({ ...request, ...(idempotent !== undefined && { idempotent }) });
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      // After a PATCH, its caller reads the resource.
      if (error.code === 'not_found' && method === 'PUT')
        throw (await readById(context, definition, target.id)) === undefined
          ? error
          : explainMissing(definition, target.id, error);
      if (error.code !== 'precondition_failed') throw explainInvitation(context, definition, error);
      if (ifVersion !== undefined) throw error.attempts > 1 ? maybeOwnChange(error) : error;
      if (race === maxRaces)
        throw new ConnectorError('conflict', { ...error, ...errorTexts.lostRace, cause: error });
      const newest = await mustRead(context, definition, target.id);
      // A provider that calls its newest version stale calls every one stale.
      const isNeverMet = isConstant && error.attempts === 1 && targetOf(newest).version === version;
      if (isNeverMet) {
        context.habits.rejectsVersions = true;
        context.habits.notice('if-match-rejected');
      }
      version = isNeverMet ? undefined : targetOf(newest).version;
      body = bodyOf(newest);
    }
  }
  return undefined;
}

/** The error of a change that got a 404, although the resource can be read: the method or what it refers to is missing. */
export function explainMissing(
  { title }: ResourceDefinition,
  id: string,
  error: ConnectorError,
): ConnectorError {
  if (error.code !== 'not_found') return error;
  const { status = 404 } = error;
  const values = { resource: title.toLowerCase(), id, status, detail: detailText(error.detail) };
  return new ConnectorError('provider_fault', {
    ...error,
    ...fillError(errorTexts.notChangedThere, values),
    cause: error,
  });
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

/** The version may be stale because of this very change, whose first response was lost. */
function maybeOwnChange(cause: ConnectorError): ConnectorError {
  return new ConnectorError('precondition_failed', {
    ...cause,
    what: errorTexts.versionChangedByRequest.what,
    nextStep: `${errorTexts.versionChangedByRequest.nextStep} ${errorParts.unknownOutcome}`,
    cause,
  });
}
