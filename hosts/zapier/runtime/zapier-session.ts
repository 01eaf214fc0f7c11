import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { createScimClient, type ScimClient } from '../../../connector/http/scim-client.ts';
import type { Profile } from '../../../connector/manifest/profile.zod.ts';
import type { Platform } from '../../../connector/platform.ts';
import { openSession, type Session } from '../../../runtime/open-session.ts';
import { readConnectionData } from './connection-data.ts';
import type { ZapierBundle, ZapierFunctions } from './zapier-functions.ts';
import { createZapierPlatform } from './zapier-platform.ts';

/** Zapier ends a run after 30 seconds. A run of the app ends before that, so that it can still say what was done. */
export const maxRunInMs = 24_000;

/** The deadline of an action's requests, before that of the run: then the error says what failed. */
const maxDeadlineInMs = 22_000;

/** The connection of one run. */
export interface ZapierSession {
  readonly session: Session;
  readonly client: ScimClient;
  readonly platform: Platform;
  /** The profile of the selected provider. */
  readonly profile: Profile | undefined;
  /** Aborted when the run must end. */
  readonly signal: AbortSignal;
}

/** Opens the connection of a run. @throws ConnectorError if it is invalid. */
export async function openZapierSession(
  definition: ConnectorDefinition,
  z: ZapierFunctions,
  { authData }: Pick<ZapierBundle, 'authData'>,
): Promise<ZapierSession> {
  const signal = AbortSignal.timeout(maxRunInMs);
  const { connection, profile } = await readConnectionData(definition, authData);
  const platform = createZapierPlatform(z);
  const deadlineInMs = Math.min(connection.deadlineInMs, maxDeadlineInMs);
  const client = createScimClient(
    { ...connection, deadlineInMs, timeoutInMs: Math.min(connection.timeoutInMs, deadlineInMs) },
    platform,
  );
  return {
    session: openSession({ ...definition, profile }, platform, client),
    client,
    platform,
    profile,
    signal,
  };
}

/** What to do if the provider is too slow: a longer timeout would not help. */
export const tooSlow = 'Try again later. Zapier limits a run to 30 seconds, whatever the timeouts are.';

/** The error of a run that had to end. */
export function runEnded(cause: unknown): ConnectorError {
  return new ConnectorError('unavailable', {
    what: `Zapier limits a run to 30 seconds, and this one was stopped after ${maxRunInMs / 1000}.`,
    nextStep: 'Some changes may have been made. Check before you retry, and process fewer at a time.',
    cause,
  });
}
