/**
 * Reads a request's body; undefined when it is longer than the limit. What is too long is read to its end all the same,
 * and dropped, since a client that is cut off while it sends never sees the response.
 */
export async function readBytes(
  chunks: AsyncIterable<Uint8Array | string>,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  let kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    length += bytes.length;
    if (length > maxBytes) kept = [];
    else kept.push(bytes);
  }
  return length > maxBytes ? undefined : Buffer.concat(kept);
}
