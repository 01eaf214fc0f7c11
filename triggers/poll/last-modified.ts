import { ConnectorError } from '../../connector/errors.ts';
import type { ScimClient } from '../../connector/http/scim-client.ts';
import { readList } from '../../connector/provider/read-list.ts';
import type { PageReader } from '../../connector/provider/read-pages.ts';
import type { Resource } from '../../connector/resource.ts';

/** No provider is that far ahead of its own stamps. */
const farAheadInMs = 366 * 24 * 3_600_000;

/** The filter for what was changed at a time or later. */
export function sinceFilter(timeInMs: number): string {
  return `meta.lastModified ge "${new Date(timeInMs).toISOString()}"`;
}

/** When a resource was changed last, in milliseconds since 1970; undefined where it does not say. */
export function lastModifiedInMs({ meta }: Resource): number | undefined {
  const time = Date.parse(meta?.lastModified ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Tries whether a provider understands a filter on `meta.lastModified`: somebody was changed at `newestInMs`, and
 * nobody in a year to come. Some providers ignore the filter, and some answer it with nobody. Undefined when it could
 * not be tried now.
 */
export async function understandsSince(reader: PageReader, newestInMs: number): Promise<boolean | undefined> {
  try {
    const [some, nobody] = [await ask(reader, newestInMs), await ask(reader, newestInMs + farAheadInMs)];
    return some > 0 && nobody === 0;
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return isRefusal(error) ? false : undefined;
  }
}

/** So long may an answer take: some providers fail with status 500 at a filter, which would be tried for minutes. */
const deadlineInMs = 10_000;

async function ask({ client, endpoint, now, signal }: PageReader, timeInMs: number): Promise<number> {
  const answer = await client.send({
    method: 'GET',
    path: endpoint,
    query: { filter: sinceFilter(timeInMs), count: '1' },
    deadlineAtInMs: now() + deadlineInMs,
    signal,
  });
  return readList(answer.body).resources.length;
}

/** Whether the provider does not take the filter: it says so, or it fails. */
export function isRefusal({ code, status }: ConnectorError): boolean {
  return code === 'invalid_input' || code === 'unsupported' || code === 'not_found' || status === 500;
}

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
