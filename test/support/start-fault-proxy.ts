import http, { Agent, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Fault, SeenRequest } from './fault.ts';
import { listen } from './listen.ts';

// As it is now: Zapier's runtime replaces it with one that reads the responses, too.
const { request } = http;

/** A proxy before a provider, which does to requests what a plan says. */
export interface FaultProxy {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

/** Says what becomes of each request. */
export type Plan = (request: SeenRequest) => Fault | undefined | Promise<Fault | undefined>;

/** The options of {@link startFaultProxy}. */
export interface FaultProxyOptions {
  /** The provider: `http://127.0.0.1:PORT`. */
  readonly upstream: string;
  /** What to do to a request; undefined lets it through. A promise holds it back. */
  readonly plan: Plan;
  /** The provider's clock, which its `Date` shows; undefined leaves `Date` out. */
  readonly now: (() => number) | undefined;
  /** Called when a client has to wait for more than it will ever get: the provider has acted if it was meant to. */
  readonly onSilence?: (() => void) | undefined;
}

/** Requests below this come from a redirect, and go where they would have gone. */
export const redirectPrefix = '/elsewhere';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Starts a proxy on a free port of the loopback interface. */
export async function startFaultProxy({
  upstream,
  plan,
  now,
  onSilence = () => undefined,
}: FaultProxyOptions): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  const seen: SeenRequest[] = [];
  const known = new WeakSet<Socket>();

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(incoming);
    const path = (incoming.url ?? '/').replace(redirectPrefix, '');
    const one: SeenRequest = {
      method: incoming.method ?? 'GET',
      path,
      authorization: incoming.headers.authorization,
      isReused: known.has(incoming.socket),
    };
    known.add(incoming.socket);
    seen.push(one);
    const fault = await plan(one);
    const answer =
      fault === undefined || fault.acts
        ? await forward(agent, `${upstream}${path}`, incoming, body)
        : undefined;
    response.sendDate = false;
    if (now !== undefined) response.setHeader('date', new Date(now()).toUTCString());
    if (fault === undefined) write(response, answer ?? nothing);
    else act(fault, response, answer ?? nothing, now ?? Date.now);
    if (fault?.kind === 'silent' || fault?.kind === 'trickle') onSilence();
  }

  const { origin, close } = await listen((incoming, response) => {
    serve(incoming, response).catch(() => response.destroy());
  });
  return {
    origin,
    seen,
    async close() {
      agent.destroy();
      await close();
    },
  };
}

const nothing: Answer = { status: 200, headers: { 'content-type': 'application/scim+json' }, body: '{}' };

function forward(agent: Agent, url: string, incoming: IncomingMessage, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { host: _, 'content-length': __, 'transfer-encoding': ___, ...headers } = incoming.headers;
    const length = body === '' ? {} : { 'content-length': Buffer.byteLength(body) };
    const options = { agent, method: incoming.method, headers: { ...headers, ...length } };
    const outgoing = request(url, options, (answer) => {
      text(answer).then((read) => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: read });
      }, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function act(fault: Fault, response: ServerResponse, answer: Answer, now: () => number): void {
  switch (fault.kind) {
    case 'answer':
      write(response, {
        status: fault.status,
        headers: { ...fault.headers?.(now()) },
        body: fault.body ?? '',
      });
      return;
    case 'reset':
      response.destroy();
      return;
    case 'silent':
      return;
    case 'padded':
      write(response, { ...answer, body: `${answer.body}${' '.repeat(fault.bytes)}` });
      return;
    case 'cut':
      cut(fault.how, response, answer);
      return;
    case 'trickle':
      trickle(response, answer);
  }
}

// The provider's own Date and lengths stay behind: the clock is the test's, and bodies are changed here.
function write(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, withoutLength(headers));
  response.end(status === 204 ? undefined : body);
}

function withoutLength({
  date: _,
  'content-length': __,
  connection: ___,
  'keep-alive': ____,
  ...headers
}: IncomingHttpHeaders) {
  return headers;
}

function cut(
  how: 'length' | 'chunked' | 'json',
  response: ServerResponse,
  { status, headers, body }: Answer,
): void {
  const half = body.slice(0, Math.ceil(body.length / 2));
  if (how === 'json') {
    write(response, { status, headers, body: half });
    return;
  }
  const length = how === 'length' ? { 'content-length': Buffer.byteLength(body) + 10 } : {};
  response.writeHead(status, { ...withoutLength(headers), ...length });
  response.write(half, () => response.destroy());
}

function trickle(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, withoutLength(headers));
  let at = 0;
  const timer = setInterval(() => {
    // JSON can be followed by spaces, so the body could continue forever.
    response.write(body.charAt(at) || ' ');
    at += 1;
  }, 5);
  response.on('close', () => clearInterval(timer));
}
