import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { cliMain } from '../../support/run-cli.ts';

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
