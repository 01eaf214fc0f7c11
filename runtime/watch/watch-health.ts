import { isSubscription } from './store-rules.ts';
import type { WatchObservation, WatchObserver } from './watch-observer.ts';

/** Why a watch is not ready. docs/operate.md has a section on each. */
export const unreadyReasons = [
  'watch_starting',
  'first_poll_pending',
  'poll_failing',
  'poll_needs_administrator',
  'poll_held',
  'poll_overdue',
  'push_not_stored',
  'delivery_failing',
] as const;

/** What a person should look at, although the watch works. docs/operate.md has a section on each. */
export const warningReasons = [
  'lanes_blocked',
  'dead_letters',
  'events_held',
  'pushes_refused',
  'subscription_failing',
] as const;

/** One thing that is wrong. */
export interface HealthProblem {
  readonly reason: (typeof unreadyReasons)[number] | (typeof warningReasons)[number];
  /** What is polled or received, the sink, or `watch` for the watch as a whole. */
  readonly origin: string;
  /** What happened, and what to do. */
  readonly message: string;
  /** When it began. */
  readonly since: string;
}

/** Whether polls and deliveries work, and what does not. */
export interface HealthReport {
  /** Whether every poll, every push, and every sink works. */
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly problems: readonly HealthProblem[];
  /** What a person should look at. These do not make it unready. */
  readonly warnings: readonly HealthProblem[];
}

/** The health of a watch, from what is observed. */
export interface WatchHealth {
  readonly observe: WatchObserver;
  report(): HealthReport;
}

/** What health needs to know of a watch. */
export interface HealthOptions {
  now(): number;
  /** The polling interval, in milliseconds. */
  readonly everyInMs: number;
}

/** A poll of a directory of a million users takes less. */
const longestPollInMs = 60 * 60_000;
/** How long a rejected push is worth a warning. */
const refusedForInMs = 10 * 60_000;

/**
 * Creates the health of a watch that is about to start. A problem ends with the next success of the same poll, sender, or
 * sink.
 */
export function createWatchHealth({ now, everyInMs }: HealthOptions): WatchHealth {
  const problems = new Map<string, HealthProblem & { readonly untilInMs?: number }>();
  /** When each poll last started or succeeded, or will be retried, in milliseconds since 1970. */
  const polledAtInMs = new Map<string, number>();
  const deadLetters = new Map<string, number>();

  function begin(reason: HealthProblem['reason'], origin: string, message: string, forInMs?: number): void {
    const key = `${reason}\n${origin}`;
    const since = problems.get(key)?.since ?? new Date(now()).toISOString();
    const until = forInMs === undefined ? {} : { untilInMs: now() + forInMs };
    problems.set(key, { reason, origin, message, since, ...until });
  }

  function end(origin: string, ...reasons: readonly HealthProblem['reason'][]): void {
    for (const reason of reasons) problems.delete(`${reason}\n${origin}`);
  }

  function observePoll(seen: Extract<WatchObservation, { kind: `poll_${string}` }>): void {
    const { kind, origin } = seen;
    polledAtInMs.set(origin, now() + (kind === 'poll_failed' ? (seen.waitInMs ?? 0) : 0));
    if (kind === 'poll_started') return;
    const reason = kind === 'poll_failed' ? reasonOfFailedPoll(seen) : undefined;
    end(origin, 'first_poll_pending', ...failedPolls.filter((one) => one !== reason));
    if (kind === 'poll_failed') begin(reasonOfFailedPoll(seen), origin, seen.message);
  }

  function observePush({
    origin,
    outcome,
    status,
  }: Extract<WatchObservation, { kind: 'push_received' }>): void {
    if (outcome === 'accepted') end(origin, 'push_not_stored');
    else if (outcome === 'refused' && status !== 503)
      begin('pushes_refused', origin, `The last rejected message got status ${status}.`, refusedForInMs);
    else begin('push_not_stored', origin, 'The last message could not be stored or completed.');
  }

  function observe(seen: WatchObservation): void {
    switch (seen.kind) {
      case 'watch_started':
        end('watch', 'watch_starting');
        for (const origin of seen.polls)
          begin('first_poll_pending', origin, 'The first poll since the start has not ended yet.');
        break;
      case 'poll_started':
      case 'poll_finished':
      case 'poll_failed':
        observePoll(seen);
        break;
      case 'push_received':
        observePush(seen);
        break;
      case 'events_held':
        begin('events_held', seen.origin, 'The safeguard holds events. "rolecall state show" lists them.');
        break;
      case 'events_stored':
        break;
      case 'delivered':
        end(seen.sink, ...failedDeliveries);
        break;
      case 'delivery_failed':
        if (seen.lane === undefined) begin(reasonOfFailedDelivery(seen.sink), seen.sink, seen.message);
        break;
      case 'dead_letter':
        deadLetters.set(seen.sink, (deadLetters.get(seen.sink) ?? 0) + 1);
        begin('dead_letters', seen.sink, `Events given up since the start: ${deadLetters.get(seen.sink)}.`);
        break;
      case 'sink_removed':
        end(seen.sink, ...failedDeliveries, 'lanes_blocked', 'dead_letters');
        deadLetters.delete(seen.sink);
        break;
      case 'lanes_blocked':
        if (seen.lanes === 0) end(seen.sink, 'lanes_blocked');
        else begin('lanes_blocked', seen.sink, `Users and groups whose events wait: ${seen.lanes}.`);
        break;
    }
  }

  function overduePolls(): readonly HealthProblem[] {
    const latestInMs = now() - longestPollInMs - everyInMs;
    return [...polledAtInMs].flatMap(([origin, atInMs]) =>
      atInMs >= latestInMs
        ? []
        : [
            {
              reason: 'poll_overdue' as const,
              origin,
              message: 'The poll neither ends nor fails. Restart the watch, and report this.',
              since: new Date(atInMs).toISOString(),
            },
          ],
    );
  }

  begin('watch_starting', 'watch', 'The watch opens its state, and does not poll or listen yet.');
  return {
    observe,
    report() {
      const current = [...problems.values()].flatMap(
        ({ untilInMs = Number.POSITIVE_INFINITY, ...problem }) => (untilInMs > now() ? [problem] : []),
      );
      const all = [...current, ...overduePolls()];
      const isWarning = ({ reason }: HealthProblem): boolean => warningReasons.some((one) => one === reason);
      const serious = all.filter((problem) => !isWarning(problem));
      return { ready: serious.length === 0, problems: serious, warnings: all.filter(isWarning) };
    },
  };
}

const failedDeliveries = ['delivery_failing', 'subscription_failing'] as const;

/** Whoever subscribes is responsible for the receiver: the watch works without it. */
function reasonOfFailedDelivery(sink: string): (typeof failedDeliveries)[number] {
  return isSubscription(sink) ? 'subscription_failing' : 'delivery_failing';
}

const failedPolls = ['poll_failing', 'poll_needs_administrator', 'poll_held'] as const;

function reasonOfFailedPoll({
  code,
  needsAdministrator,
}: Extract<WatchObservation, { kind: 'poll_failed' }>): (typeof failedPolls)[number] {
  if (code === 'mass_change_blocked') return 'poll_held';
  return needsAdministrator ? 'poll_needs_administrator' : 'poll_failing';
}
