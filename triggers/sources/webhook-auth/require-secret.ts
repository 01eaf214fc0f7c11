import type { PlatformCrypto } from '../../../connector/platform.ts';
import type { PushRequest } from '../source.ts';
import { isOneOf } from './is-one-of.ts';
import { RejectedRequest } from './rejected-request.ts';
import { onlyHeader } from './request-checks.ts';

/** How a secret stands in `Authorization`: alone, as a bearer token (RFC 6750 §2.1), or either way. */
export type SecretForm = 'plain' | 'bearer' | 'either';

/** Refuses a request that does not show one of the secrets in its header `Authorization`. */
export function requireSecret(
  crypto: PlatformCrypto,
  request: PushRequest,
  secrets: readonly string[],
  form: SecretForm,
): void {
  const given = onlyHeader(request, 'authorization')?.trim();
  const bearer = given === undefined ? undefined : /^bearer +(.*)$/i.exec(given)?.[1];
  const readings = [form === 'bearer' ? undefined : given, form === 'plain' ? undefined : bearer];
  if (readings.some((reading) => reading !== undefined && isOneOf(crypto, reading, secrets))) return;
  throw new RejectedRequest('authentication_failed', {
    what: given === undefined ? 'The header "Authorization" is missing.' : 'The "Authorization" is wrong.',
    nextStep: 'Put the same secret into the settings of the source and of the sender.',
    status: 401,
    headers: { 'www-authenticate': 'Bearer' },
  });
}
