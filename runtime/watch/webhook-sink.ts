import { ConnectorError, type ErrorCode } from '../../connector/errors.ts';
import { isThrottled, namedWaitInMs } from '../../connector/http/retry-after.ts';
import { isPrivate } from '../../connector/is-loopback.ts';
import { type Platform, TransportError } from '../../connector/platform.ts';
import type { Sink } from './sink.ts';
import type { OutboxEntry } from './watch-store.ts';

/** A consumer that accepts events by POST. */
export interface WebhookTarget {
  readonly url: string;
  /** The keys that sign; several during rotation. None: nothing is signed, because the URL itself is secret. */
  readonly secrets: readonly Uint8Array[];
  /** How long one attempt may take, in milliseconds. */
  readonly timeoutInMs: number;
  /** How long all attempts may take, with their waits, in milliseconds. */
  readonly deadlineInMs: number;
  /** The largest response that is read, in bytes. With a larger one, the connection is closed. */
  readonly maxResponseBytes: number;
}

/** What a POST needs of the platform. */
type PostingPlatform = Pick<Platform, 'crypto' | 'log' | 'now' | 'send'>;

/**
 * The sink that posts each event, signed according to Standard Webhooks. A 2xx response acknowledges the event.
 * Redirects are not followed: the event is for the one URL.
 */
export function createWebhookSink(target: WebhookTarget, platform: PostingPlatform): Sink {
  return {
    origin: new URL(target.url).origin,
    deadlineInMs: target.deadlineInMs,
    async deliver(events, signal) {
      for (const event of events) await postEvent(target, event, platform, signal);
    },
  };
}

/** Makes one attempt. @throws ConnectorError */
async function postEvent(
  { url, secrets, timeoutInMs, deadlineInMs, maxResponseBytes }: WebhookTarget,
  entry: OutboxEntry,
  platform: PostingPlatform,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { status, headers } = await platform.send({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'rolecall',
        ...(entry.trigger !== undefined && { 'rolecall-trigger': entry.trigger }),
        ...(await signatureHeaders(entry, secrets, platform)),
      },
      body: entry.text,
      timeoutInMs: Math.min(timeoutInMs, deadlineInMs),
      maxResponseBytes,
      // The status acknowledges the event, whatever becomes of the rest.
      ignoresBody: true,
      signal,
    });
    platform.log({ level: 'debug', event: 'event_posted', status });
    if (status < 200 || status >= 300) throw notAccepted(url, status, headers, platform.now());
  } catch (error) {
    throw error instanceof TransportError ? noResponse(url, error) : error;
  }
}

const utf8 = new TextEncoder();
/** The key of the HMAC that serves as a hash: the ID need not be secret, only stable. */
const idKey = utf8.encode('rolecall/webhook-id');

/**
 * The headers that sign an event (https://www.standardwebhooks.com): its ID, the time of the attempt, and, if there are
 * secrets, a signature for each of them. The ID is a hash of the trigger and the `dedupeKey`, which can have characters that no header has.
 */
async function signatureHeaders(
  { trigger = '', text }: OutboxEntry,
  secrets: readonly Uint8Array[],
  { crypto, now }: Pick<Platform, 'crypto' | 'now'>,
): Promise<Readonly<Record<string, string>>> {
  const { dedupeKey } = JSON.parse(text) as { readonly dedupeKey: string };
  const hash = await crypto.hmacSha256(idKey, utf8.encode(`${trigger}\n${dedupeKey}`));
  const id = `msg_${toHex(hash.subarray(0, 16))}`;
  const timestamp = String(Math.floor(now() / 1000));
  const message = utf8.encode(`${id}.${timestamp}.${text}`);
  const signatures = await Promise.all(
    secrets.map(async (secret) => `v1,${toBase64(await crypto.hmacSha256(secret, message))}`),
  );
  const signed = signatures.length === 0 ? {} : { 'webhook-signature': signatures.join(' ') };
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, ...signed };
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Why events cannot be posted to a URL. */
export type UrlProblem = 'invalid' | 'unencrypted' | 'public' | 'credentials';

/**
 * Checks the URL of a consumer: https, or this machine, and no credentials. Undefined if it can be used.
 *
 * @param isPublic - whether a URL is outside the private network. Given: http to a machine within it is accepted, too
 */
export function webhookUrlProblem(text: string, isPublic?: (url: string) => boolean): UrlProblem | undefined {
  const url = URL.parse(text);
  if (url === null) return 'invalid';
  if (!isPrivate(url)) {
    if (isPublic === undefined || url.protocol !== 'http:') return 'unencrypted';
    if (isPublic(text)) return 'public';
  }
  return url.username === '' && url.password === '' ? undefined : 'credentials';
}

const minSecretBytes = 24;
const maxSecretBytes = 64;

/** Reads a secret in the format of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. Undefined for all else. */
export function readWebhookSecret(text: string): Uint8Array | undefined {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+)={0,2}$/.exec(text) ?? [];
  // No bytes have this length in base64: one letter holds six bits.
  if (base64 === undefined || base64.length % 4 === 1) return undefined;
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return bytes.length >= minSecretBytes && bytes.length <= maxSecretBytes ? bytes : undefined;
}

/** What a status means for the sender. Of all others, those below 500 are permanent. */
const codes: Readonly<Record<number, ErrorCode>> = {
  401: 'auth',
  403: 'forbidden',
  404: 'not_found',
  408: 'unavailable',
  409: 'conflict',
  410: 'not_found',
  500: 'unavailable',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

const staysQueued = 'The event was not accepted and stays in the queue.';

function notAccepted(
  url: string,
  status: number,
  headers: Readonly<Record<string, string>>,
  nowInMs: number,
): ConnectorError {
  const known = isThrottled(status, headers) ? 'rate_limited' : codes[status];
  const code = known ?? (status >= 500 ? 'provider_fault' : 'invalid_input');
  const isRedirect = status >= 300 && status < 400;
  return new ConnectorError(code, {
    what: `The receiver at ${new URL(url).origin} ${isRedirect ? 'redirected' : 'responded'} with status ${status}. ${staysQueued}`,
    nextStep: isRedirect
      ? 'If you trust the redirect, post to its URL directly.'
      : 'Make sure that it responds with 2xx once it has stored the event.',
    status,
    attempts: 1,
    retryAfterInMs: namedWaitInMs(status, headers, nowInMs),
  });
}

function noResponse(url: string, cause: TransportError): ConnectorError {
  return new ConnectorError('unavailable', {
    what: `No response from the receiver at ${new URL(url).origin}: ${cause.message}. ${staysQueued}`,
    nextStep: 'Check that it is running and reachable.',
    attempts: 1,
    cause,
  });
}
