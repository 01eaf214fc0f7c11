import { setTimeout as wait } from 'node:timers/promises';
import type { ConnectorDefinition, Field } from '../../../connector/definition/definition.ts';
import { createScimClient, type ScimClient } from '../../../connector/http/scim-client.ts';
import type { Platform } from '../../../connector/platform.ts';
import { openSession, type Session } from '../../../runtime/open-session.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { readConnectionForm } from '../../kit/connection-form.ts';
import { createHostPlatform } from '../../kit/host-platform.ts';
import { providerField } from '../../kit/provider-choice.ts';

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
  const { connection, profile } = readConnectionForm(definition, valuesOf(auth));
  const platform = createPiecePlatform(print);
  const client = createScimClient(connection, platform);
  return { client, session: openSession({ ...definition, profile }, platform, client) };
}

/** The framework passes the fields of a connection as they are to a validation, and under `props` to a step. */
function valuesOf(auth: unknown): Readonly<Record<string, unknown>> {
  const given = isRecord(auth) && isRecord(auth.props) ? auth.props : auth;
  return isRecord(given) ? given : {};
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
