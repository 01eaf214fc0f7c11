// Opens a state in a process of its own, to be killed: FILE [STEP [STATEMENTS]]. Prints what came of it as a line of JSON.
import { DatabaseSync } from 'node:sqlite';
import { openWatchStore } from '../../runtime/node/open-watch-store.ts';
import { sampleEvent } from '../support/sample-event.ts';

const [file = '', step, statements] = process.argv.slice(2);

/** Pages that kill the process when the second is to be written, in the middle of the transaction. */
class DeadlyPages extends Map<string, string | null> {
  override *[Symbol.iterator](): MapIterator<[string, string | null]> {
    yield ['a', 'two'];
    die();
    return undefined;
  }
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
  // The signal comes while this waits.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
}

if (step === 'die-inside-open') {
  const exec = DatabaseSync.prototype.exec;
  let left = Number(statements);
  DatabaseSync.prototype.exec = function (sql) {
    if (left === 0) die();
    left -= 1;
    exec.call(this, sql);
  };
}

try {
  const store = await openWatchStore(file);
  if (step === 'die-inside-append') {
    await store.append({ origin: 'poll', cursor: 2, pages: new DeadlyPages(), events: [sampleEvent('two')] });
  }
  process.stdout.write(`${JSON.stringify({ opened: true })}\n`);
  process.stdin.resume().once('end', () => store.close());
} catch (error) {
  process.stdout.write(`${JSON.stringify(error)}\n`);
}
