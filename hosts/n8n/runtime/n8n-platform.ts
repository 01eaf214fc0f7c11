import type { Connection } from '../../../connector/connection.ts';
import type { LogEntry, Platform } from '../../../connector/platform.ts';
import { createHostPlatform } from '../../kit/host-platform.ts';
import { credentialTypes } from '../credential-types.ts';
import type { CredentialData } from './credentials.ts';
import type {
  N8nFunctions,
  N8nHttpOptions,
  N8nHttpResponse,
  N8nSleep,
  N8nTestFunctions,
} from './n8n-functions.ts';

/** Sends one request with n8n's HTTP helper. */
export type N8nSend = (options: N8nHttpOptions) => Promise<N8nHttpResponse>;

/** Sends with a credential of the node: n8n adds the header, in place of the connector's own. */
export function authenticated(
  functions: N8nFunctions,
  { auth }: Pick<Connection, 'auth'>,
  data: CredentialData,
): N8nSend {
  const header = auth.type === 'header' ? auth.headerName.toLowerCase() : 'authorization';
  return ({ headers: { [header]: _, ...headers }, ...options }) =>
    functions.helpers.httpRequestWithAuthentication.call(
      functions,
      credentialTypes[auth.type].name,
      { ...options, headers },
      { credentialsDecrypted: { data } },
    );
}

/** Sends without a credential, to servers other than the provider. */
export function unauthenticated({ helpers }: N8nFunctions): N8nSend {
  return (options) => helpers.httpRequest(options);
}

/** Sends from the test of a credential, for which n8n has only the helper of its older nodes. */
export function sendFromTest({ helpers }: N8nTestFunctions): N8nSend {
  return ({ url, method, headers, body, timeout }) =>
    helpers.request({
      uri: url,
      method,
      headers,
      ...(body !== undefined && { body }),
      timeout,
      useStream: true,
      resolveWithFullResponse: true,
      simple: false,
      followRedirect: false,
    });
}

/** The platform services of n8n: HTTP helper, sleep, log. */
export function createN8nPlatform(
  functions: Pick<N8nFunctions, 'logger'>,
  n8nSend: N8nSend,
  n8nSleep: N8nSleep,
): Platform {
  return createHostPlatform({
    async send({ method, url, headers, body, timeoutInMs, signal }) {
      const response = await n8nSend({
        method,
        url,
        headers,
        ...(body !== undefined && { body }),
        encoding: 'stream',
        returnFullResponse: true,
        ignoreHttpStatusErrors: true,
        disableFollowRedirect: true,
        timeout: timeoutInMs,
        // In an execution, n8n replaces it with its own.
        abortSignal: signal,
      });
      return { status: response.statusCode, headers: response.headers, body: response.body };
    },
    sleep: n8nSleep,
    log: (entry) => log(functions, entry),
  });
}

function log({ logger }: Pick<N8nFunctions, 'logger'>, { level, event, ...detail }: LogEntry): void {
  // By default, n8n's log shows only the text.
  logger[level](level === 'warn' ? `SCIM: ${event} ${JSON.stringify(detail)}` : `SCIM: ${event}`, detail);
}
