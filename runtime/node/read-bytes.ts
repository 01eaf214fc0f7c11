import type { IncomingMessage } from 'node:http';

/**
 * Reads a request's body; undefined when it is longer than the limit. What is too long is let through unread, since a
 * client that is cut off while it sends never sees the answer.
 */
export function readBytes(
  request: IncomingMessage,
  maxResponseBytes: number,
): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxResponseBytes) chunks = [];
      else chunks.push(chunk);
    });
    request.on('end', () => resolve(length > maxResponseBytes ? undefined : Buffer.concat(chunks)));
    request.on('close', () => reject(new Error('The sender went away')));
    request.on('error', reject);
  });
}
