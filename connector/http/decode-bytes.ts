/**
 * Decodes a body whose text has U+FFFD, which decoders put in the place of bytes that are not UTF-8. JSON is UTF-8 (RFC 8259
 * §8.1), but some old servers send Latin-1, and a name that is read with holes would be written back with them.
 */
export function decodeBytes(chunks: readonly Uint8Array[], contentType = ''): string {
  try {
    return decodeWith(new TextDecoder('utf-8', { fatal: true }), chunks);
  } catch {
    return decodeWith(decoderOf(contentType), chunks);
  }
}

type Decoder = InstanceType<typeof TextDecoder>;

/** The decoder of the stated charset, or of the one that old servers use without stating it. */
function decoderOf(contentType: string): Decoder {
  const stated = /\bcharset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1] ?? '';
  try {
    const decoder = new TextDecoder(stated);
    if (decoder.encoding !== 'utf-8') return decoder;
  } catch {
    // No known charset.
  }
  return new TextDecoder('windows-1252');
}

function decodeWith(decoder: Decoder, chunks: readonly Uint8Array[]): string {
  return `${chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('')}${decoder.decode()}`;
}
