import { timingSafeEqual } from 'node:crypto';
import { ScimError } from '../../../scim/scim-error.ts';
import { digestOf } from '../../scim/service/bearer-authenticator.ts';
import type { ScimRequest } from '../../scim/service/scim-message.ts';

/** Decides which requests the SCIM service accepts, in place of the SCIM token. */
export interface ScimAccess {
  /** The rejection of a request; undefined if it is accepted. */
  reject(request: ScimRequest): ScimError | undefined;
}

/** Accepts one username and password (RFC 7617). */
export function basicAccess(username: string, password: string): ScimAccess {
  const expected = Buffer.from(`${username}:${password}`).toString('base64');
  return {
    reject: ({ headers }) => {
      const given = /^Basic +(\S+) *$/i.exec(headers.authorization ?? '')?.[1] ?? '';
      if (isSame(given, expected)) return undefined;
      return new ScimError(401, 'Send the username and password with HTTP Basic authentication.', undefined, {
        'www-authenticate': 'Basic realm="SCIM", charset="UTF-8"',
      });
    },
  };
}

/** Accepts one header. */
export function headerAccess(name: string, value: string): ScimAccess {
  return {
    reject: ({ headers }) => {
      if (isSame(headers[name.toLowerCase()] ?? '', value)) return undefined;
      return new ScimError(401, `Send the key in the header "${name}".`);
    },
  };
}

/** Whether two secrets are equal, in constant time. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digestOf(one), digestOf(other));
}
