import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type HttpRequest, RetryAfter, TransportError } from '../../../connector/platform.ts';
import { createN8nPlatform, type N8nSend } from '../../../hosts/n8n/runtime/n8n-platform.ts';

const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
const request: HttpRequest = {
  method: 'POST',
  url: 'https://scim.example.com/Users',
  headers: { accept: 'application/scim+json' },
  body: '{}',
  timeoutInMs: 10_000,
  maxResponseBytes: 100,
};

const platformOver = (send: N8nSend, sleep: (ms: number) => Promise<void> = () => Promise.resolve()) =>
  createN8nPlatform({ logger }, send, sleep);

/** An error as n8n wraps it. */
function wrapped(code: string): Error {
  return new Error('NodeApiError', { cause: Object.assign(new Error('AxiosError'), { code }) });
}

const failure = async (send: N8nSend, given: Partial<HttpRequest> = {}): Promise<unknown> =>
  platformOver(send)
    .send({ ...request, ...given })
    .catch((error: unknown) => error);

describe("the platform on n8n's helpers", () => {
  it('sends the request, and reads the whole response', async () => {
    const seen: unknown[] = [];
    const platform = platformOver(async (options) => {
      seen.push(options);
      const body = Readable.from([
        Buffer.from('{"name":"Z'),
        Buffer.from([0xc3]),
        Buffer.from([0xbc]),
        Buffer.from('"}'),
      ]);
      return { statusCode: 201, headers: { ETag: '1', 'Set-Cookie': ['a', 'b'] }, body };
    });

    expect(await platform.send(request)).toEqual({
      status: 201,
      headers: { etag: '1', 'set-cookie': 'a, b' },
      body: '{"name":"Zü"}',
    });
    expect(seen).toMatchObject([
      {
        method: 'POST',
        body: '{}',
        ignoreHttpStatusErrors: true,
        disableFollowRedirect: true,
        timeout: 10_000,
      },
    ]);
  });

  it('distinguishes a request that was never sent from one that may have been', async () => {
    expect(await failure(() => Promise.reject(wrapped('ECONNREFUSED')))).toMatchObject({
      maybeSent: false,
      isTransient: true,
    });
    expect(await failure(() => Promise.reject(wrapped('ENOTFOUND')))).toMatchObject({
      maybeSent: false,
      isTransient: false,
    });
    expect(await failure(() => Promise.reject(wrapped('ECONNRESET')))).toMatchObject({
      maybeSent: true,
      isTransient: true,
    });
  });

  it('rethrows errors of n8n itself', async () => {
    const refusal = new Error('This domain is not allowed');
    expect(await failure(() => Promise.reject(refusal))).toBe(refusal);
  });

  it('ends a request at its timeout, and destroys a late response', async () => {
    let isDestroyed = false;
    let answer: (value: Awaited<ReturnType<N8nSend>>) => void = () => undefined;
    const late = new Promise<Awaited<ReturnType<N8nSend>>>((resolve) => {
      answer = resolve;
    });
    const error = await failure(() => late, { timeoutInMs: 1 });

    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ code: 'ETIMEDOUT', maybeSent: true });
    answer({ statusCode: 200, headers: {}, body: { destroy: () => (isDestroyed = true) } });
    await late;
    await Promise.resolve();
    expect(isDestroyed).toBe(true);
  });

  it('ends a body that never completes, and one that is too large', async () => {
    const trickle = new Readable({ read: () => undefined });
    trickle.push('{');
    expect(
      await failure(async () => ({ statusCode: 200, headers: {}, body: trickle }), { timeoutInMs: 20 }),
    ).toMatchObject({ code: 'ETIMEDOUT' });
    expect(trickle.destroyed).toBe(true);

    const large = Readable.from([Buffer.alloc(60), Buffer.alloc(60)]);
    expect(await failure(async () => ({ statusCode: 200, headers: {}, body: large }))).toMatchObject({
      code: 'TOO_LARGE',
      isTransient: false,
    });
    expect(large.destroyed).toBe(true);
  });

  it('ends with the reason of the signal that stops the execution', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped');
    const sent = failure(() => new Promise(() => undefined), { signal: stop.signal });
    stop.abort(reason);
    expect(await sent).toBe(reason);
  });

  it('includes the details in the text of a warning, because n8n logs only the text', () => {
    const said: string[] = [];
    const keep = (text: string): void => {
      said.push(text);
    };
    const unused = (): Promise<never> => Promise.reject(new Error('unused'));
    const platform = createN8nPlatform({ logger: { debug: keep, info: keep, warn: keep } }, unused, unused);
    platform.log({ level: 'warn', event: 'event_not_completed', id: '42', code: 'forbidden' });
    platform.log({ level: 'info', event: 'poll_done', events: 3 });
    expect(said).toEqual(['SCIM: event_not_completed {"id":"42","code":"forbidden"}', 'SCIM: poll_done']);
  });

  it('retries after the wait of a RetryAfter, and rethrows any other error', async () => {
    const waits: number[] = [];
    const platform = platformOver(
      () => Promise.reject(new Error('unused')),
      async (ms) => {
        waits.push(ms);
      },
    );
    const result = await platform.retry(async (attempt) => {
      if (attempt < 3) throw new RetryAfter(attempt * 10);
      return attempt;
    });
    expect([result, waits]).toEqual([3, [10, 20]]);
    await expect(platform.retry(() => Promise.reject(new Error('final')))).rejects.toThrow('final');
  });
});
