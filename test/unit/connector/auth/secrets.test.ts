import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readConnection } from '../../../../connector/connection.ts';
import type { Auth } from '../../../../connector/generated/types.ts';
import { createScimClient } from '../../../../connector/http/scim-client.ts';
import type { HttpRequest, HttpResponse } from '../../../../connector/platform.ts';
import { expectNoSecret } from '../../../support/expect-no-secret.ts';
import { createFakePlatform, json } from '../../../support/fake-platform.ts';
import { definition } from '../../../support/open-test-session.ts';

const secret = fc
  .string({ unit: 'grapheme-ascii', minLength: 12, maxLength: 40 })
  .filter((text) => /^\S+$/.test(text) && !/^[a-z]+$/i.test(text));
const token = secret.filter((text) => /^[\w.~+/=-]+$/.test(text));

const methods: fc.Arbitrary<Auth> = fc.oneof(
  token.map((text): Auth => ({ type: 'bearer', token: text })),
  fc.record({ type: fc.constant('basic' as const), username: fc.constantFrom('svc', 'a'), password: secret }),
  fc
    .tuple(secret, fc.constantFrom('', 'Token ', 'Key id='))
    .map(([text, prefix]): Auth => ({ type: 'header', headerName: 'X-API-Key', headerValue: prefix + text })),
  fc.record({
    type: fc.constant('oauth_client_credentials' as const),
    tokenUrl: fc.constant('https://login.example.com/token'),
    clientId: fc.constantFrom('rolecall', 'a:b'),
    clientSecret: secret,
    clientAuthentication: fc.constantFrom('client_secret_basic' as const, 'client_secret_post' as const),
  }),
);

/** The texts that give access: what is sent, and what it was made from. */
function secretsOf(auth: Auth, issued: readonly string[]): readonly string[] {
  switch (auth.type) {
    case 'bearer':
      return [auth.token];
    case 'basic':
      return [auth.password, Buffer.from(`${auth.username}:${auth.password}`).toString('base64')];
    case 'header':
      return [auth.headerValue, auth.headerValue.replace(/^Token |^Key id=/, '')];
    case 'oauth_client_credentials': {
      const encoded = new URLSearchParams({ '': auth.clientSecret }).toString().slice(1);
      const id = new URLSearchParams({ '': auth.clientId }).toString().slice(1);
      return [auth.clientSecret, encoded, Buffer.from(`${id}:${encoded}`).toString('base64'), ...issued];
    }
  }
}

const encoders: readonly ((text: string) => string)[] = [
  (text) => text,
  encodeURIComponent,
  (text) => encodeURIComponent(encodeURIComponent(text)),
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(text).toString('base64url'),
];

/** The username and password of a request, as a provider reads them. */
function readPair({ headers }: HttpRequest): readonly string[] {
  const base64 = /^Basic (.*)$/.exec(headers.authorization ?? '')?.[1];
  if (base64 === undefined) return [];
  const password = Buffer.from(base64, 'base64')
    .toString()
    .replace(/^[^:]*:/, '');
  return [password, new URLSearchParams(`password=${password}`).get('password') ?? ''];
}

/** Everything that arrived, said back in the body, in headers, and in a location. */
function echo(request: HttpRequest, status: number, encode: (text: string) => string): HttpResponse {
  const sent = [...Object.values(request.headers), request.body ?? ''].map((text) =>
    text.replace(/^(Bearer|Basic) /, ''),
  );
  const said = [...sent, ...readPair(request)].map(encode);
  const text = said.join(' | ');
  return json({ detail: text, error: text, error_description: text, scimType: text }, status, {
    'x-request-id': text,
    'www-authenticate': `Bearer error="insufficient_scope", scope="${text.replaceAll('"', '')}"`,
    location: `https://other.example.com/${encodeURIComponent(text)}`,
  });
}

it('never shows a secret of any method, however the provider or the token endpoint says it back', async () => {
  await fc.assert(
    fc.asyncProperty(
      methods,
      token,
      fc.constantFrom(...encoders),
      fc.constantFrom(302, 307, 400, 401, 403, 404, 409, 500),
      fc.boolean(),
      async (auth, issued, encode, status, isTokenEndpoint) => {
        const platform = createFakePlatform((request) => {
          if (!request.url.startsWith('https://login.')) return echo(request, status, encode);
          if (isTokenEndpoint) return echo(request, status, encode);
          return json({ access_token: issued, token_type: 'Bearer' });
        });
        const connection = readConnection(definition.connection.schema, {
          baseUrl: 'https://scim.example.com',
          auth,
        });
        const client = createScimClient(connection, platform);
        const error: unknown = await client
          .send({ method: 'GET', path: '/Users' })
          .catch((thrown: unknown) => thrown);

        expect(error).toBeInstanceOf(Error);
        for (const text of secretsOf(auth, [issued])) {
          for (const shown of [text, encodeURIComponent(text)]) {
            expectNoSecret(error, shown);
            expectNoSecret(platform.logged, shown);
          }
        }
      },
    ),
    {
      numRuns: 400,
      examples: [
        [
          { type: 'header', headerName: 'X-API-Key', headerValue: `Key id=A'-''AA'000'` },
          '_+-------++-',
          encodeURIComponent,
          302,
          false,
        ],
        // Without its quotes, the secret ends where the scope ends, and the quote of the sentence completes it.
        [
          { type: 'basic', username: 'svc', password: `#,''##'#,'#"` },
          '_+-------++-',
          (text) => text,
          403,
          false,
        ],
      ],
    },
  );
});
