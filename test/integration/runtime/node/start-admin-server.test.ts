import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { openHealthFile } from '../../../../runtime/node/health-file.ts';
import { startAdminServer } from '../../../../runtime/node/start-admin-server.ts';
import { createWatchMetrics } from '../../../../runtime/node/watch-metrics.ts';
import type { HealthReport } from '../../../../runtime/watch/watch-health.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const well: HealthReport = { ready: true, problems: [], warnings: [] };
const since = '2026-01-01T00:00:00.000Z';
const ill: HealthReport = {
  ready: false,
  problems: [{ reason: 'poll_failing', origin: 'poll/user_updated', message: 'It is down.', since }],
  warnings: [{ reason: 'dead_letters', origin: 'audit', message: 'One.', since }],
};

async function openMetrics(report: HealthReport = well) {
  return createWatchMetrics({
    version: '1.2.3',
    health: () => report,
    backlogs: async () => [
      { sink: 'audit', events: 7, oldestAtInMs: Date.now() - 60_000, deadLetters: 3 },
      { sink: 'print', events: 0, oldestAtInMs: undefined, deadLetters: 0 },
    ],
  });
}

describe('the admin server', () => {
  it.each([
    [well, 200],
    [ill, 503],
  ])('shows whether the watch is ready, and why not', async (report, status) => {
    const metrics = await openMetrics(report);
    const server = await startAdminServer({ port: 0, host: '127.0.0.1', health: () => report, metrics });
    const [live, ready, figures, none, posted] = await Promise.all([
      fetch(`${server.origin}/healthz`),
      fetch(`${server.origin}/readyz`),
      fetch(`${server.origin}/metrics`),
      fetch(`${server.origin}/`),
      fetch(`${server.origin}/readyz`, { method: 'POST' }),
    ]);
    expect([live, ready, figures, none, posted].map((one) => one.status)).toEqual([
      200,
      status,
      200,
      404,
      405,
    ]);
    expect(await ready.json()).toEqual(report);
    expect(figures.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    await server.close();
  });

  it('says why figures cannot be read', async () => {
    const metrics = { contentType: 'text/plain', text: () => Promise.reject(new Error('The disk is full.')) };
    const server = await startAdminServer({ port: 0, host: '127.0.0.1', health: () => well, metrics });
    const response = await fetch(`${server.origin}/metrics`);
    expect([response.status, await response.json()]).toEqual([500, { message: 'The disk is full.' }]);
    await server.close();
  });
});

/** The value of a sample, such as `rolecall_ready` or `rolecall_polls_total{origin="a"}`. */
async function sampleOf(metrics: { text(): Promise<string> }, sample: string): Promise<number> {
  const line = (await metrics.text()).split('\n').find((one) => one.startsWith(`${sample} `));
  return Number(line?.slice(sample.length + 1));
}

describe('the figures', () => {
  it('count what is observed and logged', async () => {
    const metrics = await openMetrics(ill);
    const [origin, sink] = ['poll/user_updated', 'audit'];
    const failure = { code: 'unavailable', message: '', failures: 1, waitInMs: 1 } as const;
    metrics.observe({ kind: 'poll_finished', origin, durationInMs: 500, events: 2 });
    metrics.observe({ kind: 'poll_failed', origin, durationInMs: 1, needsAdministrator: false, ...failure });
    metrics.observe({ kind: 'push_received', origin: 'workos', outcome: 'refused', status: 401 });
    metrics.observe({
      kind: 'events_stored',
      origin,
      trigger: 'user_updated',
      counts: { patch: 2, deactivate: 1 },
    });
    metrics.observe({ kind: 'events_held', origin, trigger: undefined, counts: { deactivate: 9 } });
    metrics.observe({ kind: 'delivered', sink, events: 3, durationInMs: 20 });
    metrics.observe({ kind: 'delivery_failed', sink, ...failure });
    metrics.observe({ kind: 'dead_letter', sink, trigger: 'user_updated', dedupeKey: 'a', code: 'conflict' });
    metrics.observe({ kind: 'lanes_blocked', sink, lanes: 4 });
    metrics.onLog({ level: 'info', event: 'request_retried' });
    metrics.onLog({ level: 'debug', event: 'request_sent', method: 'GET', status: 200, tookInMs: 120 });
    const expected = {
      'rolecall_build_info{version="1.2.3"}': 1,
      [`rolecall_polls_total{origin="${origin}",outcome="success"}`]: 1,
      [`rolecall_polls_total{origin="${origin}",outcome="failure"}`]: 1,
      [`rolecall_poll_duration_seconds_count{origin="${origin}"}`]: 2,
      'rolecall_pushes_total{origin="workos",outcome="refused"}': 1,
      'rolecall_events_total{trigger="user_updated",type="patch"}': 2,
      'rolecall_events_held_total{trigger="",type="deactivate"}': 9,
      'rolecall_events_delivered_total{sink="audit"}': 3,
      'rolecall_deliveries_failed_total{sink="audit",code="unavailable"}': 1,
      'rolecall_delivery_duration_seconds_sum{sink="audit"}': 0.02,
      'rolecall_dead_letters_total{sink="audit",code="conflict"}': 1,
      'rolecall_blocked_lanes{sink="audit"}': 4,
      'rolecall_retries_total{kind="request"}': 1,
      'rolecall_provider_request_duration_seconds_sum{method="GET",status="200"}': 0.12,
      'rolecall_outbox_events{sink="audit"}': 7,
      'rolecall_outbox_events{sink="print"}': 0,
      'rolecall_outbox_oldest_event_age_seconds{sink="print"}': 0,
      'rolecall_dead_letters{sink="audit"}': 3,
      rolecall_ready: 0,
      'rolecall_health_problem{reason="poll_failing",origin="poll/user_updated"}': 1,
      'rolecall_health_problem{reason="dead_letters",origin="audit"}': 1,
    };
    const shown = await Promise.all(
      Object.keys(expected).map(async (sample) => [sample, await sampleOf(metrics, sample)] as const),
    );
    expect(Object.fromEntries(shown)).toEqual(expected);
    const lag = 'rolecall_outbox_oldest_event_age_seconds{sink="audit"}';
    expect(await sampleOf(metrics, lag)).toBeGreaterThanOrEqual(60);
    expect(
      await sampleOf(metrics, `rolecall_last_successful_poll_timestamp_seconds{origin="${origin}"}`),
    ).toBeGreaterThan(Date.now() / 1000 - 60);
  });
});

it('a health file shows the report until the watch ends', async () => {
  using folder = temporaryFolder();
  const path = folder.file('health.json');
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    let report = ill;
    const platform = { log: () => undefined, now: Date.now };
    const file = await openHealthFile(path, () => report, platform);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ time: expect.any(String), ...ill });
    report = well;
    vi.advanceTimersByTime(10_000);
    const isReady = (): boolean => JSON.parse(readFileSync(path, 'utf8')).ready;
    await expect.poll(isReady).toBe(true);
    await file.close();
    expect(existsSync(path)).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});
