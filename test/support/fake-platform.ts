import {
  type HttpRequest,
  type HttpResponse,
  type LogEntry,
  type Platform,
  RetryAfter,
} from '../../connector/platform.ts';
import { createNodeCrypto } from '../../runtime/node/crypto.ts';

/** A platform that nobody waits for: time passes only while something sleeps, and then at once. */
export interface FakePlatform extends Platform {
  /** Every request, in the order in which they were sent. */
  readonly sent: HttpRequest[];
  /** Every wait, in milliseconds. */
  readonly slept: number[];
  readonly logged: LogEntry[];
  /** Lets time pass. */
  advance(ms: number): void;
}

/** What stands for the network: a response, or a throw of `TransportError`. */
export type FakeSend = (
  request: HttpRequest,
  platform: FakePlatform,
) => Partial<HttpResponse> | Promise<Partial<HttpResponse>>;

/** 2026-01-01T00:00:00Z, when every fake clock begins. */
export const fakeEpochInMs = Date.UTC(2026, 0, 1);

/** Creates a platform over a function that answers. `random` is 0.5 unless it is given. */
export function createFakePlatform(send: FakeSend, random: () => number = () => 0.5): FakePlatform {
  let nowInMs = fakeEpochInMs;
  const platform: FakePlatform = {
    sent: [],
    slept: [],
    logged: [],
    advance(ms) {
      nowInMs += ms;
    },
    async send(request) {
      platform.sent.push(request);
      return { status: 200, headers: {}, body: '', ...(await send(request, platform)) };
    },
    retry: (attempt, signal) => repeatWith(platform, attempt, signal),
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      platform.slept.push(ms);
      nowInMs += ms;
    },
    now: () => nowInMs,
    random,
    crypto: createNodeCrypto(),
    log: (entry) => void platform.logged.push(entry),
  };
  return platform;
}

/** What `Platform.repeat` promises, over any sleep. */
export async function repeatWith<T>(
  { sleep }: Pick<Platform, 'sleep'>,
  attempt: (attemptNumber: number) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let number = 1; ; number += 1) {
    try {
      return await attempt(number);
    } catch (error) {
      if (!(error instanceof RetryAfter)) throw error;
      await sleep(error.waitInMs, signal);
    }
  }
}

/** A JSON answer, as a SCIM provider returns it. */
export function json(
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/scim+json', ...headers },
    body: JSON.stringify(body),
  };
}

/** A list answer (RFC 7644 §3.4.2). */
export function list(resources: readonly unknown[], totalResults = resources.length): HttpResponse {
  return json({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults,
    Resources: resources,
  });
}
