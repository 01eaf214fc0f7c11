import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createWatchHealth, unreadyReasons, warningReasons } from '../../../../runtime/watch/watch-health.ts';
import type { WatchObservation } from '../../../../runtime/watch/watch-observer.ts';

const origin = 'poll/user_updated';
const started: WatchObservation = { kind: 'poll_started', origin };
const finished: WatchObservation = { kind: 'poll_finished', origin, durationInMs: 5, events: 0 };
const failure = { message: 'It failed.', failures: 1, waitInMs: 60_000 } as const;
const pollFailed = (
  code: 'unavailable' | 'auth' | 'mass_change_blocked',
  needsAdministrator: boolean,
): WatchObservation => ({
  kind: 'poll_failed',
  origin,
  durationInMs: 5,
  needsAdministrator,
  code,
  ...failure,
});
const push = (outcome: 'accepted' | 'refused' | 'failed', status: number): WatchObservation => ({
  kind: 'push_received',
  origin: 'workos',
  outcome,
  status,
});
const sink = 'https://receiver.example';

function openBench() {
  let nowInMs = Date.UTC(2026, 0, 1);
  const health = createWatchHealth({ now: () => nowInMs });
  health.observe({ kind: 'watch_started', polls: [] });
  const reasons = (...seen: readonly WatchObservation[]): readonly string[] => {
    for (const one of seen) health.observe(one);
    const { ready, problems, warnings } = health.report();
    expect(ready).toBe(problems.length === 0);
    return [...problems, ...warnings].map(({ reason }) => reason);
  };
  const pass = (ms: number): void => {
    nowInMs += ms;
  };
  return { health, reasons, pass };
}

describe('the health of a watch', () => {
  it('is not ready before the watch has started', () => {
    const health = createWatchHealth({ now: () => 0 });
    expect(health.report()).toMatchObject({ ready: false, problems: [{ reason: 'watch_starting' }] });
    health.observe({ kind: 'watch_started', polls: [] });
    expect(health.report()).toEqual({ ready: true, problems: [], warnings: [] });
  });

  it('is not ready before each first poll has ended', () => {
    const { reasons } = openBench();
    const other = 'okta_system_log';
    expect(reasons({ kind: 'watch_started', polls: [origin, other] })).toEqual([
      'first_poll_pending',
      'first_poll_pending',
    ]);
    expect(reasons(started, finished)).toEqual(['first_poll_pending']);
    expect(reasons({ ...finished, origin: other })).toEqual([]);
    expect(reasons(started)).toEqual([]);
  });

  it.each([
    ['unavailable', false, 'poll_failing'],
    ['auth', true, 'poll_needs_administrator'],
    ['mass_change_blocked', true, 'poll_held'],
  ] as const)('shows a poll that fails with %s until it succeeds', (code, needsAdministrator, reason) => {
    const { health, reasons, pass } = openBench();
    expect(reasons(started, pollFailed(code, needsAdministrator))).toEqual([reason]);
    const [first] = health.report().problems;
    pass(60_000);
    expect(reasons(started, pollFailed(code, needsAdministrator))).toEqual([reason]);
    expect(health.report().problems).toEqual([{ ...first, message: 'It failed.' }]);
    expect(reasons(started, finished)).toEqual([]);
  });

  it('shows only the last kind of failure of a poll', () => {
    const { reasons } = openBench();
    expect(reasons(started, pollFailed('auth', true), started, pollFailed('unavailable', false))).toEqual([
      'poll_failing',
    ]);
  });

  it.each([
    ['runs', started, 0, 'poll_overdue'],
    ['should have started', { kind: 'poll_scheduled', origin, waitInMs: 60_000 }, 60_000, 'poll_overdue'],
    [
      'should have started at a long interval',
      { kind: 'poll_scheduled', origin, waitInMs: 86_400_000 },
      86_400_000,
      'poll_overdue',
    ],
    ['should have been retried', pollFailed('unavailable', false), 60_000, 'poll_overdue'],
    ['waits for deliveries', { kind: 'poll_waiting', origin }, 0, 'poll_waiting'],
  ] as const)('shows a poll that %s for an hour', (_, last, waitInMs, reason) => {
    const { health, reasons, pass } = openBench();
    const isLate = (): boolean => reasons().includes(reason);
    reasons(started, finished, last);
    pass(60 * 60_000 + waitInMs);
    expect(isLate()).toBe(false);
    pass(1);
    expect(isLate()).toBe(true);
    expect(health.report().ready).toBe(false);
    expect(reasons(started, finished, { kind: 'poll_scheduled', origin, waitInMs: 60_000 })).toEqual([]);
  });

  it('is not ready once the watch ends, even if everything works', () => {
    const { reasons } = openBench();
    expect(reasons(started, finished, { kind: 'watch_stopping' })).toEqual(['watch_stopping']);
    expect(reasons({ kind: 'delivered', sink, events: 1, durationInMs: 5 })).toEqual(['watch_stopping']);
  });

  it('is not ready while pushed messages cannot be stored', () => {
    const { reasons } = openBench();
    expect(reasons(push('failed', 503))).toEqual(['push_not_stored']);
    expect(reasons(push('accepted', 200))).toEqual([]);
    expect(reasons(push('refused', 503))).toEqual(['push_not_stored']);
  });

  it('warns about rejected messages for ten minutes, and stays ready', () => {
    const { reasons, pass } = openBench();
    expect(reasons(push('refused', 401))).toEqual(['pushes_refused']);
    pass(10 * 60_000);
    expect(reasons()).toEqual([]);
  });

  it('is not ready while a receiver is down, but ready while one user waits', () => {
    const { reasons } = openBench();
    const failed = { kind: 'delivery_failed', sink, code: 'unavailable', ...failure } as const;
    expect(reasons(failed)).toEqual(['delivery_failing']);
    expect(reasons({ kind: 'delivered', sink, events: 1, durationInMs: 5 })).toEqual([]);
    expect(reasons({ ...failed, lane: 'User/1' }, { kind: 'lanes_blocked', sink, lanes: 1 })).toEqual([
      'lanes_blocked',
    ]);
    expect(reasons({ kind: 'lanes_blocked', sink, lanes: 0 })).toEqual([]);
  });

  it('is not ready while the receiver refuses the events of three users, and accepts none', () => {
    const { reasons } = openBench();
    const refused = (lane: string): WatchObservation => ({
      ...{ kind: 'delivery_failed', sink, lane, code: 'invalid_input', status: 400 },
      ...failure,
    });
    const delivered: WatchObservation = { kind: 'delivered', sink, events: 1, durationInMs: 5 };
    const blocked = (lanes: number): WatchObservation => ({ kind: 'lanes_blocked', sink, lanes });
    const [one, two, three] = ['User/1', 'User/2', 'User/3'].map(refused);
    if (one === undefined || two === undefined || three === undefined) expect.fail();
    expect(reasons(one, two, one, two)).toEqual([]);
    expect(reasons(delivered, three, blocked(3))).toEqual(['lanes_blocked']);
    expect(reasons(one, two)).toEqual(['delivery_failing', 'lanes_blocked']);
    expect(reasons(delivered)).toEqual(['lanes_blocked']);
    // What was skipped or given up is no longer refused.
    expect(reasons(one, two, three)).toEqual(['delivery_failing', 'lanes_blocked']);
    expect(reasons(blocked(0))).toEqual([]);
    // That does not prove that a receiver that is down works again.
    expect(reasons({ ...one, lane: undefined } as WatchObservation, blocked(1), blocked(0))).toEqual([
      'delivery_failing',
    ]);
  });

  it('warns about dead letters and held events for as long as they are in the state', () => {
    const { health, reasons } = openBench();
    const dead = {
      kind: 'dead_letter',
      sink,
      trigger: undefined,
      dedupeKey: 'a',
      code: 'unavailable',
    } as const;
    const read = (
      deadLetters: Readonly<Record<string, number>>,
      heldLosses: Readonly<Record<string, number>>,
    ): WatchObservation => ({ kind: 'state_read', deadLetters, heldLosses });
    // An earlier watch left them.
    expect(reasons(read({ [sink]: 3 }, { user_deprovisioned: 12 }))).toEqual(['dead_letters', 'events_held']);
    expect(reasons(dead, dead)).toEqual(['dead_letters', 'events_held']);
    expect(health.report().warnings[0]?.message).toBe(
      'Events that were given up, and are still in the state: 5.',
    );
    expect(reasons(read({ [sink]: 5 }, {}))).toEqual(['dead_letters']);
    expect(
      reasons({ kind: 'events_held', origin, trigger: 'user_deprovisioned', counts: { deactivate: 3 } }),
    ).toEqual(['dead_letters', 'events_held']);
    expect(reasons(read({}, {}))).toEqual([]);
  });
});

it('stays ready while a subscription fails, until it is delivered to or removed', () => {
  const { reasons } = openBench();
  const own = 'subscription/1';
  const failed: WatchObservation = { kind: 'delivery_failed', sink: own, code: 'unavailable', ...failure };
  expect(reasons(failed)).toEqual(['subscription_failing']);
  expect(reasons({ kind: 'delivered', sink: own, events: 1, durationInMs: 1 })).toEqual([]);
  expect(reasons(failed, { kind: 'lanes_blocked', sink: own, lanes: 1 })).toHaveLength(2);
  expect(reasons({ kind: 'sink_removed', sink: own })).toEqual([]);
});

it.each([...unreadyReasons, ...warningReasons])('docs/operate.md says what to do about %s', (reason) => {
  expect(readFileSync('docs/operate.md', 'utf8')).toContain(`### \`${reason}\``);
});
