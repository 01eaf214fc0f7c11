import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { whyUnreadable } from '../../../../runtime/node/why-unreadable.ts';

const folder = mkdtempSync(join(tmpdir(), 'rolecall-unreadable-'));
const file = join(folder, 'file');
writeFileSync(file, 'content');

afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['a missing file', join(folder, 'none'), 'there is no such file'],
  ['a folder', folder, 'it is a folder'],
  ['a path through a file', join(file, 'below'), 'a part of its path is not a folder'],
])('says why %s cannot be read', (_, path, reason) => {
  let caught: unknown;
  try {
    readFileSync(path);
  } catch (error) {
    caught = error;
  }
  expect(whyUnreadable(caught)).toBe(reason);
});

it('says why a file without permission cannot be read, and repeats any other reason', () => {
  expect(whyUnreadable(Object.assign(new Error('EACCES: open'), { code: 'EACCES' }))).toBe(
    'permission denied',
  );
  expect(whyUnreadable(new Error('The disk is gone'))).toBe('The disk is gone');
  expect(whyUnreadable('odd')).toBe('odd');
});
