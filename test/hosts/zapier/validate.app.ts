import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import acme from '../../../examples/overlays/acme.json' with { type: 'json' };
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openZapier, type ZapierRuntime } from './support/open-zapier.ts';

describe.each([
  ['the app', []],
  ['the app with an overlay', [acme]],
])('%s', (_, overlays) => {
  const folder = temporaryFolder();
  let zapier: ZapierRuntime;

  beforeAll(async () => {
    zapier = await openZapier(folder.path, overlays);
  });
  afterAll(() => folder[Symbol.dispose]());

  it("passes the validation of Zapier's command line", () => {
    const command = join(zapier.packages, 'zapier-platform-cli/src/bin/run');
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'validate', '--without-style'], {
      cwd: zapier.folder,
      encoding: 'utf8',
      // Otherwise, the command asks whether it may send statistics.
      env: { ...process.env, CI: 'true', DISABLE_ZAPIER_ANALYTICS: '1' },
    });

    expect(stdout + stderr).toContain('No structural errors found');
    expect(status).toBe(0);
  });
});
