import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { openJournal, readJournalFile } from '../../../../runtime/node/journal-file.ts';
import type { JournalRecord } from '../../../../sync/journal.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const at = '2026-01-01T00:00:00.000Z';
const start: JournalRecord = {
  type: 'start',
  version: 1,
  planId: 'plan-1',
  baseUrl: 'https://scim.example.com',
  source: 'people',
  at,
};
const done = (id: string): JournalRecord => ({ type: 'done', id, at });

describe('a journal file', () => {
  it('has every record that was appended, in order, and only its owner can read it', async () => {
    using folder = temporaryFolder();
    const path = folder.file('people.journal');
    await using journal = await openJournal(path);
    await journal.append([start]);
    const ids = Array.from({ length: 50 }, (_, index) => `row ${index}`);
    await Promise.all(ids.map((id) => journal.append([done(id)])));
    expect(await readJournalFile(path)).toEqual([start, ...ids.map(done)]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  const sending: JournalRecord = {
    type: 'sending',
    id: 'row 1',
    at,
    kind: 'update',
    user: {},
    attributes: [],
  };
  const failed: JournalRecord = { type: 'failed', id: 'row 1', at, outcome: 'failed', message: 'no' };

  it.each<[string, readonly JournalRecord[], boolean]>([
    ['no record', [], false],
    ['only a start', [start], false],
    ['only changes that were rejected', [start, sending, failed], false],
    ['a change that may have been made', [start, sending], true],
    ['a change that was made', [start, sending, done('row 1')], true],
  ])('with %s stays only if there is something to resume or to revert', async (_, records, stays) => {
    using folder = temporaryFolder();
    const path = folder.file('people.journal');
    const journal = await openJournal(path);
    await journal.append(records);
    await journal.close();
    expect(existsSync(path)).toBe(stays);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('stays if it was there before', async () => {
    using folder = temporaryFolder();
    const path = folder.file('people.journal');
    writeFileSync(path, `${JSON.stringify(start)}\n`);
    await using journal = await openJournal(path);
    await journal.close();
    expect(existsSync(path)).toBe(true);
  });

  it('cuts off a record that a crash left unfinished, and goes on after it', async () => {
    using folder = temporaryFolder();
    const path = folder.file('people.journal');
    const first = await openJournal(path);
    await first.append([start, done('row 1')]);
    await first.close();
    appendFileSync(path, '{"type":"done","id":"row 2","a');
    expect(await readJournalFile(path)).toEqual([start, done('row 1')]);
    await using second = await openJournal(path);
    expect(second.records).toEqual([start, done('row 1')]);
    await second.append([done('row 3')]);
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(3);
  });

  it('belongs to one process at a time, and one that was killed does not hold it', async () => {
    using folder = temporaryFolder();
    const path = folder.file('people.journal');
    await using journal = await openJournal(path);
    expect(await failureOf(openJournal(path))).toMatchObject({ code: 'conflict' });
    await journal.close();
    // No process has this number: it is above the limit of every system.
    writeFileSync(`${path}.lock`, '4194999');
    await using again = await openJournal(path);
    expect(again.records).toEqual([]);
  });

  it.each(['not json\n', '{"type":"done","id":"row 1"}\n', '{"type":"other"}\n', 'userName,title'])(
    'is refused, and not changed, if it is something else: %j',
    async (content) => {
      using folder = temporaryFolder();
      const path = folder.file('people.csv');
      writeFileSync(path, content);
      expect(await failureOf(openJournal(path))).toMatchObject({ code: 'invalid_input' });
      expect(readFileSync(path, 'utf8')).toBe(content);
    },
  );

  it('is read after a crash at any byte, with every record that was complete', async () => {
    using folder = temporaryFolder();
    const path = folder.file('people.journal');
    const records = [start, done('row 1'), done('row ü')];
    const lines = records.map((record) => `${JSON.stringify(record)}\n`);
    const bytes = Buffer.from(lines.join(''));
    for (let length = 0; length <= bytes.length; length += 1) {
      writeFileSync(path, bytes.subarray(0, length));
      const ends = lines.map((_, index) => Buffer.byteLength(lines.slice(0, index + 1).join('')));
      const complete = ends.filter((end) => end <= length).length;
      expect(await readJournalFile(path)).toEqual(records.slice(0, complete));
    }
  });

  it.each([
    ['a line that was cut', '{"type":"done","id":"row'],
    ['no JSON', 'row 1 was done'],
    ['another type', `{"type":"other","id":"row 1","at":"${at}"}`],
    ['only a type', '{"type":"sending"}'],
    ['no ID', `{"type":"done","at":"${at}"}`],
    ['an unknown kind', `{"type":"sending","id":"row 1","at":"${at}","kind":"toString","user":{}}`],
    ['no user', `{"type":"sending","id":"row 1","at":"${at}","kind":"update","user":null,"attributes":[]}`],
    ['no group', `{"type":"sending","id":"row 1","at":"${at}","kind":"join","user":{}}`],
    ['no changes', `{"type":"sending","id":"row 1","at":"${at}","kind":"update","user":{},"attributes":7}`],
    ['a change without a path', `{"type":"done","id":"row 1","at":"${at}","after":[{"to":1}]}`],
    ['an unknown outcome', `{"type":"failed","id":"row 1","at":"${at}","outcome":"maybe"}`],
  ])('is refused, with the line, if a record has %s', async (_, line) => {
    using folder = temporaryFolder();
    const path = folder.file('people.journal');
    const content = `${JSON.stringify(start)}\n${line}\n${JSON.stringify(done('row 2'))}\n`;
    writeFileSync(path, content);
    const expected = { code: 'invalid_input', message: expect.stringContaining('is damaged: line 2 is not') };
    expect(await failureOf(readJournalFile(path))).toMatchObject(expected);
    expect(await failureOf(openJournal(path))).toMatchObject(expected);
    expect(readFileSync(path, 'utf8')).toBe(content);
  });

  it('is refused if a later release wrote it', async () => {
    using folder = temporaryFolder();
    const path = folder.file('people.journal');
    writeFileSync(path, `${JSON.stringify({ ...start, version: 2 })}\n`);
    expect((await failureOf(openJournal(path))).message).toContain(
      'has version 2, and this release supports 1',
    );
  });

  it('rejects every record after one that the disk did not take', async () => {
    using folder = temporaryFolder();
    const path = folder.file('people.journal');
    await using journal = await openJournal(path);
    await journal.append([start]);
    await using file = await open(path);
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    const spy = vi.spyOn(Object.getPrototypeOf(file), 'appendFile').mockRejectedValueOnce(full);
    try {
      const failures = await Promise.all(
        ['row 1', 'row 2'].map((id) => failureOf(journal.append([done(id)]))),
      );
      // Those that come later do not wait for a write that never comes.
      for (const id of ['row 3', 'row 4']) failures.push(await failureOf(journal.append([done(id)])));
      for (const { code, message } of failures) {
        expect(code).toBe('invalid_input');
        expect(message).toMatch(
          /people\.journal cannot be written: the disk is full\. .* run the same command again/,
        );
      }
    } finally {
      spy.mockRestore();
    }
    expect(await readJournalFile(path)).toEqual([start]);
  });

  it('says why it cannot be written', async () => {
    using folder = temporaryFolder();
    const inNowhere = await failureOf(openJournal(folder.file('nowhere/people.journal')));
    expect(inNowhere).toMatchObject({ code: 'invalid_input' });
    expect(inNowhere.message).toMatch(/people\.journal cannot be written: its folder does not exist\./);
    mkdirSync(folder.file('people'));
    const asFolder = await failureOf(openJournal(folder.file('people')));
    expect(asFolder.message).toMatch(/people cannot be written: it is a folder\. Pass another path\.$/);
  });
});
