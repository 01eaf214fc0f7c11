import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../../../../runtime/node/crypto.ts';
import { readSignedApproval } from '../../../../runtime/watch/signed-approval.ts';
import { failureOf } from '../../../support/failure-of.ts';

const nowInMs = Date.UTC(2026, 0, 2);
const platform = { crypto: createNodeCrypto(), now: () => nowInMs };
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const jwk = JSON.stringify(publicKey.export({ format: 'jwk' }));
const fields = { approve: 'hold-5f0c3a9e12b47d68', by: 'ada@example.com', at: '2026-01-01T23:00:00Z' };

type Fields = Readonly<typeof fields>;

const messageOf = ({ approve, by, at }: Fields) =>
  Buffer.from(['rolecall-approval', approve, by, at].map((one) => JSON.stringify(one)).join('\n'));
const signers: readonly (readonly [string, string, (message: Buffer) => Buffer])[] = [
  [
    'a shared secret',
    secret,
    (message) => createHmac('sha256', Buffer.alloc(32, 7)).update(message).digest(),
  ],
  ['an Ed25519 key', jwk, (message) => sign(null, message, privateKey)],
];

describe.each(signers)('an approval signed with %s', (_, key, signWith) => {
  const signed = (given: Fields) =>
    JSON.stringify({ ...given, signature: signWith(messageOf(given)).toString('base64') });

  it('names the hold', async () => {
    expect(await readSignedApproval(signed(fields), key, platform)).toEqual({
      id: fields.approve,
      by: fields.by,
      signedAtInMs: Date.UTC(2026, 0, 1, 23),
      once: {
        key: expect.stringMatching(/^[0-9a-f]{64}$/),
        usedAtInMs: nowInMs,
        expiresAtInMs: Date.UTC(2026, 0, 2, 23),
      },
    });
  });

  it('is the same approval however it is written', async () => {
    const keyOf = async (text: string) => (await readSignedApproval(text, key, platform)).once.key;
    const { signature, ...rest } = JSON.parse(signed(fields));
    const other = JSON.stringify(
      { note: 'again', signature: signature.replace(/=+$/, ''), ...rest },
      null,
      2,
    );
    expect(await keyOf(other)).toBe(await keyOf(signed(fields)));
    expect(await keyOf(signed({ ...fields, at: '2026-01-01T23:00:01Z' }))).not.toBe(await keyOf(other));
  });

  it.each([
    ['approve', 'hold-0000000000000000'],
    ['by', 'eve@example.com'],
    ['at', '2026-01-01T23:30:00Z'],
  ])('is not valid with another %s', async (name, value) => {
    const changed = JSON.stringify({ ...JSON.parse(signed(fields)), [name]: value });
    expect(await failureOf(readSignedApproval(changed, key, platform))).toMatchObject({ code: 'auth' });
  });

  it.each(['2025-12-31T23:59:00Z', '2026-01-02T00:10:00Z', 'yesterday'])(
    'is refused if it is from %s',
    async (at) => {
      const error = await failureOf(readSignedApproval(signed({ ...fields, at }), key, platform));
      expect(error).toMatchObject({ code: 'invalid_input' });
    },
  );
});

it.each(['', '[]', '{}', JSON.stringify({ ...fields, signature: 7 })])('refuses %j', async (text) => {
  expect(await failureOf(readSignedApproval(text, secret, platform))).toMatchObject({
    code: 'invalid_input',
  });
});

it.each([JSON.stringify({ ...fields, signature: '***' }), JSON.stringify({ ...fields, signature: 'AAAA' })])(
  'does not accept %j',
  async (text) => {
    for (const key of [secret, jwk])
      expect(await failureOf(readSignedApproval(text, key, platform))).toMatchObject({ code: 'auth' });
  },
);

it('refuses a key that is neither', async () => {
  const text = JSON.stringify({ ...fields, signature: 'AAAA' });
  for (const key of ['secret', JSON.stringify({ kty: 'RSA' })])
    expect(await failureOf(readSignedApproval(text, key, platform))).toMatchObject({ code: 'invalid_input' });
});
