import { createHash, timingSafeEqual } from 'node:crypto';
import type { Principal } from './scim-message.ts';

/**
 * Makes an `authenticate` function for one token. Digests of equal length are compared in constant time, so
 * that the time of the answer tells nothing of the token.
 */
export function bearerAuthenticator(
  token: string,
  principal: Principal,
): (authorization: string | undefined) => Principal | undefined {
  const expected = digest(token);
  return (authorization) => {
    // RFC 9110 §11.1: the scheme's name compares without regard to case.
    const given = authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    return given !== undefined && timingSafeEqual(digest(given), expected) ? principal : undefined;
  };
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
