/**
 * Decodes a body whose text has U+FFFD, which decoders put in the place of bytes that are not UTF-8. JSON is UTF-8 (RFC 8259
 * §8.1), but some old servers send Latin-1, and a name that is read with holes would be written back with them. A body
 * with other letters in UTF-8 is UTF-8 with a broken one, such as a name that was cut.
 */
export function decodeBytes(chunks: readonly Uint8Array[], contentType = ''): string {
  try {
    return decodeWith(new TextDecoder('utf-8', { fatal: true }), chunks);
  } catch {
    const stated = statedDecoder(contentType);
    if (stated !== undefined) return decodeWith(stated, chunks);
    const text = decodeWith(new TextDecoder(), chunks);
    const isBroken = /[^\p{ASCII}\ufffd]/u.test(text);
    return isBroken ? text : decodeWith(new TextDecoder('windows-1252'), chunks);
  }
}

type Decoder = InstanceType<typeof TextDecoder>;

/** The decoder of the stated charset, if it is a known one other than UTF-8. */
function statedDecoder(contentType: string): Decoder | undefined {
  const stated = /\bcharset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1] ?? '';
  try {
    const decoder = new TextDecoder(stated);
    return decoder.encoding === 'utf-8' ? undefined : decoder;
  } catch {
    return undefined;
  }
}

function decodeWith(decoder: Decoder, chunks: readonly Uint8Array[]): string {
  return `${chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('')}${decoder.decode()}`;
}
