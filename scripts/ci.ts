// What CI runs after `npm ci`: the checks, then every test suite. Its last line counts them all.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed: the test's file and full title, and the first lines of why. */
  readonly failures?: readonly string[];
}

/** A reader of only the end of the log must learn why, too. */
const mostLinesOfReason = 12;

const steps = {
  check: runChecks,
  test: () => runTests('test'),
  'test:workato': () => runTests('test:workato'),
  'test:servers': () => runTests('test:servers'),
  'test:mcp': () => runTests('test:mcp'),
  'test:zapier': () => runTests('test:zapier'),
  'test:activepieces': () => runTests('test:activepieces'),
  'test:soak': () => runTests('test:soak'),
  'test:n8n': () => runTests('test:n8n'),
};

const counts = Object.entries(steps).map(([name, run]) => {
  const startedAtInMs = Date.now();
  const count = run();
  return { name, ...count, tookInSeconds: Math.round((Date.now() - startedAtInMs) / 1000) };
});
for (const failure of counts.flatMap(({ failures = [] }) => failures)) console.log(`failed: ${failure}`);
for (const { name, tookInSeconds, ...count } of counts)
  console.log(`${name.padEnd(14)} ${format(count)}, in ${tookInSeconds} s`);
const total = { passed: sumOf('passed'), failed: sumOf('failed'), skipped: sumOf('skipped') };
console.log(format(total));
process.exitCode = total.failed === 0 ? 0 : 1;

function sumOf(key: 'passed' | 'failed' | 'skipped'): number {
  return counts.reduce((sum, count) => sum + count[key], 0);
}

function format({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`;
}

function runChecks(): Count {
  const { stdout, status } = spawnSync('npm', ['run', '--silent', 'check'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  process.stdout.write(stdout);
  const [, passed = '0', failed = '0'] = /^checks: (\d+) passed, (\d+) failed$/m.exec(stdout) ?? [];
  return orBroken({ passed: Number(passed), failed: Number(failed), skipped: 0 }, status);
}

function runTests(script: string): Count {
  const report = join(tmpdir(), `rolecall-${script.replace(':', '-')}-${process.pid}.json`);
  const { status } = spawnSync(
    'npm',
    ['run', '--silent', script, '--', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  // A suite without its prerequisites says so and writes no report.
  if (status === 0 && !existsSync(report)) return { passed: 0, failed: 0, skipped: 1 };
  return orBroken(readReport(report), status);
}

/** A run that stopped outside any test, or ran none, counts as one failure, so that it cannot pass as a success. */
function orBroken(count: Count, status: number | null): Count {
  const isBroken = count.failed === 0 && (status !== 0 || count.passed === 0);
  return isBroken ? { ...count, failed: 1 } : count;
}

function readReport(path: string): Count {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'));
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests,
      failures: failedTests(report),
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(path, { force: true });
  }
}

interface TestFile {
  readonly name: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly failureMessages: readonly string[];
  }[];
}

function failedTests({ testResults }: { readonly testResults: readonly TestFile[] }): string[] {
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => {
        const reason = stripVTControlCharacters(failureMessages.join('\n')).split('\n');
        const title = `${relative(process.cwd(), name)}: ${fullName}`;
        return [title, ...reason.slice(0, mostLinesOfReason)].join('\n  ');
      }),
  );
}
