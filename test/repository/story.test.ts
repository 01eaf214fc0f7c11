import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { flavorNames } from '../../sandbox/index.ts';

const steps = [
  'assign: the identity provider creates the user',
  'role change: it takes effect at once',
  'manual change: it holds',
  'login: it overwrites the manual change',
  'manual removal: the user has no access',
  'login: it brings the user back',
  'deprovision: access ends',
  'login: it is refused',
  'token refresh: the next sync fails, and says what to do',
  'the new token: the connector finds the user as the identity provider left them',
  'every action of the connector works on the result',
];

it.each([...flavorNames])('the whole story, with %s as identity provider', async (flavor) => {
  const script = new URL('../../examples/story.ts', import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [script, flavor]);
  expect(stdout.split('\n').filter((line) => line.startsWith('ok  '))).toEqual(
    steps.map((step) => `ok  ${step}`),
  );
  const log = stdout.slice(stdout.indexOf('The first events'));
  for (const source of ['scim_auto_sync', 'manual', 'saml_auto_sync'])
    expect(log).toContain(`source:${source}`);
});
