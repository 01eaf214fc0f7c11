/** Text, and the encoding that it was read as if that had to be guessed. */
export interface DecodedText {
  readonly text: string;
  readonly guessed?: string;
}

/**
 * Decodes a file whose encoding nobody states: by its byte order mark, then UTF-8 if it is valid, then UTF-16 if every
 * other byte is zero, and otherwise Windows-1252, which spreadsheets still write.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const marked = markedEncoding(bytes);
  if (marked !== undefined) return { text: new TextDecoder(marked).decode(bytes) };
  const sample = bytes.subarray(0, sampleBytes);
  const zeros = zerosIn(sample);
  // A text in UTF-8 can contain a zero by accident, but not in most of its even or odd bytes.
  const fewest = sample.length / 8;
  if (zeros.even > fewest && zeros.even > zeros.odd) return guess('utf-16be', bytes);
  if (zeros.odd > fewest) return guess('utf-16le', bytes);
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return guess('windows-1252', bytes);
  }
}

const sampleBytes = 4096;

function markedEncoding([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

function zerosIn(bytes: Uint8Array): { readonly even: number; readonly odd: number } {
  const zeros = { even: 0, odd: 0 };
  for (const [index, byte] of bytes.entries()) if (byte === 0) zeros[index % 2 === 0 ? 'even' : 'odd'] += 1;
  return zeros;
}

function guess(encoding: string, bytes: Uint8Array): DecodedText {
  return { text: new TextDecoder(encoding).decode(bytes), guessed: encoding };
}
