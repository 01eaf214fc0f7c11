import type { IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from '../../../support/listen.ts';

/** Stands between a sender and a receiver that dies again and again, and makes things worse. */
export interface RelentlessSender {
  /** Where the sender sends to. */
  readonly origin: string;
  /** How many requests the receiver was sent, repeats included. */
  readonly sent: () => number;
  /** How many were sent again though they had been acknowledged, because the response was lost. */
  readonly repeated: () => number;
  /** Returns where the receiver is now; undefined while it is down. */
  setReceiver(origin: string | undefined): void;
  /** Is called with each request that is on its way to the receiver, and with each that was acknowledged. */
  onStep: (step: 'sent' | 'acknowledged') => void;
  close(): Promise<void>;
}

/** How long a sender waits before it sends again what was not taken. */
const pauseInMs = 5;

/**
 * Starts one. Each request is sent on until the receiver acknowledges it with 202, over the deaths of as many receivers
 * as it takes; some requests are lost on the way, and some acknowledgements, so that the request is sent again. Any
 * answer but 202 and 503 goes back to the sender as it is.
 */
export async function startRelentlessSender(random: () => number): Promise<RelentlessSender> {
  let receiver: string | undefined;
  let changed = Promise.withResolvers<void>();
  let isClosed = false;
  const counts = { sent: 0, repeated: 0 };
  const sender: RelentlessSender = {
    origin: '',
    sent: () => counts.sent,
    repeated: () => counts.repeated,
    onStep: () => undefined,
    setReceiver(origin) {
      receiver = origin;
      changed.resolve();
      changed = Promise.withResolvers();
    },
    async close() {
      isClosed = true;
      sender.setReceiver(undefined);
      await server.close();
    },
  };

  async function deliver(path: string, headers: IncomingHttpHeaders, body: Uint8Array): Promise<number> {
    for (;;) {
      const waiting = changed.promise;
      const target = receiver;
      const status = target === undefined ? undefined : await tryOnce(target + path, headers, body);
      if (status === 202 && random() < 0.1) counts.repeated += 1;
      else if (status !== undefined && status !== 503) return status;
      else if (status === undefined && receiver === target) await waiting;
      else if (status === 503) await sleep(pauseInMs);
      if (isClosed) return 503;
    }
  }

  async function tryOnce(
    url: string,
    headers: IncomingHttpHeaders,
    body: Uint8Array,
  ): Promise<number | undefined> {
    // Lost on the way.
    if (random() < 0.1) return 503;
    const kept = ['content-type', 'accept', 'authorization'].flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value] as [string, string]] : [];
    });
    counts.sent += 1;
    const answering = fetch(url, { method: 'POST', headers: kept, body: Buffer.from(body) });
    sender.onStep('sent');
    try {
      const { status } = await answering;
      if (status === 202) sender.onStep('acknowledged');
      return status;
    } catch {
      return undefined;
    }
  }

  const server = await listen(async (request, response) => {
    const status = await deliver(request.url ?? '/', request.headers, await buffer(request));
    response.writeHead(status).end();
  });
  return Object.assign(sender, { origin: server.origin });
}
