import { watch, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connector, createConnector, type ProvisioningEvent } from '../../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../../sandbox/index.ts';
import type { Fault } from '../../../support/fault.ts';
import { killAll } from '../../../support/kill-harness.ts';
import { seededRandom } from '../../../support/random-changes.ts';
import { startFaultProxy } from '../../../support/start-fault-proxy.ts';
import { startWebhookReceiver } from '../../../support/start-webhook-receiver.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { type RelentlessSender, startRelentlessSender } from './relentless-sender.ts';
import { openTail, type RunningWatcher, type Step, startWatcher } from './watcher-process.ts';

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
    start: (...options) => startWatcher(main, ['provisioning_event', ...common, ...options], env, file),
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
export function drawFault(random: () => number): Fault | undefined {
  const draw = random();
  if (draw < 0.01) return { kind: 'reset', acts: false };
  if (draw < 0.02) return { kind: 'reset', acts: true };
  if (draw < 0.03) return { kind: 'cut', how: 'length', acts: true };
  if (draw < 0.04) return { kind: 'answer', status: 503, acts: false };
  return undefined;
}
