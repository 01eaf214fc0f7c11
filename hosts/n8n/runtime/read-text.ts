import { tooLarge, transportErrorOf } from '../../../connector/http/transport-error.ts';

/** Reads a body, whatever n8n gives it as, up to a limit; stops reading when the signal is aborted. */
export async function readText(
  body: unknown,
  maxResponseBytes: number,
  signal: AbortSignal,
): Promise<string> {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body;
  if (!isByteStream(body)) return JSON.stringify(body);
  const decoder = new TextDecoder();
  let text = '';
  let sizeBytes = 0;
  const stop = (): unknown => body.destroy?.(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of body) {
      sizeBytes += chunk.length;
      // Leaving the loop closes the stream, and with it the connection.
      if (sizeBytes > maxResponseBytes) throw transportErrorOf(tooLarge, maxResponseBytes);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

type ByteStream = AsyncIterable<Uint8Array> & { destroy?(error?: unknown): unknown };

function isByteStream(body: object): body is ByteStream {
  return Symbol.asyncIterator in body;
}
