import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { writeFileWhole } from '../../../../runtime/node/write-file-whole.ts';

const folder = mkdtempSync(join(tmpdir(), 'rolecall-whole-'));
const file = join(folder, 'file.csv');

beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function* failing() {
  yield 'half';
  throw new Error('The list ended early');
}

async function* whole() {
  yield 'one\n';
  yield 'two\n';
}

describe('a file that is written whole', () => {
  it('has the whole text, for its owner only', async () => {
    await writeFileWhole(file, whole());
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['file.csv']);
  });

  it('is not there if the text ends with an error, and nothing else is left', async () => {
    await expect(writeFileWhole(file, failing())).rejects.toThrow('The list ended early');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('stays as it was if the text ends with an error, or the run is stopped', async () => {
    writeFileSync(file, 'before');
    await expect(writeFileWhole(file, failing())).rejects.toThrow('The list ended early');
    await expect(writeFileWhole(file, whole(), AbortSignal.abort())).rejects.toThrow();
    expect([readFileSync(file, 'utf8'), readdirSync(folder)]).toEqual(['before', ['file.csv']]);
  });

  it('is replaced behind a link, and the link stays', async () => {
    writeFileSync(file, 'before');
    symlinkSync(file, join(folder, 'link.csv'));
    await writeFileWhole(join(folder, 'link.csv'), whole());
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(join(folder, 'link.csv')).size).toBe(8);
  });

  it.each([
    ['a missing folder', join(folder, 'none', 'file.csv'), 'its folder does not exist'],
    ['a folder', folder, 'it is a folder'],
  ])('cannot be %s', async (_, path, words) => {
    await expect(writeFileWhole(path, whole())).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(words),
    });
  });

  it('can be a device, which is not replaced', async () => {
    await writeFileWhole('/dev/null', whole());
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});
