import fc from 'fast-check';
import { exportSPKI, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectAnswerOfRfc8935, refusalOf, reportedBy } from '../support/webhook/outcome.ts';
import { openSetBench } from '../support/webhook/set-bench.ts';
import { type IssuerKey, issuerKey, keySetOf, setClaims, signSet } from '../support/webhook/set-issuer.ts';

const reported = ['deactivate User 44f6142df96bd6ab61e7521d9 {active: ? → false}'];

let key: IssuerKey;
beforeAll(async () => {
  key = await issuerKey('ES256');
});

describe('verification of a valid signature', () => {
  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    'accepts %s',
    async (alg) => {
      const received = await openSetBench(await issuerKey(alg)).tell();
      expect(reportedBy(received)).toEqual(reported);
      expectAnswerOfRfc8935(received);
    },
  );

  it('selects the key by its ID', async () => {
    const bench = openSetBench(key);
    bench.publish(keySetOf(await issuerKey('ES256', 'other'), key, await issuerKey('RS256', 'third')));
    expect(reportedBy(await bench.tell())).toEqual(reported);
  });

  it('selects among keys with the same ID by their type (RFC 7517 §4.5)', async () => {
    const bench = openSetBench(key);
    bench.publish(keySetOf(await issuerKey('RS256'), await issuerKey('ES384'), key));
    expect(reportedBy(await bench.tell())).toEqual(reported);
  });

  it('tries each matching key for a token without a key ID', async () => {
    const bench = openSetBench(key);
    bench.publish(keySetOf(await issuerKey('ES256', 'one'), await issuerKey('RS256', 'two'), key));
    expect(reportedBy(await bench.tell({}, { kid: undefined }))).toEqual(reported);
  });

  it('accepts a key without a "use"', async () => {
    const bench = openSetBench(key);
    const { alg: _, use: __, ...bare } = key.publicJwk;
    bench.publish(keySetOf(bare));
    expect(reportedBy(await bench.tell())).toEqual(reported);
  });

  it.each([undefined, 'secevent+jwt', 'application/secevent+jwt', 'SECEVENT+JWT', 'JWT'])(
    'accepts the type %s',
    async (typ) => {
      expect(reportedBy(await openSetBench(key).tell({}, { typ }))).toEqual(reported);
    },
  );
});

describe('verification of an invalid signature', () => {
  it('rejects every token with one changed byte', async () => {
    const bench = openSetBench(key);
    const token = new TextEncoder().encode(await signSet(key, setClaims()));
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.integer({ min: 0, max: 255 }), async (at, byte) => {
        fc.pre(token[at] !== byte);
        const other = token.slice();
        other[at] = byte;
        expect((await bench.push(other)).kind).toBe('refused');
      }),
      { numRuns: 2_000 },
    );
  });

  it('rejects every token that was cut or extended', async () => {
    const bench = openSetBench(key);
    const token = await signSet(key, setClaims());
    for (const other of [
      token.slice(0, -1),
      token.slice(1),
      `${token}=`,
      `${token}A`,
      `${token}.`,
      `${token}\n`,
      ` ${token}`,
    ])
      expect((await bench.push(other)).kind).toBe('refused');
  });

  it.each([
    ['a part of another token', (one: string, other: string) => swap(one, other, 1)],
    ['the header of another token', (one: string, other: string) => swap(one, other, 0)],
    ['the signature of another token', (one: string, other: string) => swap(one, other, 2)],
  ])('rejects %s', async (_, mix) => {
    const bench = openSetBench(key);
    const one = await signSet(key, setClaims());
    const other = await signSet(key, setClaims({ jti: 'another' }), { kid: 'key-1', cty: 'x' });
    expect(refusalOf(await bench.push(mix(one, other)))).toEqual([400, 'authentication_failed']);
  });

  it('rejects the signature of another key with the same ID', async () => {
    const received = await openSetBench(key).push(await signSet(await issuerKey('ES256'), setClaims()));
    expect(refusalOf(received)).toEqual([400, 'authentication_failed']);
    expectAnswerOfRfc8935(received);
  });

  it('rejects an unsigned token, however "none" is spelled', async () => {
    const token = new UnsecuredJWT(setClaims()).encode();
    const [, payload = ''] = token.split('.');
    const bench = openSetBench(key);
    expect((await bench.push(token)).kind).toBe('refused');
    for (const alg of ['none', 'None', 'NONE', '', undefined, null, 0, ['ES256'], 'toString', '__proto__']) {
      const header = Buffer.from(JSON.stringify({ alg, typ: 'secevent+jwt', kid: 'key-1' })).toString(
        'base64url',
      );
      for (const signature of ['', 'AAAA', token])
        expect(refusalOf(await bench.push(`${header}.${payload}.${signature.split('.')[0]}`))[1]).toMatch(
          /^invalid_(key|request)$/,
        );
    }
    expect(bench.asked()).toBe(0);
  });

  it('rejects a token that is signed with a public key as the shared secret', async () => {
    const rsa = await issuerKey('RS256');
    const bench = openSetBench(rsa);
    const pem = await exportSPKI(
      (await importJWK(rsa.publicJwk, 'RS256', { extractable: true })) as CryptoKey,
    );
    for (const secret of [pem, pem.trim(), JSON.stringify(rsa.publicJwk), rsa.publicJwk.n ?? '']) {
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        const token = await new SignJWT(setClaims())
          .setProtectedHeader({ alg, typ: 'secevent+jwt', kid: 'key-1' })
          .sign(new TextEncoder().encode(secret.padEnd(64)));
        expect(refusalOf(await bench.push(token))).toEqual([400, 'invalid_key']);
      }
    }
    expect(bench.asked()).toBe(0);
  });

  it('rejects a token that is signed with a published shared secret', async () => {
    const bench = openSetBench(key);
    bench.publish(keySetOf({ kty: 'oct', k: 'c2VjcmV0', kid: 'key-1' }));
    expect(refusalOf(await bench.tell())).toEqual([400, 'invalid_key']);
  });

  it('ignores a key and a key address in the token', async () => {
    const forger = await issuerKey('ES256');
    const bench = openSetBench(key);
    for (const header of [
      { jwk: forger.publicJwk },
      { jku: 'https://evil.example/jwks.json' },
      { x5u: 'https://evil.example/cert.pem' },
      { x5c: ['MIIB'] },
    ]) {
      const token = await signSet(forger, setClaims(), header);
      expect(refusalOf(await bench.push(token))).toEqual([400, 'authentication_failed']);
    }
    expect(bench.platform.sent.map(({ url }) => url)).toEqual(['https://scim.example.com/jwks.json']);
  });

  it('rejects unknown critical parameters', async () => {
    const token = await signSet(key, setClaims(), {
      crit: ['urn:example:strict'],
      'urn:example:strict': true,
    });
    expect(refusalOf(await openSetBench(key).push(token))).toEqual([400, 'invalid_request']);
  });

  it.each(['at+jwt', 'logout+jwt', 'dpop+jwt', 'application/at+jwt', 'text/plain', ''])(
    'rejects a token of the type "%s"',
    async (typ) => {
      expect(refusalOf(await openSetBench(key).tell({}, { typ }))).toEqual([400, 'invalid_request']);
    },
  );

  it.each([
    ['for encryption', { use: 'enc' }],
    ['for signing only', { key_ops: ['sign'] }],
    ['of another algorithm', { alg: 'ES384' }],
    ['with another key ID', { kid: 'key-2' }],
    ['of another key type', { kty: 'OKP' }],
    ['of another curve', { crv: 'P-384' }],
  ])('rejects a key that is %s', async (_, traits) => {
    const bench = openSetBench(key);
    bench.publish(keySetOf({ ...key.publicJwk, ...traits }));
    expect(refusalOf(await bench.tell())).toEqual([400, 'invalid_key']);
  });

  it('rejects an RSA key that is too short', async () => {
    const short = {
      kty: 'RSA',
      kid: 'key-1',
      e: 'AQAB',
      n: Buffer.alloc(128, 0xc3).toString('base64url'),
    };
    const rsa = await issuerKey('RS256');
    const bench = openSetBench(rsa);
    bench.publish(keySetOf(short));
    expect(refusalOf(await bench.tell())).toEqual([400, 'authentication_failed']);
  });

  it('rejects a token with another algorithm than its key', async () => {
    const rsa = await issuerKey('RS256');
    const bench = openSetBench(rsa);
    const bySame = await issuerKey('PS256');
    bench.publish(keySetOf({ ...rsa.publicJwk, alg: 'PS256' }));
    expect(refusalOf(await bench.tell())).toEqual([400, 'invalid_key']);
    expect(refusalOf(await bench.push(await signSet(bySame, setClaims())))).toEqual([
      400,
      'authentication_failed',
    ]);
  });
});

it('reads no payload before its signature is verified', async () => {
  const bench = openSetBench(key);
  const forger = await issuerKey('ES256');
  for (const claims of [
    { iss: 'https://evil.example' },
    { aud: 'someone' },
    { iat: 0 },
    { events: 'none' },
    { jti: undefined },
  ]) {
    const token = await signSet(forger, setClaims(claims));
    expect(refusalOf(await bench.push(token))).toEqual([400, 'authentication_failed']);
  }
});

function swap(one: string, other: string, part: number): string {
  const parts = one.split('.');
  parts[part] = other.split('.')[part] ?? '';
  return parts.join('.');
}
