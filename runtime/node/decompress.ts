import { promisify } from 'node:util';
import { brotliDecompress, constants, inflate, inflateRaw, unzip } from 'node:zlib';

/** Decompresses a whole body. @throws Error with the code `ERR_BUFFER_TOO_LARGE` beyond `maxOutputLength` bytes. */
type Decompress = (body: Buffer, options: { readonly maxOutputLength?: number }) => Promise<Buffer>;

// A truncated body is returned as far as received, as in browsers. Its reader decides whether it is complete.
const lenient = { finishFlush: constants.Z_SYNC_FLUSH };

const gzip: Decompress = (body, options) => promisify(unzip)(body, { ...lenient, ...options });

// RFC 9110 §8.4.1.2: "deflate" is the zlib format, but some servers send the raw format. The former begins with method 8.
const deflate: Decompress = (body, options) =>
  promisify(((body[0] ?? 0) & 0x0f) === 8 ? inflate : inflateRaw)(body, { ...lenient, ...options });

const brotli: Decompress = (body, options) =>
  promisify(brotliDecompress)(body, { finishFlush: constants.BROTLI_OPERATION_FLUSH, ...options });

const methods: ReadonlyMap<string, Decompress> = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  // The old "compress" format is not in use; servers send gzip under its name.
  ['compress', gzip],
  ['x-compress', gzip],
  ['deflate', deflate],
  ['br', brotli],
]);

/** The supported encodings, as listed in `Accept-Encoding`. */
export const acceptedEncodings = 'gzip, compress, deflate, br';

/** The decoder of a `Content-Encoding`; undefined if none is needed or known. */
export function decompressor(contentEncoding: string | undefined): Decompress | undefined {
  return contentEncoding === undefined ? undefined : methods.get(contentEncoding.trim().toLowerCase());
}
