import { invalidInput } from '../../../connector/errors.ts';
import type { PlatformCrypto } from '../../../connector/platform.ts';
import type { PushRequest } from '../source.ts';
import { toUtf8 } from './read-json.ts';
import { rejectionTexts } from './rejection-texts.ts';
import { onlyHeader, RejectedRequest } from './request-checks.ts';

/**
 * The active secrets: the current one, and the previous one during rotation. An empty field
 * is not a secret, because anyone could know it.
 *
 * @param key the setting of the current secret.
 * @throws ConnectorError `invalid_input` if there is none.
 */
export function activeSecrets(key: string, current: string, previous?: string): readonly string[] {
  if (current === '')
    throw invalidInput([{ path: key, message: 'must not be empty: an empty secret protects nothing' }]);
  return previous === undefined || previous === '' ? [current] : [current, previous];
}

/** The format of a secret in `Authorization`: alone, as a bearer token (RFC 6750 §2.1), or either. */
export type SecretForm = 'plain' | 'bearer' | 'either';

/** Rejects a request without one of the secrets in its `Authorization` header. */
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
    what: given === undefined ? rejectionTexts.authorizationMissing : rejectionTexts.authorizationWrong,
    nextStep: 'Use the same secret in the settings of the source and of the sender.',
    status: 401,
    headers: { 'www-authenticate': 'Bearer' },
  });
}

/** Whether a string is one of the secrets, in a time that reveals only their lengths. */
export function isOneOf(crypto: PlatformCrypto, given: string, secrets: readonly string[]): boolean {
  const bytes = toUtf8(given);
  // All are compared, so that the time does not reveal which one matched.
  return secrets.filter((secret) => crypto.isEqual(bytes, toUtf8(secret))).length > 0;
}
