import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorParts, errorTexts, problemTexts } from '../connector/error-texts.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import type { ScimRequest } from '../connector/http/scim-client.ts';
import { notFound } from '../connector/provider/look-up.ts';
import { resourcePath } from '../connector/provider/resource-path.ts';
import type { Resource } from '../connector/resource.ts';
import { readById, type Target, targetOf } from './look-up.ts';
import type { ActionContext } from './operation.ts';

/** A change of one resource, by PATCH or PUT. */
export type Change = Pick<ScimRequest, 'method' | 'body' | 'idempotent'> & {
  /** The version that the caller insists on. */
  readonly ifVersion?: string | undefined;
};

/** How often a change is tried again on a newer version, when somebody else was faster. */
const maxRaces = 3;

/**
 * Sends a change, with `If-Match` when a version is known (RFC 7644 §3.14), and gives the resource as it then is. A
 * version that was only looked up here is looked up again when it is stale: a lost answer makes the repeat stale too.
 *
 * @throws ConnectorError `precondition_failed` when the caller's version is stale, `conflict` when the resource
 *   changes faster than it can be read.
 */
export async function sendChange(
  context: ActionContext,
  definition: ResourceDefinition,
  target: Target,
  change: Change,
): Promise<Resource> {
  const { ifVersion, ...request } = change;
  // A client may strip what no header can hold, and the change would then be made whatever the version is.
  if (ifVersion !== undefined && /[^\x20-\x7e]/.test(ifVersion))
    throw invalidInput([{ path: 'ifVersion', message: problemTexts.versionCharacter }]);
  const { client, normalize } = context.reader(definition);
  const path = resourcePath(definition, target.id);
  let version = ifVersion ?? target.version;
  for (let race = 0; ; race += 1) {
    try {
      const answer = await client.send({ ...request, path, ifMatch: version, signal: context.signal });
      // RFC 7644 §3.5.2 lets a provider answer 204; then the resource is read.
      return answer.body === undefined
        ? await mustRead(context, definition, target.id)
        : normalize(answer.body);
    } catch (error) {
      if (error instanceof ConnectorError && error.code === 'not_found')
        await context.confirmService(definition);
      if (!(error instanceof ConnectorError) || error.code !== 'precondition_failed') throw error;
      if (ifVersion !== undefined) throw error.attempts > 1 ? maybeOwnChange(error) : error;
      if (race === maxRaces) throw lostRace(error);
      version = targetOf(await mustRead(context, definition, target.id)).version;
    }
  }
}

async function mustRead(
  context: ActionContext,
  definition: ResourceDefinition,
  id: string,
): Promise<Resource> {
  const found = await readById(context, definition, id);
  if (found === undefined) throw notFound(definition, { id });
  return found;
}

/** The version may be stale because of this very change, whose first answer was lost. */
function maybeOwnChange(cause: ConnectorError): ConnectorError {
  return new ConnectorError('precondition_failed', {
    ...cause,
    what: errorTexts.versionChangedByRequest.what,
    nextStep: `${errorTexts.versionChangedByRequest.nextStep} ${errorParts.unknownOutcome}`,
    cause,
  });
}

function lostRace(cause: ConnectorError): ConnectorError {
  return new ConnectorError('conflict', {
    ...cause,
    ...errorTexts.lostRace,
    cause,
  });
}
