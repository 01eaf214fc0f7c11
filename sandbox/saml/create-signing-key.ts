import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

/** The signing key of an identity provider. */
export interface SigningKey {
  /** PKCS #8, as PEM. */
  readonly privateKey: string;
  /** X.509, as PEM, for the service provider. */
  readonly certificate: string;
}

const [integer, bitString, nothing, oid, utf8, utcTime, sequence, set] = [
  0x02, 0x03, 0x05, 0x06, 0x0c, 0x17, 0x30, 0x31,
];
const explicit0 = 0xa0;
const yearInMs = 365 * 86_400_000;

/**
 * Creates a key for one identity provider, with a self-signed certificate (RFC 5280 §4.1), so that the repository
 * contains no private key. node:crypto reads certificates but cannot create them, hence the few lines of DER.
 */
export function createSigningKey(commonName: string, now = new Date()): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  // sha256WithRSAEncryption, whose parameters are NULL (RFC 4055 §5).
  const algorithm = der(sequence, der(oid, Buffer.from('2a864886f70d01010b', 'hex')), der(nothing));
  const name = der(
    sequence,
    der(set, der(sequence, der(oid, Buffer.from('550403', 'hex')), der(utf8, Buffer.from(commonName)))),
  );
  const validity = der(sequence, time(now.getTime() - yearInMs), time(now.getTime() + yearInMs));
  const serial = randomBytes(16);
  // A serial number is positive, and its first byte is not zero.
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
  const body = der(
    sequence,
    der(explicit0, der(integer, Buffer.from([2]))),
    der(integer, serial),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = der(bitString, Buffer.from([0]), rsaSign(body, privateKey));
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: pem(der(sequence, body, algorithm, signature)),
  };
}

function rsaSign(body: Buffer, privateKey: KeyObject): Buffer {
  return createSign('sha256').update(body).sign(privateKey);
}

// X.690 §8.1: a tag, a length, and the contents.
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

// RFC 5280 §4.1.2.5.1: YYMMDDHHMMSSZ, for the years up to 2049.
function time(inMs: number): Buffer {
  const digits = new Date(inMs).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(utcTime, Buffer.from(`${digits}Z`));
}

function pem(content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
