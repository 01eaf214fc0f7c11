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
  'poll_waiting',
  'push_not_stored',
  'delivery_failing',
  'watch_stopping',
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
}

/** A poll of a directory of a million users takes less, and so do the deliveries of its events. */
const longestStepInMs = 60 * 60_000;
/** With as many users and groups whose events are refused, and no other event accepted since, the receiver is at fault. */
const fewestRefusedLanes = 3;
/** How long a rejected push is worth a warning. */
const refusedForInMs = 10 * 60_000;

/**
 * Creates the health of a watch that is about to start. A problem ends with the next success of the same poll, sender, or
 * sink.
 */
export function createWatchHealth({ now }: HealthOptions): WatchHealth {
  const problems = new Map<string, HealthProblem & { readonly untilInMs?: number }>();
  /** What each poll does, and when that has begun or will begin, in milliseconds since 1970. */
  const polls = new Map<string, { readonly isWaiting: boolean; readonly atInMs: number }>();
  const deadLetters = new Map<string, number>();
  /** The users and groups whose events each sink has refused since it last accepted one. */
  const refusedLanes = new Map<string, Set<string>>();
  /** The sinks to which nothing gets through, whatever it is about. */
  const down = new Set<string>();

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
    const isDelayed = kind === 'poll_failed' || kind === 'poll_scheduled';
    const waitInMs = isDelayed ? (seen.waitInMs ?? 0) : 0;
    polls.set(origin, { isWaiting: kind === 'poll_waiting', atInMs: now() + waitInMs });
    if (kind !== 'poll_finished' && kind !== 'poll_failed') return;
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

  function endFailure(sink: string): void {
    end(sink, ...failedDeliveries);
    refusedLanes.delete(sink);
    down.delete(sink);
  }

  /** No event is refused any more: they were accepted, skipped, or given up. */
  function endRefusals(sink: string): void {
    end(sink, 'lanes_blocked');
    if (!down.has(sink)) endFailure(sink);
  }

  function observeFailedDelivery({
    sink,
    lane,
    message,
  }: Extract<WatchObservation, { kind: 'delivery_failed' }>): void {
    if (lane === undefined) {
      down.add(sink);
      begin(reasonOfFailedDelivery(sink), sink, message);
      return;
    }
    const lanes = refusedLanes.get(sink) ?? new Set<string>();
    refusedLanes.set(sink, lanes.add(lane));
    if (lanes.size >= fewestRefusedLanes)
      begin(
        reasonOfFailedDelivery(sink),
        sink,
        `The receiver refused the events of ${lanes.size} users and groups, and has accepted none since. ${message}`,
      );
  }

  function observeState({
    deadLetters: dead,
    heldLosses,
  }: Extract<WatchObservation, { kind: 'state_read' }>): void {
    for (const { reason, origin } of [...problems.values()])
      if (reason === 'dead_letters' || reason === 'events_held') end(origin, reason);
    deadLetters.clear();
    for (const [sink, count] of Object.entries(dead)) showDeadLetters(sink, count);
    for (const trigger of Object.keys(heldLosses)) showHeld(trigger);
  }

  function showDeadLetters(sink: string, count: number): void {
    deadLetters.set(sink, count);
    begin('dead_letters', sink, `Events that were given up, and are still in the state: ${count}.`);
  }

  function showHeld(trigger: string): void {
    begin('events_held', trigger, 'The safeguard holds pushed events. "rolecall state show" lists them.');
  }

  function observe(seen: WatchObservation): void {
    switch (seen.kind) {
      case 'watch_started':
        end('watch', 'watch_starting');
        for (const origin of seen.polls)
          begin('first_poll_pending', origin, 'The first poll since the start has not ended yet.');
        break;
      case 'watch_stopping':
        begin('watch_stopping', 'watch', 'The watch ends: it polls, receives, and delivers nothing new.');
        break;
      case 'poll_started':
      case 'poll_finished':
      case 'poll_failed':
      case 'poll_waiting':
      case 'poll_scheduled':
        observePoll(seen);
        break;
      case 'push_received':
        observePush(seen);
        break;
      case 'events_held':
        showHeld(seen.trigger ?? seen.origin);
        break;
      case 'events_stored':
        break;
      case 'state_read':
        observeState(seen);
        break;
      case 'delivered':
        endFailure(seen.sink);
        break;
      case 'delivery_failed':
        observeFailedDelivery(seen);
        break;
      case 'dead_letter':
        showDeadLetters(seen.sink, (deadLetters.get(seen.sink) ?? 0) + 1);
        break;
      case 'sink_removed':
        endFailure(seen.sink);
        end(seen.sink, 'lanes_blocked', 'dead_letters');
        deadLetters.delete(seen.sink);
        break;
      case 'lanes_blocked':
        if (seen.lanes === 0) endRefusals(seen.sink);
        else begin('lanes_blocked', seen.sink, `Users and groups whose events wait: ${seen.lanes}.`);
        break;
    }
  }

  function overduePolls(): readonly HealthProblem[] {
    return [...polls].flatMap(([origin, { isWaiting, atInMs }]) => {
      if (now() - atInMs <= longestStepInMs) return [];
      const since = new Date(atInMs).toISOString();
      const kind = isWaiting
        ? ({
            reason: 'poll_waiting',
            message: 'The next poll waits until earlier events are delivered.',
          } as const)
        : ({
            reason: 'poll_overdue',
            message: 'The poll neither ends nor fails. Restart the watch, and report this.',
          } as const);
      return [{ ...kind, origin, since }];
    });
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

/** The subscriber is responsible for the receiver: the watch works without it. */
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
