import type { ServerResponse } from 'node:http';
import { listen, type TestServer } from '../../../support/listen.ts';

/**
 * A provider in front of another one that answers requests which come together in turned order, and each time in the other
 * one. What it is asked decides what it answers, not when.
 */
export async function startUnorderedProvider(
  scimBaseUrl: string,
): Promise<Pick<TestServer, 'close'> & { readonly baseUrl: string }> {
  let waiting: (() => Promise<void>)[] = [];
  let isTurned = true;
  const answerAll = async (): Promise<void> => {
    const together = isTurned ? waiting.toReversed() : waiting;
    isTurned = !isTurned;
    waiting = [];
    for (const answer of together) await answer();
  };
  const { origin, close } = await listen(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = 'GET', url = '/', headers } = request;
    const body = Buffer.concat(chunks);
    if (waiting.length === 0) setTimeout(answerAll, 20);
    waiting.push(async () => {
      const answer = await fetch(`${scimBaseUrl}${url}`, {
        method,
        headers: {
          authorization: headers.authorization ?? '',
          'content-type': 'application/scim+json',
        },
        ...(body.length > 0 && { body }),
      });
      await end(response, answer);
    });
  });
  return { baseUrl: origin, close };
}

async function end(response: ServerResponse, answer: Response): Promise<void> {
  const text = await answer.text();
  response.writeHead(answer.status, { 'content-type': 'application/scim+json' });
  await new Promise<void>((resolve) => response.end(text, resolve));
}
