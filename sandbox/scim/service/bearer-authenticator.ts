import { createHash, timingSafeEqual } from 'node:crypto';
import type { Principal } from './scim-message.ts';

/** Identifies the sender of a request by its `Authorization` header. */
export type Authenticator = (authorization: string | undefined) => Principal | undefined;

/** Creates an authenticator for one token. */
export function bearerAuthenticator(token: string, principal: Principal): Authenticator {
  const expected = digestOf(token);
  return digestAuthenticator(() => expected, principal);
}

/**
 * Creates an authenticator for a token of which only the digest is known. The digest can change; undefined rejects
 * everyone. Digests of equal length are compared in constant time, so that the response time reveals nothing about
 * the token.
 */
export function digestAuthenticator(expected: () => Buffer | undefined, principal: Principal): Authenticator {
  return (authorization) => {
    // RFC 9110 §11.1: the scheme's name compares case-insensitively.
    const given = authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    const digest = expected();
    if (given === undefined || digest === undefined) return undefined;
    return timingSafeEqual(digestOf(given), digest) ? principal : undefined;
  };
}

/** The SHA-256 digest of a token, which is its stored form. */
export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
