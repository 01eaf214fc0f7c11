import { env } from 'node:process';
import { type Connection, readConnection } from '../../../connector/connection.ts';
import type { ConnectorDefinition, Field } from '../../../connector/definition/definition.ts';
import { invalidInput } from '../../../connector/errors.ts';
import type { Profile } from '../../../connector/manifest/profile.zod.ts';
import { connectionDefaults } from '../../../connector/profile.ts';
import { findPrivateAddress } from '../../../runtime/node/private-hosts.ts';
import { providerKey, selectedProfile } from '../../kit/provider-choice.ts';
import { readCell } from '../../kit/read-cell.ts';
import { authTypeKey, serviceTokenKey, serviceUrlKey } from '../form/auth-fields.ts';

/** What the fields of a connection contain. */
export type AuthData = Readonly<Record<string, unknown>>;

/** The connection to a provider, and the profile of the selected provider. */
export interface ConnectionData {
  readonly connection: Connection;
  readonly profile: Profile | undefined;
}

/** Reads the fields of a connection. @throws ConnectorError `invalid_input` */
export async function readConnectionData(
  definition: ConnectorDefinition,
  data: AuthData,
): Promise<ConnectionData> {
  const { fields, schema, auth } = definition.connection;
  const selected = data[authTypeKey];
  const type = selected === undefined || selected === '' ? auth.methods[0].type : selected;
  const method = auth.methods.find((one) => one.type === type);
  if (method === undefined)
    throw invalidInput([{ path: authTypeKey, message: `is unknown ("${type}"): select one from the list` }]);
  const profile = selectedProfile(definition, data[providerKey], method.type);
  const connection = readConnection(schema, {
    ...connectionDefaults(profile),
    ...readFields(fields, data),
    auth: { type: method.type, ...readFields(method.fields, data) },
  } as Parameters<typeof readConnection>[1]);
  await refusePrivate('baseUrl', connection.baseUrl);
  if (connection.auth.type === 'oauth_client_credentials')
    await refusePrivate('auth.tokenUrl', connection.auth.tokenUrl);
  return { connection, profile };
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

function readFields(fields: readonly Field[], data: AuthData): Readonly<Record<string, unknown>> {
  const entries = fields.map((field) => {
    const value = readCell(field, data[field.key]);
    // Copied tokens and secrets often end with a line break.
    return [field.key, field.secret && typeof value === 'string' ? value.trim() : value] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== ''));
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
