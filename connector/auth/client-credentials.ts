import { errorTexts } from '../error-texts.ts';
import type { OAuthClientCredentialsAuth } from '../generated/types.ts';
import { createRedactor } from '../http/redact.ts';
import type { Platform } from '../platform.ts';
import type { Authenticator, Credential, CredentialLimits } from './authenticator.ts';
import { SharedWait } from './shared-wait.ts';
import { clientSecretsOf, fetchToken } from './token-endpoint.ts';
import type { AccessToken } from './token-response.ts';

/** A token is renewed this long before it expires, or a fifth of its lifetime before, if that is shorter. */
const longestMarginInMs = 60_000;
const marginOfLifetime = 0.2;
/** How long a token counts as new: to replace a new token that the provider rejects does not help. */
const newForInMs = 60_000;
/** Tokens that an error can still show: a provider can repeat one that was replaced while a request was under way. */
const tokensToRedact = 4;

interface HeldToken {
  readonly credential: Credential;
  readonly fetchedAtInMs: number;
  readonly renewAtInMs: number;
  /** Whether it replaced a token that the provider rejected. */
  readonly isReplacement: boolean;
  /** Whether a request with it succeeded. */
  wasAccepted: boolean;
}

/**
 * OAuth 2.0 client credentials (RFC 6749 §4.4). One access token serves all requests. It is fetched when a request needs
 * it: shortly before the previous one expires, or after the provider rejected that. All requests that need it wait for
 * the same renewal.
 */
export function createClientCredentials(
  auth: Readonly<OAuthClientCredentialsAuth>,
  timeoutInMs: number,
  platform: Platform,
): Authenticator {
  const redactSecret = createRedactor(clientSecretsOf(auth));
  const recent: { readonly value: string; readonly redact: (text: string) => string }[] = [];
  let held: HeldToken | undefined;
  let renewal: SharedWait<Credential> | undefined;
  let wasRejected = false;

  const redact = (text: string): string =>
    recent.reduce((redacted, token) => token.redact(redacted), redactSecret(text));

  const hold = ({ value, lifetimeInMs }: AccessToken, requestedAtInMs: number): Credential => {
    recent.unshift({ value, redact: createRedactor([value], '[token]') });
    recent.length = Math.min(recent.length, tokensToRedact);
    const credential = Object.freeze({ name: 'authorization', value: `Bearer ${value}` });
    const marginInMs = Math.min(longestMarginInMs, lifetimeInMs * marginOfLifetime);
    held = {
      credential,
      fetchedAtInMs: platform.now(),
      // The lifetime begins when the token is issued, at some time after the request.
      renewAtInMs: requestedAtInMs + lifetimeInMs - marginInMs,
      isReplacement: wasRejected,
      wasAccepted: false,
    };
    wasRejected = false;
    return credential;
  };

  const renew = (limits: CredentialLimits): Promise<Credential> => {
    if (renewal === undefined || renewal.isOver) {
      renewal = new SharedWait(platform, async (wait) => {
        const { token, requestedAtInMs } = await fetchToken(platform, { auth, timeoutInMs, redact }, wait);
        return hold(token, requestedAtInMs);
      });
    }
    return renewal.join(limits);
  };

  return {
    credential: (limits) =>
      held !== undefined && platform.now() < held.renewAtInMs ? held.credential : renew(limits),
    onResponse(credential, status) {
      const isHeld = held?.credential === credential;
      if (status !== 401) {
        if (held !== undefined && isHeld && status < 400) held.wasAccepted = true;
        return false;
      }
      // Another request has renewed the token in the meantime, or is about to.
      if (held === undefined || !isHeld) return true;
      const isNew = platform.now() - held.fetchedAtInMs < newForInMs;
      if (held.isReplacement && !held.wasAccepted && isNew) return false;
      held = undefined;
      wasRejected = true;
      return true;
    },
    rejected: errorTexts.freshTokenRejected,
    scopeMissing: errorTexts.clientScopeMissing,
    redact,
  };
}
