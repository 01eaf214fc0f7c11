import { watch, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connector, createConnector, type ProvisioningEvent } from '../../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../../sandbox/index.ts';
import { killAll } from '../../../support/kill-harness.ts';
import { seededRandom } from '../../../support/random-changes.ts';
import { startFaultProxy } from '../../../support/start-fault-proxy.ts';
import { type Answer, startWebhookReceiver } from '../../../support/start-webhook-receiver.ts';
import { stateKey } from '../../../support/state-fixtures.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { drawFault } from './open-crash-bench.ts';
import { type RelentlessSender, startRelentlessSender } from './relentless-sender.ts';
import { openTail, type RunningWatcher, type Step, startWatcher } from './watcher-process.ts';

/** An event as a sink has got it. */
export interface Delivered {
  /** The name of its trigger. Undefined in a line, which does not have it. */
  readonly trigger: string | undefined;
  readonly event: ProvisioningEvent;
}

/** A provider behind a proxy that makes things worse. */
export interface Provider {
  readonly sandbox: Sandbox;
  /** Goes past all faults. */
  readonly connector: Connector;
}

/** The sinks of the watcher. */
export const sinkNames = ['lines', 'hook', 'flaky'] as const;
export type SinkName = (typeof sinkNames)[number];

/** The triggers of each provider. The first one emits every event. */
export const triggersOf = {
  one: ['provisioning_event', 'user_deprovisioned', 'user_role_changed'],
  two: ['provisioning_event', 'user_updated'],
} as const;

/**
 * Two providers, one watcher with several triggers, sources, and sinks in one state, and all that stands between them.
 *
 * Provider one pushes its events, and has them to fetch as security event tokens; provider two has an activity log.
 */
export interface FleetBench {
  readonly one: Provider;
  readonly two: Provider;
  readonly sender: RelentlessSender;
  /** Is called when the watcher does something that shows outside. */
  onStep: (step: Step) => void;
  /** Starts the watcher with some of its sources, and more options. */
  start(
    sources: { readonly pushed: boolean; readonly fetched: boolean },
    ...options: string[]
  ): RunningWatcher;
  /** From now on, nothing goes wrong with the providers and the sinks, or again what did before. */
  setFaulty(isFaulty: boolean): void;
  /** Everything that a sink has got so far, repeats included, in its order. */
  delivered(sink: SinkName): readonly Delivered[];
  /** How many deliveries the flaky sink has rejected. */
  rejected(): number;
  /** Resolves when each stream of provider one has nothing left that was not acknowledged. */
  untilAcknowledged(): Promise<void>;
  close(): Promise<void>;
}

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** Opens a bench. @param main the built command line */
export async function openFleetBench(main: string, seed: number): Promise<FleetBench> {
  const folder = temporaryFolder();
  const printed = folder.file('events.jsonl');
  const sender = await startRelentlessSender(seededRandom(seed));
  const one = await startSandbox({
    eventPolling: true,
    eventPushUrl: `${sender.origin}/one/security_event_token`,
  });
  const two = await startSandbox({ limits: { apiRequestsPerMinute: null } });
  const faults = seededRandom(seed + 1);
  let isFaulty = true;
  const openProxy = ({ origin }: Sandbox) =>
    startFaultProxy({
      upstream: origin,
      plan: () => (isFaulty ? drawFault(faults) : undefined),
      now: Date.now,
    });
  const [proxyOne, proxyTwo] = [await openProxy(one), await openProxy(two)];

  const posted: Record<'hook' | 'flaky', Delivered[]> = { hook: [], flaky: [] };
  const answers = seededRandom(seed + 2);
  let rejected = 0;
  const openReceiver = (name: 'hook' | 'flaky', answer: (draw: number) => Answer) =>
    startWebhookReceiver(({ headers, body }) => {
      bench.onStep('posted');
      const how = isFaulty ? answer(answers()) : taken;
      // After a lost response, the receiver has the event, too.
      if (how === 'drop' || (how !== 'hang' && how.status < 300))
        posted[name].push({ trigger: String(headers['rolecall-trigger']), event: JSON.parse(body) });
      else rejected += 1;
      return how;
    });
  const receivers = {
    hook: await openReceiver('hook', (draw) => (draw < 0.05 ? 'drop' : taken)),
    flaky: await openReceiver('flaky', answerAtTimes),
  };

  const common = { massChangeLimit: 1000 };
  const configOf = ({ pushed, fetched }: { pushed: boolean; fetched: boolean }) => {
    const issuer = {
      issuer: one.eventsIssuer,
      audience: one.eventsAudience,
      // Past the faults: keys that could not be fetched are not asked for again for a while, longer than a life is here.
      jwksUrl: one.jwksUrl,
    };
    const push = { type: 'security_event_token', settings: issuer };
    const poll = {
      type: 'security_event_poll',
      settings: { ...issuer, pollUrl: one.eventPollUrl.replace(one.origin, proxyOne.origin) },
      secretsEnv: { pollToken: 'EVENT_POLL_TOKEN' },
    };
    const log = {
      type: 'workato_activity_log',
      settings: {
        apiUrl: two.apiUrl.replace(two.origin, proxyTwo.origin),
        startAt: '2020-01-01T00:00:00Z',
      },
      secretsEnv: { apiToken: 'API_TOKEN' },
    };
    const connectionOf = (
      name: keyof typeof triggersOf,
      { scimBaseUrl, origin }: Sandbox,
      proxy: string,
      sources: readonly object[],
    ) => ({
      baseUrl: scimBaseUrl.replace(origin, proxy),
      auth: { type: 'bearer', tokenEnv: `TOKEN_${name.toUpperCase()}` },
      triggers: triggersOf[name].map((key) => ({ key, input: common })),
      ...(sources.length > 0 && { sources }),
    });
    return {
      state: 'watch.state',
      every: '20ms',
      connections: {
        one: connectionOf('one', one, proxyOne.origin, [
          ...(pushed ? [push] : []),
          ...(fetched ? [poll] : []),
        ]),
        two: connectionOf('two', two, proxyTwo.origin, fetched ? [log] : []),
      },
      ...(pushed && { listen: { port: 0 } }),
      sinks: {
        lines: { type: 'stdout' },
        hook: { type: 'webhook', url: receivers.hook.url, secretEnv: 'HOOK_SECRET' },
        flaky: { type: 'webhook', url: receivers.flaky.url, secretEnv: 'HOOK_SECRET', timeoutInMs: 200 },
      },
    };
  };
  const env = {
    ...process.env,
    TOKEN_ONE: one.token,
    TOKEN_TWO: two.token,
    EVENT_POLL_TOKEN: one.eventPollToken,
    API_TOKEN: two.adminToken,
    HOOK_SECRET: secret,
    // Every second case of a run has an encrypted state.
    ...(Math.floor(seed / 1000) % 2 === 1 && { ROLECALL_STATE_KEY: stateKey }),
  };

  sender.onStep = (step) => bench.onStep(step);
  writeFileSync(printed, '');
  const printing = watch(printed, () => bench.onStep('printed'));
  const tail = openTail(printed);
  const lines: Delivered[] = [];
  const connectors = [one, two].map(({ scimBaseUrl: baseUrl, token }) => createConnector({ baseUrl, token }));

  const bench: FleetBench = {
    one: { sandbox: one, connector: connectors[0] as Connector },
    two: { sandbox: two, connector: connectors[1] as Connector },
    sender,
    onStep: () => undefined,
    start(sources, ...options) {
      const config = folder.file('watch.json');
      writeFileSync(config, JSON.stringify(configOf(sources)));
      return startWatcher(main, ['--config', config, ...options], env, printed);
    },
    setFaulty(are) {
      isFaulty = are;
    },
    delivered(sink) {
      if (sink !== 'lines') return posted[sink];
      lines.push(...tail().events.map((event) => ({ trigger: undefined, event })));
      return lines;
    },
    rejected: () => rejected,
    async untilAcknowledged() {
      for (;;) {
        const headers = { authorization: `Bearer ${one.adminToken}` };
        const answer = await fetch(`${one.adminUrl}/event-streams`, { headers });
        const { push, poll } = (await answer.json()) as Record<'push' | 'poll', { pending: number }>;
        if (push.pending === 0 && poll.pending === 0) return;
        await sleep(10);
      }
    },
    async close() {
      printing.close();
      await killAll();
      for (const connector of connectors) connector.close();
      await sender.close();
      for (const { close } of [receivers.hook, receivers.flaky, proxyOne, proxyTwo, one, two]) await close();
      folder[Symbol.dispose]();
    },
  };
  return bench;
}

const taken: Answer = { status: 200 };

/** What a receiver answers that fails at times: for itself, for one event, or after it has taken the event. */
function answerAtTimes(draw: number): Answer {
  if (draw < 0.05) return { status: 500 };
  if (draw < 0.08) return { status: 503, headers: { 'retry-after': '0' } };
  if (draw < 0.12) return { status: 422 };
  if (draw < 0.14) return { status: 404 };
  if (draw < 0.16) return { status: 429 };
  if (draw < 0.17) return 'hang';
  if (draw < 0.22) return 'drop';
  return taken;
}
