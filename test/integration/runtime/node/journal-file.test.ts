import { appendFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
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
