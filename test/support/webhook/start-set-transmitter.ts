import type { IncomingMessage } from 'node:http';
import { listen } from '../listen.ts';

/** What a poll asked, as received. */
export interface SeenPoll {
  readonly authorization: string | undefined;
  readonly contentLanguage: string | undefined;
  readonly body: {
    readonly maxEvents?: number;
    readonly returnImmediately?: boolean;
    readonly ack?: readonly string[];
    readonly setErrs?: Readonly<Record<string, { readonly err: string; readonly description?: string }>>;
  };
}

/** A transmitter of RFC 8936: tokens stay in its outbox until they are acknowledged, or reported. */
export interface SetTransmitter {
  readonly pollUrl: string;
  readonly outbox: Map<string, string>;
  readonly reported: Map<string, string>;
  readonly polls: SeenPoll[];
  /** Lets the next answer get lost after the poll was acted on. */
  loseNextAnswer(): void;
  close(): Promise<void>;
}

/** Starts a transmitter on a port of its own. */
export async function startSetTransmitter(): Promise<SetTransmitter> {
  const outbox = new Map<string, string>();
  const reported = new Map<string, string>();
  const polls: SeenPoll[] = [];
  let losesAnswer = false;
  const { origin, close } = await listen(async (request, response) => {
    const body = JSON.parse(await textOf(request)) as SeenPoll['body'];
    polls.push({
      authorization: request.headers.authorization,
      contentLanguage: request.headers['content-language'],
      body,
    });
    for (const jti of body.ack ?? []) outbox.delete(jti);
    for (const [jti, { err }] of Object.entries(body.setErrs ?? {})) {
      reported.set(jti, err);
      outbox.delete(jti);
    }
    const ready = [...outbox].slice(0, body.maxEvents);
    if (losesAnswer) {
      losesAnswer = false;
      request.socket.destroy();
      return;
    }
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        sets: Object.fromEntries(ready),
        ...(ready.length < outbox.size && { moreAvailable: true }),
      }),
    );
  });
  return {
    pollUrl: `${origin}/events`,
    outbox,
    reported,
    polls,
    loseNextAnswer() {
      losesAnswer = true;
    },
    close,
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
