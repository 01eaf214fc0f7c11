import type { Platform } from '../../../connector/platform.ts';
import { fill } from '../../../schemas/fill.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { readNumericDate } from '../../../scim/timestamps.ts';
import { rejectionTexts } from '../webhook-auth/rejection-texts.ts';
import {
  clockToleranceInMs,
  maxMessageBytes,
  RejectedRequest,
  readJson,
} from '../webhook-auth/request-checks.ts';
import { type CompactJws, createJwsReader } from './compact-jws.ts';
import { createKeySet, type Jwk, type KeySet } from './key-set.ts';

/** The requirements for tokens. */
export interface SetExpectations {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  readonly maxAgeInSeconds: number;
}

/** A security event token (RFC 8417) that is authentic, addressed to this receiver, and current. */
export interface VerifiedSet {
  readonly issuer: string;
  readonly id: string;
  readonly issuedAtInMs: number;
  /** The time of the event, if the issuer reports it, otherwise of the token. */
  readonly occurredAtInMs: number;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The content under each event URI. */
  readonly events: Readonly<Record<string, unknown>>;
}

/** Verifies the tokens of one issuer. */
export interface SetVerifier {
  /** @param receivedAtInMs the arrival of the token. @throws RejectedRequest if it is invalid */
  verify(token: Uint8Array, receivedAtInMs: number): Promise<VerifiedSet>;
  /** Fetches the issuer's keys. @throws ConnectorError if they cannot be fetched, or if there are none. */
  testKeys(): Promise<void>;
}

/** The maximum length of an ID: longer ones would not fit into the stored keys. */
const longestId = 1_000;

/** Creates the verifier of one issuer. It caches only the issuer's public keys. */
export function createSetVerifier(platform: Platform, expected: SetExpectations): SetVerifier {
  const keys = createKeySet(platform, expected.jwksUrl);
  const readJws = createJwsReader();
  return {
    async verify(token, receivedAtInMs) {
      if (token.length > maxMessageBytes) throw malformed('is too large');
      const jws = readJws(token);
      await requireSignature(platform, keys, jws, receivedAtInMs);
      return checkClaims(readJson(jws.payload), expected, platform.now());
    },
    testKeys: keys.test,
  };
}

async function requireSignature(
  { crypto }: Platform,
  keys: KeySet,
  jws: CompactJws,
  receivedAtInMs: number,
): Promise<void> {
  const isSignedBy = async (key: Jwk): Promise<boolean> =>
    crypto.verify(jws.algorithm, key, jws.signed, jws.signature);
  const isSigned = async (candidates: readonly Jwk[]): Promise<boolean> => {
    for (const key of candidates) if (await isSignedBy(key)) return true;
    return false;
  };
  const known = await keys.find(jws.algorithm, jws.keyId, receivedAtInMs);
  if (known.length === 0) {
    throw new RejectedRequest('invalid_key', {
      what: rejectionTexts.noKey,
      nextStep: 'Check that `jwksUrl` is the URL of the keys that sign these tokens.',
    });
  }
  if (await isSigned(known)) return;
  if (jws.keyId === undefined) {
    // Without a "kid", a newly published key looks like an invalid signature.
    await keys.renew(receivedAtInMs);
    if (await isSigned(await keys.find(jws.algorithm, undefined, receivedAtInMs))) return;
  }
  throw new RejectedRequest('authentication_failed', {
    what: rejectionTexts.signature,
    nextStep:
      'If the error persists, ask the issuer which keys sign these tokens, and whether something changes them in transit.',
  });
}

function checkClaims(
  claims: unknown,
  { issuer, audience, maxAgeInSeconds }: SetExpectations,
  nowInMs: number,
): VerifiedSet {
  if (!isRecord(claims)) throw malformed(rejectionTexts.invalidClaims);
  const { iss, aud, jti, events } = claims;
  if (iss !== issuer) {
    throw new RejectedRequest('invalid_issuer', {
      what: rejectionTexts.issuer,
      nextStep:
        'Check `issuer` in the settings of the source. It must be exactly the same, including a trailing slash.',
    });
  }
  if (!(Array.isArray(aud) ? aud : [aud]).includes(audience)) {
    throw new RejectedRequest('invalid_audience', {
      what: rejectionTexts.audience,
      nextStep: 'Check `audience` in the settings of the source, and the stream at the issuer.',
    });
  }
  const issuedAtInMs = checkTimes(claims, maxAgeInSeconds * 1000, nowInMs);
  if (typeof jti !== 'string' || jti === '' || jti.length > longestId)
    throw malformed(rejectionTexts.invalidId);
  if (!isRecord(events) || Object.keys(events).length === 0) throw malformed(rejectionTexts.noEvents);
  // RFC 8417 §2.2: no event happens after its token, whatever "toe" says. "iat" usually has whole seconds.
  const claimedInMs = readNumericDate(claims.toe) ?? issuedAtInMs;
  const occurredAtInMs = claimedInMs < issuedAtInMs + 1000 ? claimedInMs : issuedAtInMs;
  return { issuer, id: jti, issuedAtInMs, occurredAtInMs, claims, events };
}

/** @returns the time at which the token was issued. */
function checkTimes(
  { iat, exp, nbf }: Readonly<Record<string, unknown>>,
  maxAgeInMs: number,
  nowInMs: number,
): number {
  const issuedAtInMs = readNumericDate(iat);
  if (issuedAtInMs === undefined) throw malformed(rejectionTexts.noIssuedAt);
  if (issuedAtInMs > nowInMs + clockToleranceInMs) throw malformed(rejectionTexts.inFuture);
  if (issuedAtInMs < nowInMs - maxAgeInMs) throw malformed(rejectionTexts.tooOld);
  // RFC 8417 §2.2 advises against "exp", but RFC 7519 §4.1.4 forbids accepting a token after it.
  if (exp !== undefined && !((readNumericDate(exp) ?? 0) > nowInMs - clockToleranceInMs))
    throw malformed(rejectionTexts.expired);
  if (
    nbf !== undefined &&
    !((readNumericDate(nbf) ?? Number.POSITIVE_INFINITY) <= nowInMs + clockToleranceInMs)
  )
    throw malformed(rejectionTexts.notYetValid);
  return issuedAtInMs;
}

function malformed(why: string): RejectedRequest {
  return new RejectedRequest('invalid_request', {
    what: fill(rejectionTexts.token, { problem: why }),
    nextStep: 'Contact the issuer, or check the clocks of both sides and `maxAgeInSeconds`.',
  });
}
