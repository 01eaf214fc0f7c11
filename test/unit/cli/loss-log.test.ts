import { statSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LossLog } from '../../../cli/loss-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const hour = 3_600_000;
const now = Date.parse('2026-11-26T12:00:00Z');

it('adds up the losses of the past day, and forgets older ones', async () => {
  using folder = temporaryFolder();
  const file = folder.file('losses.json');
  const log = new LossLog(file);
  expect(log.inPastDay(now)).toEqual({ users: 0, roles: 0, members: 0, groups: 0 });

  await log.begin('one', { c1: { users: 3 }, c2: { members: 2 } }, now);
  await log.end('one', { users: 3, members: 2 }, now);
  await log.begin('two', {}, now + hour);
  await log.end('two', {}, now + hour);
  await log.begin('three', { c1: { users: 4 } }, now + 2 * hour);
  await log.end('three', { users: 4 }, now + 2 * hour);

  expect(new LossLog(file).inPastDay(now + 2 * hour)).toMatchObject({ users: 7, members: 2 });
  expect(log.inPastDay(now + 25 * hour)).toMatchObject({ users: 4, members: 0 });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('counts all losses that a round was about to make until it has ended with fewer', async () => {
  using folder = temporaryFolder();
  const log = new LossLog(folder.file('losses.json'));
  await log.begin('one', { c1: { users: 1 }, c2: { users: 1, roles: 1 } }, now);
  expect(log.inPastDay(now)).toMatchObject({ users: 2, roles: 1 });

  await log.end('one', { users: 1 }, now);
  expect(log.inPastDay(now)).toMatchObject({ users: 1, roles: 0 });
});

it('counts what a killed round may have made, and nothing else of it', async () => {
  using folder = temporaryFolder();
  const file = folder.file('losses.json');
  await new LossLog(file).begin('killed', { c1: { users: 1 }, c2: { users: 1 }, c3: { roles: 1 } }, now);

  const log = new LossLog(file);
  await log.endOthers(async (planId) => new Set(planId === 'killed' ? ['c1'] : []), now + hour);
  expect(log.inPastDay(now + hour)).toMatchObject({ users: 1, roles: 0 });
  // When the losses were made counts, not when the next process found them.
  expect(log.inPastDay(now + 24 * hour)).toMatchObject({ users: 0 });
});

it.each(['', '{}', '[1]', '[{"at":"soon"}]', '[{"at":"2026-11-26","planId":"one"}]'])(
  'refuses a file that is no log of losses: %s',
  (text) => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('losses.json'), text);

    expect(() => new LossLog(folder.file('losses.json')).inPastDay(now)).toThrow('is not a log of losses');
  },
);
