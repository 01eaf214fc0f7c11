import { ConnectorError } from '../connector/errors.ts';
import type { PushReceiver, PushRequest, PushRequestHead, Received } from '../triggers/sources/source.ts';
import { maxMessageBytes } from '../triggers/sources/webhook-auth/request-checks.ts';
import { readBytes } from './node/start-push-server.ts';

/**
 * A Fetch `Request`, as in Hono, Next.js, Bun, Deno, and edge platforms. Its body must be unread.
 *
 * @example
 * ```ts
 * const request: FetchRequest = new Request('https://example.com/okta', { method: 'POST', body: '{}' });
 * ```
 */
export interface FetchRequest {
  readonly method: string;
  readonly headers: { forEach(visit: (value: string, name: string) => void): void };
  readonly bodyUsed: boolean;
  readonly body: {
    getReader(): { read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }> };
  } | null;
}

/**
 * Node's `IncomingMessage`, as in `node:http`, Express, Koa (`ctx.req`), and Fastify (`request.raw`). Its body must
 * be unread, unless a middleware left the raw bytes in `body` (`express.raw()`) or in `rawBody`.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { createConnector, type NodeRequest } from 'rolecall';
 *
 * const connector = createConnector({ baseUrl: 'https://scim.example.com', token: 'secret' });
 * const receiver = connector.receiver('workos', { secret: 'a long random secret' });
 * const receive = (request: NodeRequest) => receiver.receive(request);
 * createServer(async (request, response) => {
 *   const { status, headers, body } = (await receive(request)).reply;
 *   response.writeHead(status, headers).end(body);
 * });
 * ```
 */
export interface NodeRequest extends AsyncIterable<Uint8Array | string> {
  readonly method?: string | undefined;
  readonly headersDistinct: Readonly<Record<string, readonly string[] | undefined>>;
  readonly readableDidRead: boolean;
  readonly body?: unknown;
  readonly rawBody?: unknown;
}

/**
 * The parts of a request, for any other server.
 *
 * @example
 * ```ts
 * const request: PlainRequest = {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json', authorization: 'a long random secret' },
 *   body: new TextEncoder().encode('{"data": {"events": []}}'),
 * };
 * ```
 */
export interface PlainRequest {
  readonly method: string;
  /** By name, in any case; a header that came several times has a list of its values. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body exactly as received, never parsed and serialized again. */
  readonly body?: Uint8Array | string | null | undefined;
}

/**
 * A request of an event producer, in the form that your server has it.
 *
 * @example
 * ```ts
 * const receiver = connector.receiver('okta_event_hook', { secret: 'a long random secret' });
 * const statusOf = async (request: WebhookRequest): Promise<number> =>
 *   (await receiver.receive(request)).reply.status;
 * ```
 */
export type WebhookRequest = FetchRequest | NodeRequest | PlainRequest;

/**
 * Receives a request of any of these forms. Its body is read only if its head is accepted, and only up to one byte past
 * the limit, so that the receiver rejects a longer one.
 *
 * @throws ConnectorError `invalid_input` when the body was parsed before: signatures cover its raw bytes.
 */
export async function receiveWebhook(receiver: PushReceiver, request: WebhookRequest): Promise<Received> {
  const { readBody, ...head } = openRequest(request);
  return receiver.checkHead(head) ?? receiver.receive({ ...head, body: await readBody() });
}

type OpenRequest = PushRequestHead & { readBody(): Uint8Array | Promise<Uint8Array> };

function openRequest(request: WebhookRequest): OpenRequest {
  if ('bodyUsed' in request) return openFetchRequest(request);
  if ('headersDistinct' in request) return openNodeRequest(request);
  const { method, headers, body } = request;
  return { method, headers: headersOf(headers), readBody: () => bytesOf(body ?? '') };
}

function openFetchRequest({ method, headers: given, body, bodyUsed }: FetchRequest): OpenRequest {
  if (bodyUsed) throw alreadyParsed();
  const headers = new Map<string, readonly string[]>();
  given.forEach((value, name) => {
    headers.set(name.toLowerCase(), [value]);
  });
  const readBody = () => (body === null ? new Uint8Array() : readLimited(chunksOf(body)));
  return { method, headers: Object.fromEntries(headers), readBody };
}

function openNodeRequest(request: NodeRequest): OpenRequest {
  const raw = [request.rawBody, request.body].find(isRaw);
  if (raw === undefined && request.readableDidRead) throw alreadyParsed();
  const { method = 'GET', headersDistinct } = request;
  const readBody = () => (raw === undefined ? readLimited(request) : bytesOf(raw));
  return { method, headers: headersOf(headersDistinct), readBody };
}

function headersOf(given: PlainRequest['headers']): PushRequest['headers'] {
  const headers = new Map<string, readonly string[]>();
  for (const [name, value = []] of Object.entries(given)) {
    const key = name.toLowerCase();
    headers.set(key, [...(headers.get(key) ?? []), ...(typeof value === 'string' ? [value] : value)]);
  }
  return Object.fromEntries(headers);
}

async function readLimited(chunks: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  return (await readBytes(chunks, maxMessageBytes)) ?? new Uint8Array(maxMessageBytes + 1);
}

async function* chunksOf(body: NonNullable<FetchRequest['body']>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) return;
    yield value;
  }
}

function isRaw(body: unknown): body is Uint8Array | string {
  return body instanceof Uint8Array || typeof body === 'string';
}

function bytesOf(body: unknown): Uint8Array {
  if (!isRaw(body)) throw alreadyParsed();
  return typeof body === 'string' ? new TextEncoder().encode(body) : body;
}

function alreadyParsed(): ConnectorError {
  return new ConnectorError('invalid_input', {
    what: "The request's body was parsed before it reached the receiver, but the signature covers the raw bytes.",
    nextStep:
      'Pass the request before anything reads its body. In Express, register the route before express.json(), or ' +
      "give it express.raw({ type: '*/*' }). In Fastify, add a content type parser with parseAs: 'buffer', and pass " +
      '{ method, headers, body }.',
  });
}
