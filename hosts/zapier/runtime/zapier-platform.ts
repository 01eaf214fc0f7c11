import { setTimeout as wait } from 'node:timers/promises';
import type { LogEntry, Platform } from '../../../connector/platform.ts';
import { createHostPlatform } from '../../kit/host-platform.ts';
import type { ZapierFunctions, ZapierResponse } from './zapier-functions.ts';

/** The platform services of Zapier: its HTTP client and its log. */
export function createZapierPlatform(z: ZapierFunctions): Platform {
  return createHostPlatform({
    async send({ method, url, headers, body, timeoutInMs, signal }) {
      const response = await z.request({
        method,
        url,
        headers,
        ...(body !== undefined && { body }),
        redirect: 'manual',
        raw: true,
        skipThrowForStatus: true,
        throwForThrottlingEarly: false,
        merge: false,
        timeout: timeoutInMs,
        signal,
      });
      return { status: response.status, headers: headersOf(response), body: response.body };
    },
    sleep: (ms) => wait(ms),
    log: (entry) => log(z, entry),
  });
}

function headersOf({ headers }: ZapierResponse): Readonly<Record<string, string>> {
  const plain: Record<string, string> = {};
  headers.forEach((value, name) => {
    plain[name.toLowerCase()] = value;
  });
  return plain;
}

function log(z: ZapierFunctions, { level, event, ...detail }: LogEntry): void {
  if (level === 'warn') z.console.log(`${event} ${JSON.stringify(detail)}`);
}
