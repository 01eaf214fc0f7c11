import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** The stub of Workato's SDK is the judge of all other tests here: its own rules are specs in Ruby. */
it('follows the rules of the SDK in the stub', () => {
  const { status, stdout, stderr } = spawnSync('rspec', ['rules_spec.rb'], {
    cwd: new URL('sdk', import.meta.url).pathname,
    encoding: 'utf8',
    env: { ...process.env, LANG: 'C.UTF-8', TZ: 'UTC' },
  });
  expect({ status, stdout, stderr }).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/\d{2,} examples, 0 failures/),
  });
});
