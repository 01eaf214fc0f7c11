import { CompactSign, compactVerify, exportJWK, generateKeyPair, type JWK, jwtVerify } from 'jose';
import { compileManifest } from '../../connector/definition/compile-manifest.ts';
import { withDefaults } from '../../connector/read-input.ts';
import { loadManifest } from '../../runtime/load-manifest.ts';
import { createNodeCrypto } from '../../runtime/node/crypto.ts';
import { securityEventToken } from '../../triggers/sources/set/security-event-token.ts';

const issuer = 'https://scim.example.com';
const audience = 'https://rolecall.example.com/events';

/** A token in the best form for each contestant: bytes for a server, and text for jose's functions. */
export interface SetToken {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** One way to process a token. */
export interface SetContestant {
  readonly name: string;
  /** Processes one token. @throws Error if it is rejected */
  take(token: SetToken): Promise<unknown>;
}

/** The contestants for the tokens of one key, and the signer. */
export interface SetContest {
  readonly contestants: readonly SetContestant[];
  /** Creates a number of tokens about users, each with its own ID. */
  sign(count: number): Promise<readonly SetToken[]>;
}

/** Rolecall's receiver from bytes to events, and bare jose, which has its key ready and maps no events. */
export async function openSetContest(alg: string): Promise<SetContest> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: 'key-1', alg, use: 'sig' };
  const definition = compileManifest(loadManifest());
  const receiver = securityEventToken.open(
    {
      definition,
      platform: {
        send: async () => ({ status: 200, headers: {}, body: JSON.stringify({ keys: [jwk] }) }),
        retry: (attempt) => attempt(1),
        sleep: async () => undefined,
        now: Date.now,
        random: Math.random,
        crypto: createNodeCrypto(),
        log: () => undefined,
      },
    },
    withDefaults(definition.sources.find(({ type }) => type === 'security_event_token')?.settings ?? {}, {
      issuer,
      audience,
      jwksUrl: 'https://scim.example.com/jwks.json',
    }),
  );
  const headers = { 'content-type': ['application/secevent+jwt'] };
  const encoder = new TextEncoder();
  return {
    contestants: [
      {
        name: 'Rolecall',
        async take({ bytes: body }) {
          const received = await receiver.receive({ method: 'POST', headers, body });
          if (received.kind !== 'accepted' || received.events.length !== 2)
            throw new Error(`Not taken: ${alg}`);
          return received.events;
        },
      },
      { name: 'jose compactVerify', take: ({ text }) => compactVerify(text, publicKey) },
      { name: 'the same again', take: ({ text }) => compactVerify(text, publicKey) },
      { name: 'jose jwtVerify', take: ({ text }) => jwtVerify(text, publicKey, { issuer, audience }) },
    ],
    async sign(count) {
      return Promise.all(
        Array.from({ length: count }, async (_, nth) => {
          const text = await new CompactSign(encoder.encode(JSON.stringify(claimsOf(nth))))
            .setProtectedHeader({ alg, kid: 'key-1', typ: 'secevent+jwt' })
            .sign(privateKey);
          return { text, bytes: encoder.encode(text) };
        }),
      );
    },
  };
}

/** A deactivation by Entra ID, together with a new title, as sent by a provider with full events. */
function claimsOf(nth: number): Readonly<Record<string, unknown>> {
  return {
    iss: issuer,
    aud: [audience],
    iat: Math.floor(Date.now() / 1000),
    jti: `4d3559ec67504aaba65d40b0${String(nth).padStart(8, '0')}`,
    txn: 'b7b953f11cc6489bbfb87834747cc4c1',
    sub_id: { format: 'scim', uri: `/Users/2819c223-7f76-453a-919d-${nth}`, externalId: `person${nth}` },
    events: {
      'urn:ietf:params:scim:event:prov:deactivate': {},
      'urn:ietf:params:scim:event:prov:patch:full': {
        version: 'W/"a330bc54f0671c9"',
        data: {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
          Operations: [
            { op: 'Replace', path: 'active', value: 'False' },
            { op: 'Replace', path: 'title', value: 'Alumna' },
            {
              op: 'Add',
              path: 'urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole:workato_role',
              value: 'NoAccess',
            },
          ],
        },
      },
    },
  };
}
