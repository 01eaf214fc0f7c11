// What CI runs after `npm ci`: the checks, the tests, and the tests in the real n8n engine. Its last line counts them all.

import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

const counts = [runChecks(), runTests('test'), runTests('test:n8n')];
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function runChecks(): Count {
  const { stdout, status } = spawnSync('npm', ['run', '--silent', 'check'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  process.stdout.write(stdout);
  const [, passed = '0', failed = '0'] = /^checks: (\d+) passed, (\d+) failed$/m.exec(stdout) ?? [];
  return orBroken({ passed: Number(passed), failed: Number(failed) }, status);
}

function runTests(script: string): Count {
  const report = join(tmpdir(), `rolecall-${script.replace(':', '-')}-${process.pid}.json`);
  const { status } = spawnSync(
    'npm',
    ['run', '--silent', script, '--', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  return orBroken(readReport(report), status);
}

/** A run that broke off outside any test, or had none, counts as one failure, so that it cannot pass for a good one. */
function orBroken({ passed, failed }: Count, status: number | null): Count {
  const isBroken = failed === 0 && (status !== 0 || passed === 0);
  return isBroken ? { passed, failed: 1 } : { passed, failed };
}

function readReport(path: string): Count {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(path, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests };
  } catch {
    return { passed: 0, failed: 1 };
  } finally {
    rmSync(path, { force: true });
  }
}
