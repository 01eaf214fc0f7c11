import type { ScimClient } from '../../connector/http/scim-client.ts';

/** A client that notes the provider's own time, as its answers state it. */
export interface ClockedClient {
  readonly client: ScimClient;
  /** The time of the last answer, in milliseconds since 1970; undefined where the provider states none. */
  answeredAtInMs(): number | undefined;
}

/** Watches the `Date` of the answers that a client gets. */
export function watchClock(client: ScimClient): ClockedClient {
  let answeredAtInMs: number | undefined;
  return {
    client: {
      connection: client.connection,
      async send(request) {
        const answer = await client.send(request);
        const time = Date.parse(answer.headers.date ?? '');
        if (!Number.isNaN(time)) answeredAtInMs = time;
        return answer;
      },
    },
    answeredAtInMs: () => answeredAtInMs,
  };
}
