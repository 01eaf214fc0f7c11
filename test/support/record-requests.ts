import type { IncomingMessage } from 'node:http';
import { listen } from './listen.ts';
import { masked } from './masked.ts';

/** A provider behind a server that records its requests. */
export interface RecordedProvider {
  /** The base URL of the provider, by way of the recorder. */
  readonly baseUrl: string;
  /** The requests since the last call, with what differs from run to run masked, such as every ID. */
  requests(): unknown;
  close(): Promise<void>;
}

/** Records the requests to a provider, except those that it rejects because they have no valid credential. */
export async function recordRequests(baseUrl: string): Promise<RecordedProvider> {
  const { origin, pathname } = new URL(baseUrl);
  let recorded: unknown[] = [];
  const recorder = await listen(async (request, response) => {
    const body = await bodyOf(request);
    const { method = '', url = '' } = request;
    const { authorization, accept } = request.headers;
    const answer = await fetch(origin + url, {
      method,
      redirect: 'manual',
      headers: {
        ...(authorization !== undefined && { authorization }),
        ...(accept !== undefined && { accept }),
        ...plain('content-type', request),
        ...plain('if-match', request),
      },
      ...(body !== '' && { body }),
    });
    if (answer.status !== 401)
      recorded.push({ method, ...targetOf(url), ...(body !== '' && { body: JSON.parse(body) }) });
    const { connection: _, 'transfer-encoding': __, ...headers } = Object.fromEntries(answer.headers);
    response.writeHead(answer.status, headers);
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  return {
    baseUrl: recorder.origin + pathname,
    requests() {
      const all = recorded;
      recorded = [];
      // Where a provider has no order of its own, which of the IDs comes first differs as well.
      return JSON.parse(JSON.stringify(masked(all)).replace(/\bid \d+/g, 'an ID'));
    },
    close: recorder.close,
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function plain(name: 'content-type' | 'if-match', { headers }: IncomingMessage): Record<string, string> {
  const value = headers[name];
  return value === undefined ? {} : { [name]: value };
}

/** The order of parameters says nothing, and a value that nobody has differs from run to run. */
function targetOf(url: string): object {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  searchParams.sort();
  const query = [...searchParams].map(([name, value]) => [name, value.replace(/nobody-\d+/, 'nobody')]);
  return { path: decodeURIComponent(pathname), query };
}
