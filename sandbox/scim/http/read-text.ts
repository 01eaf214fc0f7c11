import type { IncomingMessage } from 'node:http';

/**
 * Reads a request's body as text; empty without one, undefined if it exceeds the limit. The excess
 * is discarded, because a client that is cut off while sending never sees the response.
 */
export function readText(request: IncomingMessage, maxResponseBytes: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > maxResponseBytes) {
      request.resume();
      resolve(undefined);
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxResponseBytes) chunks.push(chunk);
      else resolve(undefined);
    });
    request.on('end', () => {
      const [only] = chunks;
      if (length > maxResponseBytes) resolve(undefined);
      else
        resolve(
          chunks.length === 1 && only !== undefined ? only.toString() : Buffer.concat(chunks).toString(),
        );
    });
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('The client went away')));
  });
}
