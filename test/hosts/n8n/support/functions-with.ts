import { Readable } from 'node:stream';
import type { AuthType } from '../../../../connector/manifest/connection.zod.ts';
import { credentialTypes } from '../../../../hosts/n8n/credential-types.ts';
import type {
  N8nFunctions,
  N8nHttpOptions,
  N8nHttpResponse,
} from '../../../../hosts/n8n/runtime/n8n-functions.ts';

/** n8n with one credential, which sends what it is asked to. */
export function functionsWith(type: AuthType, data: Readonly<Record<string, unknown>>): N8nFunctions {
  const credential = credentialTypes[type].name;
  const send = async ({ url, method, headers, body }: N8nHttpOptions): Promise<N8nHttpResponse> => {
    const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
    const bytes = Buffer.from(await response.arrayBuffer());
    return {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      body: Readable.from([bytes]),
    };
  };
  return {
    getNode: () => ({
      id: 'node',
      type: 'n8n-nodes-scim-provisioning.scim',
      parameters: { authentication: type },
      credentials: { [credential]: { id: 'one' } },
    }),
    getCredentials: async () => data,
    helpers: {
      httpRequest: send,
      httpRequestWithAuthentication: (_, options) =>
        send({ ...options, headers: { ...options.headers, authorization: `Bearer ${data.token}` } }),
    },
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined },
  };
}
