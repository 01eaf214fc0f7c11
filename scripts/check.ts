// All checks other than the tests: `npm run check`, or `npm run check NAME` for one. CI runs the same.
import { spawnSync } from 'node:child_process';
import { runStep } from './run-step.ts';

/** Returns whether the check passed, or why it was skipped. */
type Check = () => boolean | 'skipped';

const checks: Readonly<Record<string, Check>> = {
  'format and lint': () => runStep('biome', ['ci', '--error-on-warnings', '.']),
  types: () => runStep('tsc', ['--noEmit', '-p', '.']),
  layers: () =>
    runStep('node', [
      '--import=./scripts/visit-using.mjs',
      'node_modules/.bin/depcruise',
      '--config=.dependency-cruiser.json',
      ...folders(),
    ]),
  spelling: () => {
    const isSpelled = runStep('cspell', ['lint', '--no-progress', '--show-suggestions']);
    return runStep('node', ['scripts/check-phrases.ts']) && isSpelled;
  },
  'commit messages': () => {
    const { status } = spawnSync('node', ['scripts/check-commits.ts'], { stdio: 'inherit' });
    return status === 2 ? 'skipped' : status === 0;
  },
  'generated files are fresh': () => runStep('node', ['scripts/check-generated.ts']),
  'public API': () => runStep('node', ['scripts/api/report.ts', '--check']),
  'the package installs and runs': () => runStep('node', ['scripts/check-package.ts']),
};

const only = process.argv.slice(2);
const results = Object.entries(checks)
  .filter(([name]) => only.length === 0 || only.includes(name))
  .map(([name, run]) => {
    console.log(`\n# ${name}`);
    return { name, result: run() };
  });
for (const { name, result } of results)
  console.log(`${result === 'skipped' ? 'skip' : result ? 'ok  ' : 'FAIL'} ${name}`);
const passed = results.filter(({ result }) => result === true).length;
const failed = results.filter(({ result }) => result === false).length;
console.log(`checks: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && results.length > 0 ? 0 : 1;

function folders(): readonly string[] {
  return [
    'schemas',
    'scim',
    'connector',
    'actions',
    'probe',
    'triggers',
    'sync',
    'report',
    'runtime',
    'hosts',
    'cli',
    'sandbox',
    'examples',
    'scripts',
    'bench',
    'test',
  ];
}
