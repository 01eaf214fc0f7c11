import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connector, createConnector, type ProvisioningEvent } from '../../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../../sandbox/index.ts';
import type { Fault } from '../../../support/fault.ts';
import { kill, killAll, trackProcess } from '../../../support/kill-harness.ts';
import { type LineReader, readLines } from '../../../support/line-reader.ts';
import { seededRandom } from '../../../support/random-changes.ts';
import { startFaultProxy } from '../../../support/start-fault-proxy.ts';
import { startWebhookReceiver } from '../../../support/start-webhook-receiver.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { type RelentlessSender, startRelentlessSender } from './relentless-sender.ts';

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

/** A workspace, the watcher's program, and all that stands between the two and makes things worse. */
export interface CrashBench {
  readonly sandbox: Sandbox;
  /** Goes past all faults. */
  readonly connector: Connector;
  readonly sender: RelentlessSender;
  /** Is called when the watcher does something that shows outside. */
  onStep: (step: Step) => void;
  /** Starts the watcher of every event, with what is common to all its lives, and these options. */
  start(...options: readonly string[]): RunningWatcher;
  /** The options for what is pushed, for what is fetched, and for posting instead of printing. */
  readonly pushed: readonly string[];
  readonly fetched: readonly string[];
  readonly posting: readonly string[];
  /** From now on, nothing goes wrong between the watcher and the provider, or again what did before. */
  setFaulty(isFaulty: boolean): void;
  /** Everything that was given so far, repeats included, in its order. To be called between two lives of the watcher. */
  given(): readonly ProvisioningEvent[];
  /** How many lines a kill has torn. */
  torn(): number;
  /** Resolves when each stream of the workspace has nothing left that was not acknowledged. */
  untilAcknowledged(): Promise<void>;
  close(): Promise<void>;
}

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** Opens a bench. @param main the built command line. */
export async function openCrashBench(main: string, seed: number): Promise<CrashBench> {
  const folder = temporaryFolder();
  const file = folder.file('events.jsonl');
  const sender = await startRelentlessSender(seededRandom(seed));
  const sandbox = await startSandbox({
    eventPolling: true,
    eventPushUrl: `${sender.origin}/security_event_token`,
  });
  const connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  const faults = seededRandom(seed + 1);
  let isFaulty = true;
  const proxy = await startFaultProxy({
    upstream: sandbox.origin,
    plan: () => (isFaulty ? drawFault(faults) : undefined),
    now: Date.now,
  });
  const posted: ProvisioningEvent[] = [];
  const answers = seededRandom(seed + 2);
  const receiver = await startWebhookReceiver(({ body }) => {
    posted.push(JSON.parse(body));
    bench.onStep('posted');
    // Taken, but the response gets lost: it is posted again.
    return answers() < 0.05 ? 'drop' : { status: 200 };
  });

  const viaProxy = (url: string): string => url.replace(sandbox.origin, proxy.origin);
  const sourceOptions = (type: string): readonly string[] => [
    '--source',
    type,
    ...Object.entries({
      issuer: sandbox.eventsIssuer,
      audience: sandbox.eventsAudience,
      // Past the faults: keys that could not be fetched are not asked for again for a while, longer than a life is here.
      jwksUrl: sandbox.jwksUrl,
    }).flatMap(([key, value]) => ['--source-set', `${type}.${key}=${value}`]),
  ];
  const common = [
    ...['--base-url', viaProxy(sandbox.scimBaseUrl), '--token-env', 'SCIM_TOKEN'],
    ...['--state', folder.file('watch.state'), '--input', '{"massChangeLimit":1000}'],
  ];
  const env = {
    ...process.env,
    SCIM_TOKEN: sandbox.token,
    EVENT_POLL_TOKEN: sandbox.eventPollToken,
    HOOK_SECRET: secret,
  };

  sender.onStep = (step) => bench.onStep(step);
  writeFileSync(file, '');
  const printing = watch(file, () => bench.onStep('printed'));
  const tail = openTail(file);
  const given: ProvisioningEvent[] = [];
  let torn = 0;

  const bench: CrashBench = {
    sandbox,
    connector,
    sender,
    onStep: () => undefined,
    start(...options) {
      // Standard output is a file, as under a supervisor, that every life of the watcher goes on with.
      const out = openSync(file, 'a');
      const args = ['watch', 'provisioning_event', ...common, ...options];
      const child = trackProcess(
        spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', out, 'pipe'] }),
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
    },
    pushed: [...sourceOptions('security_event_token'), '--listen', '0'],
    fetched: [
      ...sourceOptions('security_event_poll'),
      ...['--source-set', `security_event_poll.pollUrl=${viaProxy(sandbox.eventPollUrl)}`],
      ...['--source-secret-env', 'security_event_poll.pollToken=EVENT_POLL_TOKEN'],
    ],
    posting: ['--to', receiver.url, '--to-secret-env', 'HOOK_SECRET'],
    setFaulty(are) {
      isFaulty = are;
    },
    given() {
      const printed = tail();
      torn += printed.torn;
      // In one life they all go the one way, or all the other.
      given.push(...printed.events, ...posted.splice(0));
      return given;
    },
    torn: () => torn,
    async untilAcknowledged() {
      for (;;) {
        const headers = { authorization: `Bearer ${sandbox.adminToken}` };
        const answer = await fetch(`${sandbox.adminUrl}/event-streams`, { headers });
        const { push, poll } = (await answer.json()) as Record<'push' | 'poll', { pending: number }>;
        if (push.pending === 0 && poll.pending === 0) return;
        await sleep(10);
      }
    },
    async close() {
      printing.close();
      await killAll();
      connector.close();
      await sender.close();
      await receiver.close();
      await proxy.close();
      await sandbox.close();
      folder[Symbol.dispose]();
    },
  };
  return bench;
}

/** What goes wrong between the watcher and the provider, now and then. */
function drawFault(random: () => number): Fault | undefined {
  const draw = random();
  if (draw < 0.01) return { kind: 'reset', acts: false };
  if (draw < 0.02) return { kind: 'reset', acts: true };
  if (draw < 0.03) return { kind: 'cut', how: 'length', acts: true };
  if (draw < 0.04) return { kind: 'answer', status: 503, acts: false };
  return undefined;
}

/** Reads what is printed to a file, more of it each time; a line that has no end yet waits for the next time. */
function openTail(file: string): () => {
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
