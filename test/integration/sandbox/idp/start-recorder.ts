import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';

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
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const one: Recorded = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: text.startsWith('{') ? JSON.parse(text) : text === '' ? undefined : text,
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    recorded,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Stands in front of a real service, and hands everything through. */
export function startRecordingProxy(serviceOrigin: string): Promise<Recorder> {
  const { hostname, port } = new URL(serviceOrigin);
  return startRecorder(
    ({ method, url, headers, body }) =>
      new Promise((resolve, reject) => {
        const { 'content-length': _, host: __, ...rest } = headers;
        const onward = request({ hostname, port, method, path: url, headers: rest }, async (response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk);
          resolve({
            status: response.statusCode ?? 0,
            headers: { 'content-type': response.headers['content-type'] ?? '' },
            body: Buffer.concat(chunks).toString(),
          });
        });
        onward.on('error', reject);
        onward.end(body === undefined ? undefined : JSON.stringify(body));
      }),
  );
}
