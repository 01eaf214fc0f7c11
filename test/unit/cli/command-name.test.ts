import { expect, it } from 'vitest';
import { commandName } from '../../../cli/command-name.ts';

const inCheckout = '/home/ada/rolecall/cli/main.ts';

it.each([
  ['an npm script in a checkout', inCheckout, { npm_lifecycle_event: 'rolecall' }, 'npm run -s rolecall --'],
  ['node in a checkout', inCheckout, {}, 'node cli/main.ts'],
  [
    'npx, from its cache',
    '/home/ada/.npm/_npx/0f1/node_modules/.bin/rolecall',
    { npm_lifecycle_event: 'npx' },
    'npx rolecall',
  ],
  [
    'a script named rolecall in another project',
    '/home/ada/flows/node_modules/.bin/rolecall',
    { npm_lifecycle_event: 'rolecall' },
    'npx rolecall',
  ],
  ['a global install', '/usr/local/bin/rolecall', {}, 'rolecall'],
])('names the command that was run by %s', (_, script, env, expected) => {
  expect(commandName({ script, cwd: '/home/ada/rolecall', env })).toBe(expected);
});
