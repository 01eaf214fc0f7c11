// Runs one test suite: `node scripts/suites/run-suite.ts workato [vitest's arguments]`. It installs the prerequisites;
// if that fails, the suite is skipped visibly and writes no report.
import { spawnSync } from 'node:child_process';
import { MissingPrerequisite } from './missing-prerequisite.ts';
import { type SuiteName, suites } from './suites.ts';

const [name = '', ...args] = process.argv.slice(2);
if (!isSuiteName(name))
  throw new Error(`Unknown suite "${name}". Choose one of ${Object.keys(suites).join(', ')}.`);
process.exitCode = runSuite(name);

function runSuite(suite: SuiteName): number {
  const { command, prepare } = suites[suite];
  try {
    prepare();
  } catch (error) {
    if (!(error instanceof MissingPrerequisite)) throw error;
    console.log(`Skipped: the ${suite} suite. ${error.message} Then run: ${command}`);
    return 0;
  }
  const { status } = spawnSync('vitest', ['run', '--project', suite, ...args], { stdio: 'inherit' });
  if (suite === 'node' && args.length === 0) listOtherSuites();
  return status ?? 1;
}

function listOtherSuites(): void {
  console.log('Skipped here, because they need more than Node:');
  for (const { command, needs } of Object.values(suites).filter((suite) => suite !== suites.node))
    console.log(`  ${command.padEnd(20)}  ${needs}`);
}

function isSuiteName(text: string): text is SuiteName {
  return Object.hasOwn(suites, text);
}
