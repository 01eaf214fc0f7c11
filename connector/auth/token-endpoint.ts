import { resourcesOf } from '../auth-problems.ts';
import { attemptsText, errorTexts, fillError } from '../error-texts.ts';
import { ConnectorError } from '../errors.ts';
import type { OAuthClientCredentialsAuth } from '../generated/types.ts';
import { decideRetry } from '../http/retry-policy.ts';
import { tooLarge } from '../http/transport-error.ts';
import {
  type HttpRequest,
  type HttpResponse,
  type Platform,
  RetryAfter,
  TransportError,
} from '../platform.ts';
import { transportTexts } from '../transport-texts.ts';
import { basicCredentials } from './basic-credentials.ts';
import type { Wait } from './shared-wait.ts';
import {
  type AccessToken,
  readTokenResponse,
  type TokenEndpoint,
  type TokenResult,
} from './token-response.ts';

/** A token response is small, even with a token that lists a thousand groups. */
const maxResponseBytes = 1_048_576;

/**
 * Fetches an access token with client credentials (RFC 6749 §4.4), retried by the same policy as all requests: it is safe
 * to request a token twice.
 *
 * @throws ConnectorError
 */
export function fetchToken(
  platform: Platform,
  endpoint: TokenEndpoint,
  wait: Wait,
): Promise<{ readonly token: AccessToken; readonly requestedAtInMs: number }> {
  let sent = 0;
  return platform.retry(async () => {
    const requestedAtInMs = platform.now();
    if (requestedAtInMs >= wait.deadlineAtInMs())
      throw new ConnectorError('unavailable', errorTexts.outOfTime);
    const timeoutInMs = Math.max(
      1,
      Math.floor(Math.min(endpoint.timeoutInMs, wait.deadlineAtInMs() - requestedAtInMs)),
    );
    sent += 1;
    wait.onAttempt(
      requestedAtInMs + timeoutInMs,
      noResponse(endpoint, sent, { reason: transportTexts.connectionTimedOut }),
    );
    const result = await attempt(platform, endpoint, { timeoutInMs, signal: wait.signal, sent });
    if ('token' in result) return { token: result.token, requestedAtInMs };

    const nowInMs = platform.now();
    const decision = decideRetry({
      idempotent: true,
      number: sent,
      outcome: result.outcome,
      nowInMs,
      deadlineAtInMs: wait.deadlineAtInMs(),
      random: platform.random(),
    });
    if (decision.kind === 'stop') throw result.error;
    const { waitInMs } = decision;
    platform.log({ level: 'debug', event: 'token_request_retried', waitInMs, attempt: sent });
    wait.onPause(nowInMs + waitInMs, result.error);
    throw new RetryAfter(waitInMs);
  }, wait.signal);
}

/** Everything that a token request sends and that must stay secret. */
export function clientSecretsOf({ clientId, clientSecret }: OAuthClientCredentialsAuth): readonly string[] {
  return [basicPair(clientId, clientSecret), clientSecret, formEncoded(clientSecret)];
}

interface AttemptLimits {
  readonly timeoutInMs: number;
  readonly signal: AbortSignal;
  /** Which attempt it is, from 1. */
  readonly sent: number;
}

async function attempt(
  platform: Platform,
  endpoint: TokenEndpoint,
  { timeoutInMs, signal, sent }: AttemptLimits,
): Promise<TokenResult> {
  const startedAtInMs = platform.now();
  let response: HttpResponse;
  try {
    response = await platform.send(tokenRequest(endpoint, timeoutInMs, signal));
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const { maybeSent, isTransient } = error;
    return {
      outcome: { kind: 'transport_error', maybeSent, isTransient },
      error: noResponse(endpoint, sent, { reason: error.message, cause: error }),
    };
  }
  const { status } = response;
  platform.log({
    level: 'debug',
    event: 'token_requested',
    status,
    tookInMs: platform.now() - startedAtInMs,
  });
  return readTokenResponse(response, endpoint, { attempts: sent, nowInMs: platform.now() });
}

function tokenRequest(
  { auth, redact }: TokenEndpoint,
  timeoutInMs: number,
  signal: AbortSignal,
): HttpRequest {
  const { tokenUrl, clientId, clientSecret, clientAuthentication, scope, audience, resource } = auth;
  const isInBody = clientAuthentication === 'client_secret_post';
  const parameters = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(isInBody && { client_id: clientId, client_secret: clientSecret }),
    ...(scope !== undefined && { scope: scope.trim() }),
    ...(audience !== undefined && { audience }),
  });
  for (const uri of resourcesOf(resource)) parameters.append('resource', uri);
  return {
    method: 'POST',
    url: tokenUrl,
    headers: {
      accept: 'application/json',
      ...(!isInBody && { authorization: `Basic ${basicPair(clientId, clientSecret)}` }),
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'rolecall',
    },
    body: parameters.toString(),
    timeoutInMs,
    maxResponseBytes,
    signal,
    redact,
  };
}

/** RFC 6749 §2.3.1: both parts are form-encoded, so that either can contain a colon. */
function basicPair(clientId: string, clientSecret: string): string {
  return basicCredentials(formEncoded(clientId), formEncoded(clientSecret));
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

function noResponse(
  { auth, redact }: TokenEndpoint,
  sent: number,
  { reason, cause }: { readonly reason: string; readonly cause?: TransportError },
): ConnectorError {
  const parts = { attempts: sent, cause };
  if (cause?.code === tooLarge) {
    return new ConnectorError('provider_fault', {
      ...fillError(errorTexts.notATokenResponse, { reason: redact(reason) }),
      ...parts,
    });
  }
  const text = fillError(errorTexts.tokenEndpointSilent, {
    host: new URL(auth.tokenUrl).host,
    attempts: attemptsText(sent),
    reason: redact(reason),
  });
  return new ConnectorError('unavailable', { ...text, ...parts });
}
