import { sign } from 'node:crypto';
import type { JsonObject } from '../../../scim/json.ts';
import type { Entry } from '../open-collection.ts';
import type { PendingSet, WorkspaceData } from '../open-workspace-data.ts';
import type { SigningKey } from './create-key-ring.ts';

/**
 * Creates the SET of a change (RFC 8417): a JWS in compact serialization. It is signed for every delivery, so that a wrong
 * audience can be corrected, and a key rotated, while SETs are pending. `jti`, `txn`, and the content stay the same.
 */
export function signSet(
  { settings, now }: WorkspaceData,
  key: SigningKey,
  { id, value }: Entry<PendingSet>,
): string {
  const { eventIssuer, eventAudience } = settings();
  return signJws(key, {
    iss: eventIssuer,
    aud: eventAudience,
    iat: Math.floor(now().getTime() / 1000),
    jti: id,
    txn: value.txn,
    // RFC 7519 §2: a NumericDate can have a fraction, which keeps the milliseconds of the audit log.
    toe: Date.parse(value.time) / 1000,
    sub_id: value.subject,
    events: value.events,
  });
}

// RFC 7515 §7.1; the `typ` is that of RFC 8417 §2.3.
function signJws({ kid, algorithm, privateKey }: SigningKey, claims: JsonObject): string {
  const input = [{ alg: algorithm, typ: 'secevent+jwt', kid }, claims].map(encode).join('.');
  // RFC 7518 §3.4: both numbers of an ECDSA signature, concatenated. RSA has no such choice.
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

function encode(part: JsonObject): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
