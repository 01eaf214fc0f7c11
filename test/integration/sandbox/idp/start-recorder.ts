import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from '../../../support/listen.ts';

/** A request as received over the wire. */
export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** A response of a service that is played. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server on the loopback interface that keeps what it is sent. */
export interface Recorder {
  readonly origin: string;
  readonly recorded: Recorded[];
  close(): Promise<void>;
}

/** Plays a service: `reply` returns each answer, or nothing to leave the client waiting. */
export async function startRecorder(
  reply: (recorded: Recorded) => Reply | undefined | Promise<Reply | undefined>,
): Promise<Recorder> {
  const recorded: Recorded[] = [];
  const { origin, close } = await listen(async (incoming, outgoing) => {
    const body = await text(incoming);
    const one: Recorded = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: body.startsWith('{') ? JSON.parse(body) : body === '' ? undefined : body,
    };
    recorded.push(one);
    const answer = await reply(one);
    if (answer === undefined) return;
    outgoing.writeHead(answer.status, answer.headers);
    outgoing.end(
      answer.body === undefined || typeof answer.body === 'string'
        ? answer.body
        : JSON.stringify(answer.body),
    );
  });
  return { origin, recorded, close };
}

/** Stands in front of a real service, and hands everything through. */
export function startRecordingProxy(serviceOrigin: string): Promise<Recorder> {
  const { hostname, port } = new URL(serviceOrigin);
  return startRecorder(
    ({ method, url, headers, body }) =>
      new Promise((resolve, reject) => {
        const { 'content-length': _, host: __, ...rest } = headers;
        const onward = request({ hostname, port, method, path: url, headers: rest }, async (response) => {
          resolve({
            status: response.statusCode ?? 0,
            headers: { 'content-type': response.headers['content-type'] ?? '' },
            body: await text(response),
          });
        });
        onward.on('error', reject);
        onward.end(body === undefined ? undefined : JSON.stringify(body));
      }),
  );
}
