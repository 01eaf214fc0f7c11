import { ConnectorError } from '../../../connector/errors.ts';
import { OutageLog } from '../../../connector/outage-log.ts';
import { type Platform, type SignatureAlgorithm, TransportError } from '../../../connector/platform.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { parseJson, RejectedRequest } from '../webhook-auth/request-checks.ts';

/** A public key (RFC 7517), as published. */
export type Jwk = Readonly<Record<string, unknown>>;

/** The public keys of an issuer, fetched when they are needed. */
export interface KeySet {
  /**
   * The candidate keys: by their ID, and for this algorithm. Empty only if the issuer, asked after the
   * token arrived, has none.
   *
   * @param receivedAtInMs the arrival of the token: only keys published before are valid for it.
   * @throws RejectedRequest `unavailable` if the issuer cannot be asked, or was asked too recently.
   */
  find(
    algorithm: SignatureAlgorithm,
    keyId: string | undefined,
    receivedAtInMs: number,
  ): Promise<readonly Jwk[]>;
  /** Asks the issuer, unless it was asked after the token arrived. @throws RejectedRequest like `find`. */
  renew(receivedAtInMs: number): Promise<void>;
  /** Asks the issuer now. @throws ConnectorError if it cannot be asked, or has no keys. */
  test(): Promise<void>;
}

/** The cache time of keys: a withdrawn key stays valid for this long. */
const freshForInMs = 10 * 60_000;
/** The pause between two requests, so that invalid tokens cannot cause a flood of requests to the issuer. */
const pauseInMs = 10_000;
const timeoutInMs = 5_000;
const maxResponseBytes = 256 * 1024;
const mostKeys = 100;

/** How the log names an outage of an issuer. */
const keyOutage = { failed: 'jwks_fetch_failed', ended: 'jwks_fetch_recovered', about: {} } as const;

/** Creates the key set of a URL. Concurrent callers share one request. */
export function createKeySet(
  { send, now, log }: Pick<Platform, 'send' | 'now' | 'log'>,
  url: string,
): KeySet {
  let keys: readonly Jwk[] | undefined;
  let fetchedAtInMs = 0;
  let askedAtInMs: number | undefined;
  let asking: Promise<void> | undefined;
  /** Since the first failure. */
  let outages: OutageLog | undefined;

  const isWithin = (sinceInMs: number, ms: number): boolean => {
    // A clock that was set back must not cause a pause of hours.
    const passedInMs = now() - sinceInMs;
    return passedInMs >= 0 && passedInMs < ms;
  };

  const ask = async (): Promise<void> => {
    askedAtInMs = now();
    try {
      keys = await fetchKeys();
      fetchedAtInMs = askedAtInMs;
      log({ level: 'debug', event: 'keys_fetched', count: keys.length });
      outages?.end();
    } finally {
      asking = undefined;
    }
  };

  /** Asks the issuer, or joins a running request. */
  const refresh = async (): Promise<void> => {
    if (asking === undefined && askedAtInMs !== undefined && isWithin(askedAtInMs, pauseInMs)) {
      throw unavailable('were fetched a moment ago', pauseInMs - (now() - askedAtInMs));
    }
    asking ??= ask();
    await asking;
  };

  const renew = async (receivedAtInMs: number): Promise<void> => {
    if (keys !== undefined && fetchedAtInMs >= receivedAtInMs) return;
    await refresh();
  };

  const fetchKeys = async (): Promise<readonly Jwk[]> => {
    try {
      const { status, body } = await send({
        method: 'GET',
        url,
        headers: { accept: 'application/jwk-set+json, application/json;q=0.9', 'user-agent': 'rolecall' },
        timeoutInMs,
        maxResponseBytes,
      });
      if (status !== 200)
        throw unavailable(`cannot be fetched: the response has status ${status}`, pauseInMs);
      return readKeys(body);
    } catch (error) {
      const cause =
        error instanceof TransportError
          ? unavailable(`cannot be fetched: ${error.message}`, pauseInMs, error)
          : error;
      if (cause instanceof RejectedRequest) {
        outages ??= new OutageLog(keyOutage, { log, now });
        outages.fail({ why: cause.description });
      }
      throw cause;
    }
  };

  return {
    async find(algorithm, keyId, receivedAtInMs) {
      const fitting = (): readonly Jwk[] => (keys ?? []).filter((key) => fits(key, algorithm, keyId));
      if (keys === undefined || !isWithin(fetchedAtInMs, freshForInMs)) await refresh();
      const known = fitting();
      if (known.length > 0) return known;
      // It can have been published in the meantime.
      await renew(receivedAtInMs);
      const renewed = fitting();
      if (renewed.length > 0 || fetchedAtInMs >= receivedAtInMs) return renewed;
      // The joined request started before.
      throw unavailable('do not include this key yet', pauseInMs);
    },
    renew,
    async test() {
      const published = await fetchKeys().catch((error: unknown) => {
        throw error instanceof RejectedRequest ? inTest(error.reason) : error;
      });
      if (published.length > 0) return;
      throw new ConnectorError('provider_fault', {
        what: 'The key set of the issuer has no keys.',
        nextStep: testStep,
        attempts: 1,
      });
    },
  };
}

/** No sender waits for the result of a test. */
const testStep = 'Check `jwksUrl`. If it is correct, contact the issuer.';

function inTest({ code, what, cause }: ConnectorError): ConnectorError {
  return new ConnectorError(code, { what, nextStep: testStep, attempts: 1, cause });
}

function readKeys(body: string): readonly Jwk[] {
  const set = parseJson(body);
  const keys = isRecord(set) ? set.keys : undefined;
  if (!Array.isArray(keys)) throw unavailable('cannot be fetched: the response is not a key set', pauseInMs);
  // RFC 7517 §5: unknown entries are ignored.
  return keys.filter((key) => isRecord(key) && typeof key.kty === 'string').slice(0, mostKeys);
}

/** The key type of each algorithm and, if there are several, its curve (RFC 7518 §6, RFC 8037 §2). */
const made: Readonly<Record<SignatureAlgorithm, { readonly kty: string; readonly crv?: readonly string[] }>> =
  {
    RS256: { kty: 'RSA' },
    RS384: { kty: 'RSA' },
    RS512: { kty: 'RSA' },
    PS256: { kty: 'RSA' },
    PS384: { kty: 'RSA' },
    PS512: { kty: 'RSA' },
    ES256: { kty: 'EC', crv: ['P-256'] },
    ES384: { kty: 'EC', crv: ['P-384'] },
    ES512: { kty: 'EC', crv: ['P-521'] },
    EdDSA: { kty: 'OKP', crv: ['Ed25519'] },
  };

function fits(key: Jwk, algorithm: SignatureAlgorithm, keyId: string | undefined): boolean {
  const { kty, crv } = made[algorithm];
  return (
    (keyId === undefined || key.kid === keyId) &&
    key.kty === kty &&
    (crv === undefined || crv.includes(String(key.crv))) &&
    // RFC 7517 §4.2 to §4.4: the declared use of a key is respected.
    (key.alg === undefined || key.alg === algorithm) &&
    (key.use === undefined || key.use === 'sig') &&
    (key.key_ops === undefined || (Array.isArray(key.key_ops) && key.key_ops.includes('verify')))
  );
}

function unavailable(why: string, retryAfterInMs: number, cause?: unknown): RejectedRequest {
  return new RejectedRequest('unavailable', {
    what: `The keys of the issuer ${why}.`,
    nextStep: 'The sender is asked to retry. If the error persists, check `jwksUrl`.',
    retryAfterInMs,
    cause,
  });
}
