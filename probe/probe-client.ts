import type { Connection } from '../connector/connection.ts';
import { ConnectorError } from '../connector/errors.ts';
import { isThrottled } from '../connector/http/retry-after.ts';
import { createScimClient, type ScimRequest } from '../connector/http/scim-client.ts';
import type { HttpResponse, Platform } from '../connector/platform.ts';

/** A response of any status, as the provider sent it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body. Whole numbers that JavaScript would round are bigints. Undefined if there is no JSON. */
  readonly body: unknown;
  /** The error that the client makes of it. */
  readonly error?: ConnectorError;
}

/** A request of a probe. */
export type ProbeRequest = Partial<ScimRequest> & Pick<ScimRequest, 'path'>;

/** Sends the requests of a probe one after the other, and keeps what their responses have in common. */
export interface ProbeClient {
  readonly baseUrl: string;
  /** The number of requests that the provider received, including retries. */
  readonly requests: number;
  /** The responses that throttled the client. */
  readonly throttled: readonly HttpResponse[];
  /** The content types of responses with a JSON body, without parameters. */
  readonly contentTypes: ReadonlySet<string>;
  /**
   * Sends one request. An error status is an answer, too.
   *
   * @throws ConnectorError if there is no answer: the provider cannot be reached, or stays overloaded
   */
  ask(request: ProbeRequest): Promise<Answer>;
}

/** A 500 is sent twice, so that a single failure proves nothing. */
const attemptsOn500 = 2;

/** Creates a client that shows every response, over the same authentication, limits, and retries as an action. */
export function createProbeClient(
  connection: Connection,
  platform: Platform,
  signal: AbortSignal | undefined,
): ProbeClient {
  let last: HttpResponse | undefined;
  let requests = 0;
  const throttled: HttpResponse[] = [];
  const contentTypes = new Set<string>();
  const observing: Platform = {
    ...platform,
    async send(request) {
      // A token endpoint is elsewhere, or is no answer of the SCIM service.
      const isScim = request.url.startsWith(`${connection.baseUrl}/`);
      if (isScim) requests += 1;
      const response = await platform.send(request);
      if (!isScim) return response;
      last = response;
      if (!isThrottled(response.status, response.headers)) return response;
      throttled.push(response);
      return inSeconds(response, platform.now());
    },
  };
  const client = createScimClient(connection, observing);
  return {
    baseUrl: connection.baseUrl,
    get requests() {
      return requests;
    },
    throttled,
    contentTypes,
    async ask(request) {
      last = undefined;
      const error = await client
        .send({ method: 'GET', maxAttemptsOn500: attemptsOn500, signal, ...request })
        .then(() => undefined, onlyAnswered);
      if (last === undefined) throw error ?? new TypeError('The client returned without a response');
      const { status, headers, body: text }: HttpResponse = last;
      const body = parseExactly(text);
      if (body !== undefined) contentTypes.add((headers['content-type'] ?? '').split(';')[0]?.trim() ?? '');
      return { status, headers, body, ...(error !== undefined && { error }) };
    },
  };
}

/** Larger than any wait in seconds: a time in seconds since 1970. */
export const smallestTimestamp = 1_000_000_000;

/** A `Retry-After` that is a time would stop the connection for an hour, and the probe with it. */
function inSeconds(response: HttpResponse, nowInMs: number): HttpResponse {
  const until = Number(response.headers['retry-after']);
  if (!(until > smallestTimestamp)) return response;
  const seconds = Math.max(1, Math.ceil(until - nowInMs / 1000));
  return { ...response, headers: { ...response.headers, 'retry-after': String(seconds) } };
}

/** The error of a response; an error without a usable response is thrown on. */
function onlyAnswered(error: unknown): ConnectorError {
  const isAnswer =
    error instanceof ConnectorError &&
    error.status !== undefined &&
    error.code !== 'rate_limited' &&
    !(error.code === 'unavailable' && error.status !== 500);
  if (!isAnswer) throw error;
  return error;
}

/** Parses JSON; undefined for other text. A whole number beyond 2⁵³ becomes a bigint where the engine shows its digits. */
function parseExactly(text: string): unknown {
  try {
    // Not in TypeScript's library yet (TC39: JSON.parse source text access).
    return JSON.parse(text, ((_key: string, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
        ? exact(context?.source, value)
        : value) as (this: unknown, key: string, value: unknown) => unknown);
  } catch {
    return undefined;
  }
}

function exact(source: string | undefined, rounded: number): unknown {
  return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : rounded;
}
