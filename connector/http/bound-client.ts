import type { ScimClient } from './scim-client.ts';

/** What all requests of one run share. */
export interface RunLimits {
  /** No request goes on beyond it; in milliseconds since 1970. Undefined: each request has its own. */
  readonly deadlineAtInMs?: number | undefined;
  /** Ends every request. */
  readonly signal?: AbortSignal | undefined;
}

/** A client whose requests keep within the limits of a run, whether or not the sender of a request thinks of them. */
export function boundClient(client: ScimClient, limits: RunLimits): ScimClient {
  const { deadlineAtInMs, signal } = limits;
  return {
    connection: client.connection,
    send: (request) =>
      client.send({
        ...request,
        signal: request.signal ?? signal,
        deadlineAtInMs: earlier(request.deadlineAtInMs, deadlineAtInMs),
      }),
  };
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
