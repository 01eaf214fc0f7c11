import { crc32, deflateRawSync } from 'node:zlib';
import type { PackageFiles } from './packager.ts';

/** The version of the format that a reader needs for deflated files in folders (APPNOTE.TXT 4.4.3.2). */
const neededVersion = 20;
/** Names are UTF-8 (APPNOTE.TXT 4.4.4, bit 11). */
const utf8Names = 0x0800;
const deflated = 8;
/** 1980-01-01, the first day of the format: the same files are the same bytes. */
const date = 0x21;

/** Packs files into a ZIP archive. */
export function zip(files: PackageFiles): Uint8Array {
  const entries: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of files) {
    const name = Buffer.from(path);
    const data = Buffer.from(content);
    const packed = deflateRawSync(data, { level: 9 });
    const header = numbers(
      [2, neededVersion],
      [2, utf8Names],
      [2, deflated],
      [2, 0],
      [2, date],
      [4, crc32(data)],
      [4, packed.length],
      [4, data.length],
      [2, name.length],
      [2, 0],
    );
    entries.push(signature(3, 4), header, name, packed);
    directory.push(
      signature(1, 2),
      numbers([2, neededVersion]),
      header,
      // No comment, the first disk, and no attributes.
      numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, offset]),
      name,
    );
    offset += 4 + header.length + name.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const { size } = files;
  const end = numbers([2, 0], [2, 0], [2, size], [2, size], [4, listed.length], [4, offset], [2, 0]);
  return Buffer.concat([...entries, listed, signature(5, 6), end]);
}

/** "PK" and two numbers. */
function signature(one: number, other: number): Buffer {
  return Buffer.from([0x50, 0x4b, one, other]);
}

/** Little-endian numbers, each with its size in bytes. */
function numbers(...fields: readonly (readonly [size: number, value: number])[]): Buffer {
  const buffer = Buffer.alloc(fields.reduce((sum, [size]) => sum + size, 0));
  let at = 0;
  for (const [size, value] of fields) at = buffer.writeUIntLE(value, at, size);
  return buffer;
}
