import { setTimeout as wait } from 'node:timers/promises';
import { type Connection, readConnection } from '../../../connector/connection.ts';
import type { ConnectorDefinition, Field } from '../../../connector/definition/definition.ts';
import { invalidInput } from '../../../connector/errors.ts';
import { createScimClient, type ScimClient } from '../../../connector/http/scim-client.ts';
import type { Profile } from '../../../connector/manifest/profile.zod.ts';
import type { Platform } from '../../../connector/platform.ts';
import { connectionDefaults } from '../../../connector/profile.ts';
import { openSession, type Session } from '../../../runtime/open-session.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { readFields } from '../../kit/flat-form.ts';
import { createHostPlatform } from '../../kit/host-platform.ts';
import { providerField, providerKey, selectedProfile } from '../../kit/provider-choice.ts';

/** The key of the field that selects the authentication method. */
export const authTypeKey = 'authentication';

/** The fields of a connection that every method has, without the deadlines of other hosts. */
export function connectionFields(definition: ConnectorDefinition): readonly Field[] {
  return [providerField(definition), ...definition.connection.fields];
}

/** What every call needs. */
export interface PieceContext {
  readonly definition: ConnectorDefinition;
  /** Prints a line to the log of the step. */
  readonly print: (line: string) => void;
}

/** The connection of one call. */
export interface PieceSession {
  readonly session: Session;
  readonly client: ScimClient;
}

/** Opens the connection of a call. @throws ConnectorError if it is invalid */
export function openPieceSession({ definition, print }: PieceContext, auth: unknown): PieceSession {
  const { connection, profile } = readAuth(definition, auth);
  const platform = createPiecePlatform(print);
  const client = createScimClient(connection, platform);
  return { client, session: openSession({ ...definition, profile }, platform, client) };
}

/** Reads the fields of a connection: the framework passes them as they are to a validation, and under `props` to a step. */
function readAuth(
  definition: ConnectorDefinition,
  auth: unknown,
): { readonly connection: Connection; readonly profile: Profile | undefined } {
  const given = isRecord(auth) && isRecord(auth.props) ? auth.props : auth;
  const values = isRecord(given) ? given : {};
  const { fields, schema, auth: declared } = definition.connection;
  const type = values[authTypeKey] ?? declared.methods[0].type;
  const method = declared.methods.find((one) => one.type === type);
  if (method === undefined)
    throw invalidInput([{ path: authTypeKey, message: `is unknown ("${type}"): select one from the list` }]);
  const profile = selectedProfile(definition, values[providerKey], method.type);
  const connection = readConnection(schema, {
    ...connectionDefaults(profile),
    ...readFields(fields, values),
    auth: { type: method.type, ...withoutLineBreaks(readFields(method.fields, values)) },
  } as Parameters<typeof readConnection>[1]);
  return { connection, profile };
}

/** Copied tokens and secrets often end with a line break. */
function withoutLineBreaks(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? value.trim() : value]),
  );
}

/** The platform services of a piece: Activepieces has no HTTP client of its own, so that it is that of Node. */
function createPiecePlatform(print: PieceContext['print']): Platform {
  return createHostPlatform({
    async send({ method, url, headers, body, signal }) {
      const response = await fetch(url, {
        method,
        headers,
        redirect: 'manual',
        signal,
        ...(body !== undefined && { body }),
      });
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: response.body ?? '',
      };
    },
    sleep: (ms) => wait(ms),
    log({ level, event, ...detail }) {
      if (level !== 'debug') print(`${event} ${JSON.stringify(detail)}`);
    },
  });
}
