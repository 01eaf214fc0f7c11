import { promisify } from 'node:util';
import { brotliDecompress, constants, inflate, inflateRaw, unzip } from 'node:zlib';

/** Decompresses a whole body. @throws Error with the code `ERR_BUFFER_TOO_LARGE` beyond `maxOutputLength` bytes. */
type Decompress = (body: Buffer, options: { readonly maxOutputLength?: number }) => Promise<Buffer>;

// What is cut short is given as far as received, as browsers do; whether that is enough, its reader sees.
const lenient = { finishFlush: constants.Z_SYNC_FLUSH };

const gzip: Decompress = (body, options) => promisify(unzip)(body, { ...lenient, ...options });

// RFC 9110 §8.4.1.2: "deflate" is the zlib format, but some send what is inside of it. The former begins with method 8.
const deflate: Decompress = (body, options) =>
  promisify(((body[0] ?? 0) & 0x0f) === 8 ? inflate : inflateRaw)(body, { ...lenient, ...options });

const brotli: Decompress = (body, options) =>
  promisify(brotliDecompress)(body, { finishFlush: constants.BROTLI_OPERATION_FLUSH, ...options });

const methods: ReadonlyMap<string, Decompress> = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  // Nobody sends the format of the old "compress"; under its name comes gzip.
  ['compress', gzip],
  ['x-compress', gzip],
  ['deflate', deflate],
  ['br', brotli],
]);

/** The encodings that are understood, as `Accept-Encoding` names them. */
export const acceptedEncodings = 'gzip, compress, deflate, br';

/** What undoes a `Content-Encoding`; undefined where nothing has to be undone, or nothing here can. */
export function decompressor(contentEncoding: string | undefined): Decompress | undefined {
  return contentEncoding === undefined ? undefined : methods.get(contentEncoding.trim().toLowerCase());
}
