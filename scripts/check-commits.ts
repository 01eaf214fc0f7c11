// Checks the messages of all commits since Conventional Commits were adopted. Exits with 2 if that history is missing.
import { spawnSync } from 'node:child_process';
import { runStep } from './run-step.ts';

/** The last commit before Conventional Commits were adopted. */
const base = 'cac1110d3d43e95b23a5d525cff26fabec0b1452';

const isBaseHere = spawnSync('git', ['merge-base', '--is-ancestor', base, 'HEAD'], { stdio: 'ignore' });
if (isBaseHere.status !== 0) {
  console.log(`Skipped: the history since ${base.slice(0, 7)} is not here. Get it: git fetch --unshallow`);
  process.exitCode = 2;
} else if (!runStep('commitlint', ['--from', base])) process.exitCode = 1;
