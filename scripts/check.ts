// Every check that is no test: `npm run check`. CI runs the same.
import { runStep } from './run-step.ts';

const checks: Readonly<Record<string, () => boolean>> = {
  'format and lint': () => runStep('biome', ['ci', '--error-on-warnings', '.']),
  types: () => runStep('tsc', ['--noEmit', '-p', '.']),
  layers: () => runStep('depcruise', ['--config', '.dependency-cruiser.json', ...folders()]),
  'generated files are fresh': () => runStep('node', ['scripts/check-generated.ts']),
  'the package installs and runs': () => runStep('node', ['scripts/check-package.ts']),
};

const only = process.argv.slice(2);
const results = Object.entries(checks)
  .filter(([name]) => only.length === 0 || only.includes(name))
  .map(([name, run]) => {
    console.log(`\n# ${name}`);
    return { name, ok: run() };
  });
for (const { name, ok } of results) console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}`);
const failed = results.filter(({ ok }) => !ok).length;
console.log(`checks: ${results.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && results.length > 0 ? 0 : 1;

function folders(): readonly string[] {
  return [
    'schemas',
    'scim',
    'connector',
    'actions',
    'triggers',
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
