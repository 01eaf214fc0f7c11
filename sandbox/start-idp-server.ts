/// <reference lib="esnext.disposable" preserve="true" />
import type { JsonObject } from '../scim/json.ts';
import { createIdpControl } from './idp/create-idp-control.ts';
import type { Idp } from './idp/idp.ts';
import { type Endpoint, startScimServer } from './scim/http/start-scim-server.ts';
import { bearerAuthenticator } from './scim/service/bearer-authenticator.ts';

/**
 * An identity provider that is controlled over HTTP.
 *
 * @example
 * ```ts
 * const idp = createIdp({ flavor: 'okta' });
 * await using control: IdpServer = await startIdpServer(idp, 'control-token');
 * const response = await fetch(`${control.idpUrl}/groups`, { headers: { authorization: 'Bearer control-token' } });
 * ```
 */
export interface IdpServer extends AsyncDisposable {
  /** Its base URL: `POST {idpUrl}/assign`, and so on, with the bearer token. */
  readonly idpUrl: string;
  /** Stops. Also called by `await using`. */
  close(): Promise<void>;
}

const idpBasePath = '/idp';
const maxResponseBytes = 1_048_576;

/**
 * Starts the control API of an identity provider on the loopback interface.
 *
 * @example
 * ```ts
 * await using control = await startIdpServer(createIdp({ flavor: 'entra' }), 'control-token', 8090);
 * console.log(control.idpUrl); // http://127.0.0.1:8090/idp
 * ```
 */
export async function startIdpServer(idp: Idp, token: string, port = 0): Promise<IdpServer> {
  const control = createIdpControl(idp);
  const authenticate = bearerAuthenticator(token, { name: 'idp-control' });
  const json = (status: number, body: unknown) => ({
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: body as JsonObject,
  });
  const endpoint: Endpoint = async ({ method, path, headers, body }) => {
    if (authenticate(headers.authorization) === undefined) {
      return json(401, {
        error: { code: 'auth', message: 'Send the admin token as "Authorization: Bearer …".' },
      });
    }
    let fields: unknown;
    try {
      fields = body === undefined ? undefined : JSON.parse(body);
    } catch {
      return json(400, { error: { code: 'invalid_input', message: 'The body is not JSON.' } });
    }
    const answer = await control(method, path === '' ? '/' : path, fields);
    return json(answer.status, answer.body);
  };
  const server = await startScimServer({
    port,
    host: '127.0.0.1',
    maxPayloadBytes: () => maxResponseBytes,
    maxUrlLength: 4096,
    mount: () => new Map([[idpBasePath, endpoint]]),
  });
  const { origin, close } = server;
  return { idpUrl: origin + idpBasePath, close, [Symbol.asyncDispose]: close };
}
