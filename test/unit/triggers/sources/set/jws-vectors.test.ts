import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../../../../../runtime/node/crypto.ts';
import { createJwsReader } from '../../../../../triggers/sources/set/compact-jws.ts';

// What the standards show, so that no mistake of ours can agree with itself.

const crypto = createNodeCrypto();
const readJws = createJwsReader();
const bytes = (text: string) => new TextEncoder().encode(text);
const joePayload =
  'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';

const vectors = [
  {
    where: 'RFC 7515 A.2, RS256',
    key: {
      kty: 'RSA',
      n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
      e: 'AQAB',
    },
    token: `eyJhbGciOiJSUzI1NiJ9.${joePayload}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw`,
  },
  {
    where: 'RFC 7515 A.3, ES256',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    },
    token: `eyJhbGciOiJFUzI1NiJ9.${joePayload}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`,
  },
  {
    where: 'RFC 8037 A.4, EdDSA',
    key: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    token:
      'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  },
] as const;

describe.each(vectors)('$where', ({ key, token }) => {
  const verify = (text: string, by: Readonly<Record<string, unknown>> = key) => {
    const { algorithm, signed, signature } = readJws(bytes(text));
    return crypto.verify(algorithm, by, signed, signature);
  };

  it('holds', async () => {
    expect(await verify(token)).toBe(true);
  });

  it('does not hold for another payload or another key', async () => {
    const [header, , signature] = token.split('.');
    expect(await verify(`${header}.${'A'.repeat(20)}.${signature}`)).toBe(false);
    for (const other of vectors) if (other.key !== key) expect(await verify(token, other.key)).toBe(false);
  });
});

it('RFC 7515 A.1, HS256, is rejected before a key is used', () => {
  const token = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${joePayload}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`;
  expect(() => readJws(bytes(token))).toThrow('algorithm');
});

it('RFC 7515 A.5, "none", is rejected', () => {
  expect(() => readJws(bytes(`eyJhbGciOiJub25lIn0.${joePayload}.`))).toThrow('algorithm');
});

it('RFC 7515 E, an unknown critical parameter, is rejected', () => {
  const header = Buffer.from(
    '{"alg":"ES256",\r\n "crit":["http://example.com/UNDEFINED"],\r\n "http://example.com/UNDEFINED":true\r\n}',
  ).toString('base64url');
  expect(() => readJws(bytes(`${header}.RkFJTA.AAAA`))).toThrow('critical');
});

it.each([
  [
    'case 1',
    Uint8Array.from({ length: 20 }, () => 0x0b),
    'Hi There',
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ],
  [
    'case 2',
    bytes('Jefe'),
    'what do ya want for nothing?',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
])('RFC 4231, HMAC-SHA-256, %s', async (_, key, text, expected) => {
  expect(Buffer.from(await crypto.hmacSha256(key, bytes(text))).toString('hex')).toBe(expected);
});
