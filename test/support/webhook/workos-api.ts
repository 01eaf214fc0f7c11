import type { IncomingMessage, ServerResponse } from 'node:http';

/** An event of WorkOS, as webhooks and the Events API show it. */
export interface WorkosEvent {
  readonly id: string;
  readonly event: string;
  readonly created_at: string;
  readonly data: object;
}

/** WorkOS's Events API (workos.com/docs/reference/events) over a list of events, and nothing else. */
export interface WorkosApi {
  /** In the order of their creation. */
  readonly events: WorkosEvent[];
  /** The queries of the requests. */
  readonly queries: URLSearchParams[];
  /** Answers a request. */
  answer(url: string, authorization: string | undefined): { readonly status: number; readonly body: string };
  /** The same, for a server. */
  serve(request: IncomingMessage, response: ServerResponse): void;
}

/** Creates the API. @param apiKey the only valid key */
export function createWorkosApi(apiKey: string, events: WorkosEvent[] = []): WorkosApi {
  const queries: URLSearchParams[] = [];
  const fail = (status: number, message: string) => ({ status, body: JSON.stringify({ message }) });

  const answer: WorkosApi['answer'] = (url, authorization) => {
    const { pathname, searchParams: query } = new URL(url, 'http://127.0.0.1');
    queries.push(query);
    if (pathname !== '/events') return fail(404, 'Not Found');
    if (authorization !== `Bearer ${apiKey}`) return fail(401, 'Unauthorized');
    const names = query.getAll('events[]');
    const after = query.get('after');
    const start = query.get('range_start');
    const limit = Number(query.get('limit') ?? 10);
    if (names.length === 0 || limit < 1 || limit > 100) return fail(422, 'Validation failed');
    if (after !== null && start !== null) return fail(422, 'range_start and after are mutually exclusive');
    if (query.get('order') !== 'asc') return fail(422, 'the test expects the oldest first');
    const at = after === null ? -1 : events.findIndex(({ id }) => id === after);
    if (after !== null && at < 0) return fail(404, 'The cursor was not found');
    const found = events
      .slice(at + 1)
      .filter(({ event, created_at }) => names.includes(event) && (start === null || created_at >= start));
    const data = found.slice(0, limit).map((event) => ({ object: 'event', ...event }));
    const next = found.length > limit ? data.at(-1)?.id : null;
    return { status: 200, body: JSON.stringify({ object: 'list', data, list_metadata: { after: next } }) };
  };

  return {
    events,
    queries,
    answer,
    serve(request, response) {
      const { status, body } = answer(request.url ?? '', request.headers.authorization);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    },
  };
}
