import { statSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LossLog } from '../../../cli/loss-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const hour = 3_600_000;
const now = Date.parse('2026-11-26T12:00:00Z');

it('adds up the losses of the past day, and forgets older ones', () => {
  using folder = temporaryFolder();
  const file = folder.file('losses.json');
  const log = new LossLog(file);
  expect(log.inPastDay(now)).toEqual({ users: 0, roles: 0, members: 0, groups: 0 });

  log.add({ users: 3, members: 2 }, now);
  log.add({}, now + hour);
  log.add({ users: 4 }, now + 2 * hour);

  expect(new LossLog(file).inPastDay(now + 2 * hour)).toMatchObject({ users: 7, members: 2 });
  expect(log.inPastDay(now + 25 * hour)).toMatchObject({ users: 4, members: 0 });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it.each(['', '{}', '[1]', '[{"at":"soon"}]'])('refuses a file that is no log of losses: %s', (text) => {
  using folder = temporaryFolder();
  writeFileSync(folder.file('losses.json'), text);

  expect(() => new LossLog(folder.file('losses.json')).inPastDay(now)).toThrow('is not a log of losses');
});
