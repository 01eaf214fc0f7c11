import { newToken } from '../create-token-keeper.ts';
import { type AuthorizationServer, createAuthorizationServer } from './authorization-server.ts';
import { basicAccess, headerAccess, type ScimAccess } from './scim-access.ts';

/**
 * How the SCIM service authenticates requests. Omitted secrets are random.
 *
 * @example
 * ```ts
 * const auth: SandboxAuth = { type: 'oauth_client_credentials', tokenLifetimeInSeconds: 5 };
 * await using sandbox = await startSandbox({ auth });
 * ```
 */
export type SandboxAuth =
  | { readonly type: 'bearer' }
  | {
      readonly type: 'oauth_client_credentials';
      readonly clientId?: string;
      readonly clientSecret?: string;
      /** Default: 3600. */
      readonly tokenLifetimeInSeconds?: number;
      /** The scopes that the client may request. Default: `scim.read` to read, `scim.write` to change. */
      readonly scopes?: readonly string[];
      /** The audience or resource that a token must be requested for. Default: any. */
      readonly audience?: string;
    }
  | { readonly type: 'basic'; readonly username?: string; readonly password?: string }
  | { readonly type: 'header'; readonly headerName?: string; readonly headerValue?: string };

/**
 * The credentials that the SCIM service accepts, in the form that `createConnector` accepts as `auth`.
 *
 * @example
 * ```ts
 * await using sandbox = await startSandbox({ auth: { type: 'basic' } });
 * const credentials: SandboxCredentials = sandbox.auth;
 * await using connector = createConnector({ baseUrl: sandbox.scimBaseUrl, auth: credentials });
 * ```
 */
export type SandboxCredentials =
  | { readonly type: 'bearer'; readonly token: string }
  | {
      readonly type: 'oauth_client_credentials';
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scope: string;
      readonly audience?: string;
    }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'header'; readonly headerName: string; readonly headerValue: string };

/** What an {@link SandboxAuth} opens. */
export interface OpenedAccess {
  /** Undefined: the SCIM token. */
  readonly access?: ScimAccess;
  readonly server?: AuthorizationServer;
  /** The credentials, as of now. */
  credentials(origin: string, token: string): SandboxCredentials;
}

/** Opens the access to the SCIM service. */
export function openScimAccess(auth: SandboxAuth, now: () => Date): OpenedAccess {
  switch (auth.type) {
    case 'bearer':
      return { credentials: (_, token) => ({ type: 'bearer', token }) };
    case 'basic': {
      const { type, username = 'scim-service', password = newToken() } = auth;
      return { access: basicAccess(username, password), credentials: () => ({ type, username, password }) };
    }
    case 'header': {
      const { type, headerName = 'X-API-Key', headerValue = newToken() } = auth;
      return {
        access: headerAccess(headerName, headerValue),
        credentials: () => ({ type, headerName, headerValue }),
      };
    }
    case 'oauth_client_credentials': {
      const { type, ...client } = auth;
      const server = createAuthorizationServer(client, now);
      return {
        access: server,
        server,
        credentials: (origin) => {
          const { clientId, clientSecret, scopes, audience } = server.client;
          return {
            type,
            tokenUrl: `${origin}/oauth/token`,
            clientId,
            clientSecret,
            scope: scopes.join(' '),
            ...(audience !== null && { audience }),
          };
        },
      };
    }
  }
}
