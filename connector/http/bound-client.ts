import type { ScimClient } from './scim-client.ts';

/** The limits that all requests of one run share. */
export interface RunLimits {
  /** The deadline of all requests, in milliseconds since 1970. Undefined: each request has its own. */
  readonly deadlineAtInMs?: number | undefined;
  /** Aborts every request. */
  readonly signal?: AbortSignal | undefined;
}

/** A client that enforces the limits of a run on all its requests. */
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
