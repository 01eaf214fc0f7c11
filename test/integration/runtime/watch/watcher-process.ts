import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProvisioningEvent } from '../../../../runtime/index.ts';
import { kill, trackProcess } from '../../../support/kill-harness.ts';
import { type LineReader, readLines } from '../../../support/line-reader.ts';

/** A watcher that runs. */
export interface RunningWatcher {
  readonly log: LineReader;
  /** Resolves when it has ended, with its exit code, or null when it was killed. */
  readonly over: Promise<number | null>;
  /** The address that it listens at; undefined when it has ended before. */
  readonly listening: Promise<string | undefined>;
  /** Asks it to end. */
  stop(): void;
  /** Kills as `kill -9` does, and resolves when it is dead. @throws Error when it had ended by itself */
  kill(): Promise<void>;
}

/** What a watcher does that shows outside: it is sent a push, acknowledges it, posts an event, or prints some. */
export type Step = 'sent' | 'acknowledged' | 'posted' | 'printed';

/**
 * Starts a watcher.
 *
 * @param main the built command line
 * @param file standard output: a file that every life of the watcher goes on with, as under a supervisor
 */
export function startWatcher(
  main: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  file: string,
): RunningWatcher {
  const out = openSync(file, 'a');
  const child = trackProcess(
    spawn(process.execPath, [main, 'watch', ...args], { env, stdio: ['ignore', out, 'pipe'] }),
  );
  closeSync(out);
  const over = once(child, 'exit').then(([code]) => code as number | null);
  if (child.stderr === null) throw new Error('The watcher has no standard error');
  const log = readLines(child.stderr);
  const listening = log.find('Listening at').then(
    (line) => new URL(/http[^\s"]+/.exec(line)?.[0] ?? '').origin,
    () => undefined,
  );
  return {
    log,
    over,
    listening,
    stop: () => void child.kill('SIGTERM'),
    async kill() {
      if (child.exitCode !== null)
        throw new Error(`The watcher ended with ${child.exitCode}:\n${log.lines.join('\n')}`);
      await kill(child);
    },
  };
}

/** A life ends in the end, though nothing of what it was to end at comes: this long after the watcher is ready. */
const longestLifeInMs = 700;

/**
 * Kills a watcher before it is ready, a little later, or at its nth step of one kind.
 *
 * @param ready - resolves when the watcher is ready
 * @param kinds - the steps to choose from
 * @param listenTo - receives what to call at each step
 */
export async function killAtRandom(
  random: () => number,
  { over, kill: killNow }: RunningWatcher,
  ready: Promise<unknown>,
  kinds: readonly Step[],
  listenTo: (onStep: (step: Step) => void) => void,
): Promise<void> {
  const when = random();
  if (when < 0.15) {
    await sleep(random() * 400);
  } else if (when < 0.3) {
    await Promise.race([ready, over]);
    await sleep(random() * 100);
  } else {
    // When it has something in its hands: at the step, or just after it.
    const kind = kinds[Math.floor(random() * kinds.length)];
    const moment = Promise.withResolvers<void>();
    let left = 1 + Math.floor(random() * 2);
    listenTo((step) => {
      if (step === kind) left -= 1;
      if (left === 0) moment.resolve();
    });
    await Promise.race([moment.promise, ready.then(() => sleep(longestLifeInMs)), over]);
    if (random() < 0.5) await sleep(random() * 10);
  }
  await killNow();
  listenTo(() => undefined);
}

/** Reads what is printed to a file, more of it each time; a line that has no end yet waits for the next time. */
export function openTail(file: string): () => {
  readonly events: readonly ProvisioningEvent[];
  readonly torn: number;
} {
  let read = 0;
  return () => {
    const bytes = readFileSync(file).subarray(read);
    const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
    read += whole.length;
    const events: ProvisioningEvent[] = [];
    let torn = 0;
    for (const line of whole.toString().split('\n').slice(0, -1)) {
      try {
        events.push(JSON.parse(line));
      } catch {
        // A kill has torn it: its event is repeated, on a line of its own.
        torn += 1;
      }
    }
    return { events, torn };
  };
}
