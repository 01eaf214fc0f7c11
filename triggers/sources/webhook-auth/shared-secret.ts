import { type InputProblem, invalidInput } from '../../../connector/errors.ts';
import type { PlatformCrypto } from '../../../connector/platform.ts';
import type { PushRequestHead } from '../source.ts';
import { rejectionTexts } from './rejection-texts.ts';
import { onlyHeader, RejectedRequest, toUtf8 } from './request-checks.ts';

/**
 * The active secrets: the current one, and the previous one during rotation. An empty field
 * is not a secret, because anyone could know it.
 *
 * @param key the setting of the current secret.
 * @throws ConnectorError `invalid_input` if no secret is given.
 */
export function activeSecrets(key: string, current: string, previous?: string): readonly string[] {
  if (current === '')
    throw invalidInput([{ path: key, message: 'must not be empty: an empty secret protects nothing' }]);
  return previous === undefined || previous === '' ? [current] : [current, previous];
}

/** The least length of a shared secret, in characters. As base64, it holds 96 bits, which nobody guesses over a network. */
const minSecretLength = 16;

/** Whether a secret is so short that anyone who can try it can guess it. */
export function isGuessable(secret: string): boolean {
  return secret.length < minSecretLength;
}

/**
 * The setting of a shared secret that is too short; undefined if it is long enough. The previous secret can be short, so
 * that a short one can be replaced while the sender still uses it.
 */
export function weakSecretOf(key: string, current: string, previousKey: string): InputProblem | undefined {
  if (!isGuessable(current)) return undefined;
  return {
    path: key,
    message:
      `must have at least ${minSecretLength} characters, because anyone can try to guess it. ` +
      'Generate a secret with "openssl rand -base64 24". ' +
      `Until the sender uses it, keep the old secret in \`${previousKey}\``,
  };
}

/** The format of a secret in `Authorization`: alone, as a bearer token (RFC 6750 §2.1), or either. */
export type SecretForm = 'plain' | 'bearer' | 'either';

/**
 * Rejects a request without one of the secrets in its `Authorization` header.
 *
 * @param nextStep what to do about a rejection, for the log
 */
export function requireSecret(
  crypto: PlatformCrypto,
  request: PushRequestHead,
  secrets: readonly string[],
  form: SecretForm,
  nextStep = 'Use the same secret in the settings of the source and of the sender.',
): void {
  const given = onlyHeader(request, 'authorization');
  if (hasSecret(crypto, given, secrets, form)) return;
  throw new RejectedRequest('authentication_failed', {
    what: given === undefined ? rejectionTexts.authorizationMissing : rejectionTexts.authorizationWrong,
    nextStep,
    status: 401,
    headers: { 'www-authenticate': 'Bearer' },
  });
}

/** Whether an `Authorization` header has one of the secrets. */
export function hasSecret(
  crypto: PlatformCrypto,
  authorization: string | undefined,
  secrets: readonly string[],
  form: SecretForm,
): boolean {
  const given = authorization?.trim();
  const bearer = given === undefined ? undefined : /^bearer +(.*)$/i.exec(given)?.[1];
  const readings = [form === 'bearer' ? undefined : given, form === 'plain' ? undefined : bearer];
  return readings.some((reading) => reading !== undefined && isOneOf(crypto, reading, secrets));
}

/** Whether a string is one of the secrets, in a time that reveals only their lengths. */
export function isOneOf(crypto: PlatformCrypto, given: string, secrets: readonly string[]): boolean {
  const bytes = toUtf8(given);
  // All are compared, so that the time does not reveal which one matched.
  return secrets.filter((secret) => crypto.isEqual(bytes, toUtf8(secret))).length > 0;
}
