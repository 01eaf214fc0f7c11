import type { JsonObject } from '../../../scim/json.ts';
import { type AuthorizationServer, tokenEndpointFailures } from '../access/authorization-server.ts';
import { newToken } from '../create-token-keeper.ts';
import { invalid } from '../workspace-error.ts';
import type { Route } from './json-endpoint.ts';

/** The actions of an administrator of the authorization server, below `/oauth` of the admin API. */
export function oauthRoutes(server: AuthorizationServer): readonly Route[] {
  const { client } = server;
  const show = (): JsonObject => ({
    client_id: client.clientId,
    revoked: client.isRevoked,
    scopes: [...client.scopes],
    audience: client.audience,
    token_lifetime_in_seconds: client.tokenLifetimeInSeconds,
    failure: client.failure,
    tokens_issued: server.issued(),
  });
  return [
    { method: 'GET', path: '/oauth', handle: () => ({ body: show() }) },
    {
      method: 'PATCH',
      path: '/oauth',
      handle: ({ json }) => {
        const {
          scopes = [...client.scopes],
          audience = client.audience,
          token_lifetime_in_seconds: lifetime = client.tokenLifetimeInSeconds,
          failure = client.failure,
          ...others
        } = json();
        const [unknown] = Object.keys(others);
        if (unknown !== undefined) throw invalid(`"${unknown}" cannot be changed.`);
        if (!Array.isArray(scopes) || !scopes.every((one) => typeof one === 'string'))
          throw invalid('"scopes" must be a list of scopes.');
        if (audience !== null && typeof audience !== 'string')
          throw invalid('"audience" must be a string or null.');
        if (typeof lifetime !== 'number' || !(lifetime > 0))
          throw invalid('"token_lifetime_in_seconds" must be a number above 0.');
        const found = tokenEndpointFailures.find((one) => one === failure);
        if (failure !== null && found === undefined)
          throw invalid(`"failure" must be null or one of ${tokenEndpointFailures.join(', ')}.`);
        client.scopes = scopes.map(String);
        client.audience = audience;
        client.tokenLifetimeInSeconds = lifetime;
        client.failure = found ?? null;
        return { body: show() };
      },
    },
    {
      method: 'POST',
      path: '/oauth/client/revoke',
      handle: () => {
        client.isRevoked = true;
        server.revokeTokens();
        return { body: show() };
      },
    },
    {
      method: 'POST',
      path: '/oauth/client/restore',
      handle: () => {
        client.isRevoked = false;
        return { body: show() };
      },
    },
    {
      method: 'POST',
      path: '/oauth/client/rotate-secret',
      handle: () => {
        client.clientSecret = newToken();
        return { status: 201, body: { client_id: client.clientId, client_secret: client.clientSecret } };
      },
    },
    {
      method: 'POST',
      path: '/oauth/tokens/revoke',
      handle: () => {
        server.revokeTokens();
        return { body: show() };
      },
    },
  ];
}
