import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { createConnector } from '../../../runtime/index.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import { cliMain } from '../../support/run-cli.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A device of Linux that is as full as a disk can be. */
const full = '/dev/full';

it.skipIf(!existsSync(full))('says that standard output cannot be written, and fails', async () => {
  for (const args of [['actions'], ['describe', 'create_user', '--json']]) {
    const out = openSync(full, 'w');
    const child = spawn(process.execPath, [cliMain, ...args], { stdio: ['ignore', out, 'pipe'] });
    const [err, [code]] = await Promise.all([text(child.stderr ?? Readable.from([])), once(child, 'exit')]);
    closeSync(out);
    expect({ code, err }).toEqual({
      code: 1,
      err: 'The output cannot be written: the disk is full. Its end is missing.\n',
    });
  }
});

/** Runs a command where a folder is on a small disk of its own, which nothing else sees. */
const withSmallDisk = (folder: string, command: readonly string[]): readonly string[] => [
  '--mount',
  'sh',
  '-c',
  'mount -t tmpfs -o size=64k tmpfs "$0" && exec "$@"',
  folder,
  ...command,
];
const canMount = (): boolean => {
  using folder = temporaryFolder();
  return spawnSync('unshare', withSmallDisk(folder.file('.'), ['true'])).status === 0;
};

it.skipIf(!canMount())('says what was done if the disk of the journal is full, and fails', async () => {
  using folder = temporaryFolder();
  const sandbox = await startSandbox();
  const { scimBaseUrl: baseUrl, token } = sandbox;
  await using connector = createConnector({ baseUrl, token });
  const users = Array.from({ length: 300 }, (_, index) => ({ userName: `user${index}@example.com` }));
  const plan = await connector.plan({ users });
  writeFileSync(folder.file('plan.json'), JSON.stringify(plan));
  mkdirSync(folder.file('disk'));
  const journal = folder.file('disk/people.journal');
  const apply = [process.execPath, cliMain, 'apply', folder.file('plan.json'), '--journal', journal];
  const child = spawn('unshare', withSmallDisk(folder.file('disk'), apply), {
    env: { ...process.env, NO_COLOR: '1', SCIM_BASE_URL: baseUrl, SCIM_TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  await sandbox.close();
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('the disk is full') });
  expect(err).toContain('run the same command again: it goes on where it stopped');
  const [, changed = 0, stopped = 0] = /^(?:(\d+) changed, )?(\d+) stopped\.$/m.exec(out) ?? [];
  expect(Number(changed) + Number(stopped)).toBe(users.length);
});
