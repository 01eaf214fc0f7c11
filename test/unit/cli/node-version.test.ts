import { expect, it } from 'vitest';
import { nodeProblem } from '../../../cli/node-version.ts';
import packageJson from '../../../package.json' with { type: 'json' };

const [major = '', minor = ''] = packageJson.engines.node.replace('>=', '').split('.');

it.each([`${major}.${minor}.0`, `${major}.${Number(minor) + 1}.0`, `${Number(major) + 1}.0.0`])(
  'accepts Node %s',
  (version) => {
    expect(nodeProblem(version)).toBeUndefined();
  },
);

it.each(['20.20.2', `${major}.${Number(minor) - 1}.9`])('rejects Node %s, and says what to do', (version) => {
  expect(nodeProblem(version)).toBe(
    `This command requires Node ${major}.${minor} or later, and this is Node ${version}. Install a newer Node.`,
  );
});
