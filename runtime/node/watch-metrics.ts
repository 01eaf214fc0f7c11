import type { LogEntry } from '../../connector/platform.ts';
import type { Backlog } from '../watch/watch.ts';
import type { HealthReport } from '../watch/watch-health.ts';
import type { WatchObserver } from '../watch/watch-observer.ts';

/** The figures of a watch, for Prometheus. */
export interface WatchMetrics {
  readonly observe: WatchObserver;
  /** Counts what only the log has: requests to the provider, and retries. */
  onLog(entry: LogEntry): void;
  readonly contentType: string;
  /** All figures in Prometheus's text format. */
  text(): Promise<string>;
}

/** What figures are read at the time of a scrape. */
export interface MetricsOptions {
  readonly version: string;
  health(): HealthReport;
  /** What each sink does not have. Nothing before the state is open. */
  backlogs(): Promise<readonly Backlog[]>;
}

const durationsInSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];

/** Creates the figures. prom-client is loaded here, because only a watch with `--admin` needs it. */
export async function createWatchMetrics({
  version,
  health,
  backlogs,
}: MetricsOptions): Promise<WatchMetrics> {
  // The bundle of a CommonJS package has no other export.
  const { default: prometheus } = await import('prom-client');
  const { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } = prometheus;
  const registers = [new Registry()];
  const [registry] = registers;
  if (registry === undefined) throw new Error('There is no registry.');
  collectDefaultMetrics({ register: registry });

  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name: `rolecall_${name}`, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name: `rolecall_${name}`, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Histogram({ name: `rolecall_${name}`, help, labelNames, registers, buckets: durationsInSeconds });

  gauge('build_info', 'The version, with the value 1.', ['version']).set({ version }, 1);
  const polls = counter('polls_total', 'Polls that ended, by outcome.', ['origin', 'outcome']);
  const pollDuration = histogram('poll_duration_seconds', 'How long polls took.', ['origin']);
  const lastPoll = gauge('last_successful_poll_timestamp_seconds', 'When a poll last succeeded.', ['origin']);
  const interval = gauge('poll_interval_seconds', 'The time from one poll to the next.', ['origin']);
  const pushes = counter('pushes_total', 'Pushed messages, by outcome.', ['origin', 'outcome']);
  const events = counter('events_total', 'Events that were stored.', ['trigger', 'type']);
  const held = counter('events_held_total', 'Events that the safeguard held.', ['trigger', 'type']);
  const delivered = counter('events_delivered_total', 'Events that a sink acknowledged.', ['sink']);
  const failed = counter('deliveries_failed_total', 'Deliveries that failed, by error code.', [
    'sink',
    'code',
  ]);
  const delivery = histogram('delivery_duration_seconds', 'How long deliveries took.', ['sink']);
  const deadLetters = counter('dead_letters_total', 'Events that were given up.', ['sink', 'code']);
  const lanes = gauge('blocked_lanes', 'Users and groups whose events wait for a failing one.', ['sink']);
  const retries = counter('retries_total', 'Retries of requests, polls, and deliveries.', ['kind']);
  const requests = histogram('provider_request_duration_seconds', 'How long requests to the provider took.', [
    'method',
    'status',
  ]);
  const outbox = gauge('outbox_events', 'Events that wait for their delivery.', ['sink']);
  const oldest = gauge('outbox_oldest_event_age_seconds', 'How long ago the first waiting event occurred.', [
    'sink',
  ]);
  const kept = gauge('dead_letters', 'Events that were given up, and are still in the state.', ['sink']);
  const ready = gauge('ready', 'Whether polls and deliveries work: 1 or 0.');
  const problems = gauge('health_problem', 'What is wrong, with the value 1.', ['reason', 'origin']);

  /** The sinks that are gone since the last scrape, which shows their last figures. */
  const removed = new Set<string>();
  async function dropRemoved(): Promise<void> {
    for (const sink of removed) for (const one of [delivered, delivery, lanes]) one.remove({ sink });
    for (const one of [failed, deadLetters])
      for (const { labels } of (await one.get()).values)
        if (removed.has(String(labels.sink))) one.remove(labels);
    removed.clear();
  }

  return {
    observe(seen) {
      switch (seen.kind) {
        case 'watch_started':
        case 'watch_stopping':
        case 'poll_started':
        case 'poll_waiting':
        case 'state_read':
          break;
        case 'poll_scheduled':
          interval.set({ origin: seen.origin }, seen.waitInMs / 1000);
          break;
        case 'poll_finished':
          polls.inc({ origin: seen.origin, outcome: 'success' });
          pollDuration.observe({ origin: seen.origin }, seen.durationInMs / 1000);
          lastPoll.set({ origin: seen.origin }, Date.now() / 1000);
          break;
        case 'poll_failed':
          polls.inc({ origin: seen.origin, outcome: 'failure' });
          pollDuration.observe({ origin: seen.origin }, seen.durationInMs / 1000);
          break;
        case 'push_received':
          pushes.inc({ origin: seen.origin, outcome: seen.outcome });
          break;
        case 'events_stored':
        case 'events_held': {
          const counted = seen.kind === 'events_stored' ? events : held;
          for (const [type, count] of Object.entries(seen.counts))
            counted.inc({ trigger: seen.trigger ?? '', type }, count);
          break;
        }
        case 'delivered':
          delivered.inc({ sink: seen.sink }, seen.events);
          delivery.observe({ sink: seen.sink }, seen.durationInMs / 1000);
          break;
        case 'delivery_failed':
          failed.inc({ sink: seen.sink, code: seen.code });
          break;
        case 'dead_letter':
          deadLetters.inc({ sink: seen.sink, code: seen.code });
          break;
        case 'lanes_blocked':
          lanes.set({ sink: seen.sink }, seen.lanes);
          break;
        case 'sink_removed':
          removed.add(seen.sink);
          break;
      }
    },
    onLog({ event, method, status, tookInMs }) {
      const kind = /^(request|poll|delivery)_retried$/.exec(event)?.[1];
      if (kind !== undefined) retries.inc({ kind });
      if (event === 'request_sent')
        requests.observe({ method: String(method), status: String(status) }, Number(tookInMs) / 1000);
    },
    contentType: registry.contentType,
    async text() {
      const { ready: isReady, problems: serious, warnings } = health();
      ready.set(isReady ? 1 : 0);
      problems.reset();
      for (const { reason, origin } of [...serious, ...warnings]) problems.set({ reason, origin }, 1);
      const waiting = await backlogs();
      // A sink that was omitted is gone.
      for (const one of [outbox, oldest, kept]) one.reset();
      for (const { sink, events: count, oldestAtInMs, deadLetters: given } of waiting) {
        outbox.set({ sink }, count);
        oldest.set(
          { sink },
          oldestAtInMs === undefined ? 0 : Math.max(0, (Date.now() - oldestAtInMs) / 1000),
        );
        kept.set({ sink }, given);
      }
      const text = await registry.metrics();
      await dropRemoved();
      return text;
    },
  };
}
