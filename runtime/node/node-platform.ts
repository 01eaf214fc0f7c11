import type { LookupFunction } from 'node:net';
import type { LogEntry, Platform } from '../../connector/platform.ts';
import { type AxiosRequester, createAxiosClient } from './axios-client.ts';
import { createNodeCrypto } from './crypto.ts';
import { createHttpClient } from './http-client.ts';
import { retry } from './retry.ts';
import { sleep } from './sleep.ts';

/** A platform whose connections can be closed. */
export interface NodePlatform extends Platform {
  /** Closes idle connections, so that the process can end. */
  close(): void;
}

/** The options of the Node platform. */
export interface NodePlatformOptions {
  /** Sends every request, instead of the connector's own connections. */
  readonly axios?: AxiosRequester | undefined;
  /** Resolves the names of hosts, unless a proxy does. Default: Node's. */
  readonly lookup?: LookupFunction | undefined;
  /** Receives the log. Default: nothing is logged. */
  readonly log?: ((entry: LogEntry) => void) | undefined;
}

/** The platform services of Node: HTTP over keep-alive sockets, p-retry, the system's clock. */
export function createNodePlatform({ axios, lookup, log }: NodePlatformOptions = {}): NodePlatform {
  const httpClient = axios === undefined ? createHttpClient(lookup) : createAxiosClient(axios);
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
