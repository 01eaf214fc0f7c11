import type { LogEntry } from '../../connector/platform.ts';
import type { Connector } from '../../runtime/index.ts';
import { startProvider } from './start-provider.ts';

/** What a list server is asked for: the parameters, from the query or from the body of a POST to `/.search`. */
export interface ListRequest {
  /** `GET /Users` */
  readonly line: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Which request this is, from 0. */
  readonly number: number;
}

/** A provider of lists, with a connector to it. */
export interface ListServer {
  readonly baseUrl: string;
  readonly connector: Connector;
  readonly asked: readonly ListRequest[];
  readonly logged: readonly LogEntry[];
  close(): Promise<void>;
}

/** Starts a server that answers every request with what a function makes of it; a number is a status, as is 400 for an error. */
export async function startListServer(
  answer: (request: ListRequest) => object | number,
): Promise<ListServer> {
  const asked: ListRequest[] = [];
  const { baseUrl, connector, logged, close } = await startProvider(({ method, url, parameters, number }) => {
    const request = { line: `${method} ${url.pathname}`, parameters, number };
    asked.push(request);
    const said = answer(request);
    if (typeof said === 'number') return { status: said, body: {} };
    return { status: 'scimType' in said ? 400 : 200, body: said };
  });
  return { baseUrl, connector, asked, logged, close };
}

/** Users `1` to `count`. */
export function people(count: number): { readonly id: string; readonly userName: string }[] {
  return Array.from({ length: count }, (_, index) => ({ id: `${index + 1}`, userName: `user-${index + 1}` }));
}

/** The page of a list by index (RFC 7644 §3.4.2.4). */
export function pageOf(
  all: readonly unknown[],
  { startIndex = '1', count = '100' }: ListRequest['parameters'],
): object {
  const from = Number(startIndex) - 1;
  return { totalResults: all.length, Resources: all.slice(from, from + Number(count)) };
}
