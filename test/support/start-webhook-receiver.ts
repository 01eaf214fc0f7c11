import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from './listen.ts';

/** What a receiver does with a request: a response, silence forever, or a broken connection. */
export type Answer =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | undefined;
    }
  | 'hang'
  | 'drop';

/** One request that a receiver was sent. */
export interface ReceivedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver of webhooks, on the loopback interface. */
export interface WebhookReceiver {
  readonly url: string;
  /** Every request, in the order in which they came, also those that were not answered well. */
  readonly received: readonly ReceivedRequest[];
  close(): Promise<void>;
}

/** Starts a receiver. @param answer what it does with each request; `number` counts from 1. */
export async function startWebhookReceiver(
  answer: (request: ReceivedRequest, number: number) => Answer | Promise<Answer>,
): Promise<WebhookReceiver> {
  const received: ReceivedRequest[] = [];
  const { origin, close } = await listen(async (request, response) => {
    const one = { headers: request.headers, body: await text(request) };
    received.push(one);
    const how = await answer(one, received.length);
    if (how === 'drop') request.socket.destroy();
    else if (how !== 'hang') response.writeHead(how.status, how.headers).end(how.body);
  });
  return { url: `${origin}/hook`, received, close };
}
