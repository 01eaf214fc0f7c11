// Encrypts a state in a process of its own, to be killed: FILE NEW_KEY [STEP]. A step is a statement that changes
// something, counted from 1, and the process dies before it. The last step is everything after the rename. Prints the
// number of steps if it lives.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { encryptStateFile } from '../../runtime/node/open-watch-store.ts';

const [file = '', newKey = '', lastStep] = process.argv.slice(2);
let steps = 0;

function countStep(): void {
  steps += 1;
  if (steps !== Number(lastStep)) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal comes while this waits.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
}

const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  countStep();
  exec.call(this, sql);
};
const { run } = StatementSync.prototype;
StatementSync.prototype.run = function (this: StatementSync, ...values: Parameters<typeof run>) {
  countStep();
  return run.apply(this, values);
} as typeof run;
const { renameSync } = fs;
fs.renameSync = (from, to) => {
  renameSync(from, to);
  countStep();
};
syncBuiltinESMExports();

await encryptStateFile(file, newKey);
process.stdout.write(`${steps}\n`);
