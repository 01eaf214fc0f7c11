import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../../runtime/node/desired/decode-text.ts';
import {
  parseDesired,
  readDesired,
  readDesiredBytes,
} from '../../../../runtime/node/desired/read-desired.ts';

const text = 'userName,title\nmüller@example.com,Größe\n';
const utf16 = (bigEndian: boolean): Uint8Array => {
  const bytes = Buffer.from(text, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
};

describe('decodeText', () => {
  it.each([
    ['UTF-8', Buffer.from(text), undefined],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`), undefined],
    ['UTF-16 with a mark', Buffer.from(`\uFEFF${text}`, 'utf16le'), undefined],
    ['big-endian UTF-16 with a mark', Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(), undefined],
    ['UTF-16 without a mark', utf16(false), 'utf-16le'],
    ['big-endian UTF-16 without a mark', utf16(true), 'utf-16be'],
    ['Windows-1252', Buffer.from(text, 'latin1'), 'windows-1252'],
  ])('reads %s, and says what it had to guess', (_, bytes, guessed) => {
    const decoded = decodeText(bytes);
    expect(decoded.text.replace(/^\uFEFF/, '')).toBe(text);
    expect(decoded.guessed).toBe(guessed);
  });
});

describe('readDesiredBytes', () => {
  it('refuses a sheet of MS-DOS, whose letters would become control characters', () => {
    const bytes = Buffer.from('userName,name.familyName\nada@example.com,\u0081\n', 'latin1');
    expect(() => readDesiredBytes(bytes, 'people.csv')).toThrow(
      'people.csv is neither in UTF-8 nor in windows-1252: it has characters that no name has. Export the sheet as CSV (UTF-8).',
    );
  });
});

describe('parseDesired', () => {
  const users = [{ userName: 'ada@example.com' }, { userName: 'bob@example.com' }];

  it.each([
    ['a JSON list', JSON.stringify(users)],
    ['JSON lines', users.map((user) => JSON.stringify(user)).join('\n')],
    ['a SCIM list response', JSON.stringify({ totalResults: 2, Resources: users })],
    ['an object with users', JSON.stringify({ users }, null, 2)],
    ['a sheet', 'userName\nada@example.com\nbob@example.com\n'],
    ['a sheet that names its separator', 'sep=;\r\nuserName;\r\nada@example.com;\r\nbob@example.com;\r\n'],
    ['a sheet with tabs', 'userName\tx\nada@example.com\t\nbob@example.com\t\n'.replaceAll('\tx', '')],
  ])('reads %s', (_, content) => {
    expect(parseDesired(content, 'people').users).toEqual(users);
  });

  it('numbers rows as a spreadsheet does, even after empty ones and cells with several lines', () => {
    const sheet = 'userName;title\n"ada@example.com";"Head of\nResearch"\n\nbob@example.com;\n';
    const { users: found, rows } = parseDesired(sheet, 'people');
    expect(found.map(({ userName }) => userName)).toEqual(['ada@example.com', '', 'bob@example.com']);
    expect(rows).toEqual([2, 3, 4]);
  });

  it.each([
    ['', 'people is empty.'],
    ['[1]', 'people is not a list of users.'],
    ['{"users": 1}', 'people is not a list of users.'],
    ['[{]', 'people is not JSON'],
    ['{"a":1}\n{"b":}', 'line 2 of people is not JSON'],
    [',,\n1,2,3', 'people has no header in its first row.'],
    ['userName,userName\n', 'people has two columns named "userName".'],
    ['userName,\nada@example.com,x\n', 'people has no name for column 2.'],
  ])('refuses %j', (content, message) => {
    expect(() => parseDesired(content, 'people')).toThrow(message);
  });
});

describe('readDesired', () => {
  it.each([
    ['none.csv', 'none.csv cannot be read: there is no such file.'],
    ['http://people.example.com/x.csv?token=secret', 'http://people.example.com/x.csv is not an https: URL.'],
  ])('refuses %s', async (location, message) => {
    await expect(readDesired(location)).rejects.toThrow(message);
  });
});
