import { env } from 'node:process';
import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import { invalidInput } from '../../../connector/errors.ts';
import { findPrivateAddress } from '../../../runtime/node/private-hosts.ts';
import { type FilledConnection, readConnectionForm } from '../../kit/connection-form.ts';
import { serviceTokenKey, serviceUrlKey } from '../form/auth-fields.ts';

/** What the fields of a connection contain. */
export type AuthData = Readonly<Record<string, unknown>>;

/**
 * Reads the fields of a connection, whose addresses must be public. @throws ConnectorError `invalid_input`
 */
export async function readConnectionData(
  definition: ConnectorDefinition,
  data: AuthData,
): Promise<FilledConnection> {
  const filled = readConnectionForm(definition, data);
  const { baseUrl, auth } = filled.connection;
  await refusePrivate('baseUrl', baseUrl);
  if (auth.type === 'oauth_client_credentials') await refusePrivate('auth.tokenUrl', auth.tokenUrl);
  return filled;
}

/** A Rolecall service that sends events. */
export interface EventService {
  /** Without a trailing slash. */
  readonly url: string;
  readonly token: string;
}

/** Reads the fields of the service that sends events. @throws ConnectorError `invalid_input` if they are incomplete */
export async function readEventService(data: AuthData): Promise<EventService> {
  const url = String(data[serviceUrlKey] ?? '').trim();
  const token = String(data[serviceTokenKey] ?? '').trim();
  const missing = [...(url === '' ? [serviceUrlKey] : []), ...(token === '' ? [serviceTokenKey] : [])];
  if (missing.length > 0)
    throw invalidInput(
      missing.map((path) => ({
        path,
        message: 'is missing: instant triggers need a Rolecall service. Add it to the connection',
      })),
    );
  const parsed = URL.parse(url);
  if (parsed === null || !(parsed.protocol === 'https:' || isAllowedPrivate()) || parsed.username !== '')
    throw invalidInput([{ path: serviceUrlKey, message: 'must be a URL that begins with https://' }]);
  await refusePrivate(serviceUrlKey, url);
  return { url: url.replace(/\/+$/, ''), token };
}

/** Zapier runs the app in its own network, whose addresses a user must not reach. */
async function refusePrivate(path: string, url: string): Promise<void> {
  if (isAllowedPrivate() || (await findPrivateAddress(url)) === undefined) return;
  throw invalidInput([{ path, message: 'has an address that Zapier cannot reach: use a public one' }]);
}

/** An environment variable of the app, for its tests. Only the owner of the app can set it. */
function isAllowedPrivate(): boolean {
  return env.ROLECALL_ALLOW_PRIVATE_ADDRESSES === 'true';
}
