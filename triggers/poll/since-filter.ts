import { ConnectorError } from '../../connector/errors.ts';
import { readList } from '../../connector/provider/read-list.ts';
import type { PageReader } from '../../connector/provider/reader.ts';

/** No provider is that far ahead of its own stamps. */
const farAheadInMs = 366 * 24 * 3_600_000;

/** The filter for what was changed at a time or later. */
export function sinceFilter(timeInMs: number): string {
  return `meta.lastModified ge "${new Date(timeInMs).toISOString()}"`;
}

/**
 * Tests whether a provider understands a filter on `meta.lastModified`: one resource was changed at `newestInMs`, and
 * none a year from now. Some providers ignore the filter, and some return an empty list. Undefined if it could
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

/** The maximum response time: some providers return status 500 for a filter, which would be retried for minutes. */
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

/** Whether the provider does not support the filter: it rejects it, or it fails. */
export function isRefusal({ code, status }: ConnectorError): boolean {
  return code === 'invalid_input' || code === 'unsupported' || code === 'not_found' || status === 500;
}
