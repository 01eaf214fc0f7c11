import { startSandbox } from '../../sandbox/index.ts';
import { type ScimApi, scimApi } from './scim-api.ts';

/** A sandbox that is spoken to by plain HTTP, with a clock that stands still. */
export interface PlainSandbox extends ScimApi {
  /** Moves the sandbox's clock. */
  tick(ms: number): void;
  close(): Promise<void>;
}

/** Starts a sandbox that plays quirks, 20 results a page unless a request names another number. */
export async function openPlainSandbox(quirks: readonly string[]): Promise<PlainSandbox> {
  let nowInMs = Date.parse('2026-01-01T00:00:00.000Z');
  const sandbox = await startSandbox({
    quirks,
    now: () => new Date(nowInMs),
    limits: { defaultPageSize: 20 },
  });
  return {
    ...scimApi(sandbox.scimBaseUrl, sandbox.token),
    tick: (ms) => {
      nowInMs += ms;
    },
    close: () => sandbox.close(),
  };
}
