// What CI runs after `npm ci`: the checks, then the tests. Its last line counts both.

import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const checks = spawnSync('npm', ['run', '--silent', 'check'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  encoding: 'utf8',
});
process.stdout.write(checks.stdout);
const [, checksPassed = '0', checksFailed = '1'] =
  /^checks: (\d+) passed, (\d+) failed$/m.exec(checks.stdout) ?? [];

const report = join(tmpdir(), `rolecall-tests-${process.pid}.json`);
const tests = spawnSync(
  'npm',
  ['test', '--silent', '--', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
const { numPassedTests, numFailedTests } = readReport();

// A run that broke off outside any test counts as one failure, so that it cannot pass for a good one.
const broke = tests.status !== 0 && numFailedTests === 0 ? 1 : 0;
const passed = Number(checksPassed) + numPassedTests;
const failed = Number(checksFailed) + numFailedTests + broke;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && checks.status === 0 && numPassedTests > 0 ? 0 : 1;

function readReport(): { numPassedTests: number; numFailedTests: number } {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1 };
  } finally {
    rmSync(report, { force: true });
  }
}
