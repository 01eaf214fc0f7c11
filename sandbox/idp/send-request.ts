import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** A request to the service. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutInMs: number;
}

/** A response. Redirects are returned, not followed: a token is sent only to its own service. */
export interface IncomingAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** The service did not respond before the identity provider's timeout. */
export class AnswerTimeout extends Error {
  override readonly name = 'AnswerTimeout';
  readonly timeoutInMs: number;

  constructor(timeoutInMs: number) {
    super(`no answer within ${timeoutInMs / 1000} s`);
    this.timeoutInMs = timeoutInMs;
  }
}

const maxResponseBytes = 10_485_760;

/**
 * Sends one request. Uses node:http, because fetch adds a User-Agent where the provider sends none, and
 * normalizes the URL.
 *
 * @throws AnswerTimeout, or the error of the connection.
 */
export function sendRequest(outgoing: OutgoingRequest): Promise<IncomingAnswer> {
  const { method, url, headers, body, timeoutInMs } = outgoing;
  const { protocol, hostname, port } = new URL(url);
  const send = protocol === 'https:' ? requestHttps : requestHttp;
  const where = {
    hostname: hostname.replace(/^\[|\]$/g, ''),
    ...(port !== '' && { port }),
    // Unchanged: URL drops a lone "?" at the end.
    path: url.replace(/^https?:\/\/[^/?#]*/i, '') || '/',
  };
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const request = send({ ...where, method, headers: { ...headers, ...length } }, (response) => {
      readAnswer(response).then(resolve, reject);
    });
    const timer = setTimeout(() => request.destroy(new AnswerTimeout(timeoutInMs)), timeoutInMs);
    request.on('error', reject);
    request.on('close', () => clearTimeout(timer));
    request.end(body);
  });
}

function readAnswer(response: IncomingMessage): Promise<IncomingAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxResponseBytes)
        response.destroy(new Error(`the answer has more than ${maxResponseBytes} bytes`));
      else chunks.push(chunk);
    });
    response.on('error', reject);
    response.on('aborted', () => reject(new Error('the connection broke in the middle of the answer')));
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers as Readonly<Record<string, string | undefined>>,
        text: Buffer.concat(chunks).toString(),
      }),
    );
  });
}
