import type { LogEntry, Platform } from '../../connector/platform.ts';
import { type AxiosRequester, createAxiosClient } from './axios-client.ts';
import { createNodeCrypto } from './crypto.ts';
import { createHttpClient } from './http-client.ts';
import { retry } from './retry.ts';
import { sleep } from './sleep.ts';

/** A platform, and how to let go of its connections. */
export interface NodePlatform extends Platform {
  /** Closes idle connections; a process that has none other left can end. */
  close(): void;
}

/** What a caller may choose of the Node platform. */
export interface NodePlatformOptions {
  /** The largest number of sockets to one host. */
  readonly maxSockets: number;
  /** Sends every request, in the place of the connector's own connections. */
  readonly axios?: AxiosRequester | undefined;
  /** Takes the log. Default: nowhere. */
  readonly log?: ((entry: LogEntry) => void) | undefined;
}

/** The world as Node has it: HTTP over kept-alive sockets, p-retry, the system's clock. */
export function createNodePlatform({ maxSockets, axios, log }: NodePlatformOptions): NodePlatform {
  const httpClient = axios === undefined ? createHttpClient(maxSockets) : createAxiosClient(axios);
  return {
    send: httpClient.send,
    retry,
    sleep,
    now: Date.now,
    random: Math.random,
    crypto: createNodeCrypto(),
    log: log ?? (() => undefined),
    close: httpClient.close,
  };
}
