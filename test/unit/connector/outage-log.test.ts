import { beforeEach, describe, expect, it } from 'vitest';
import { hasDoubled, OutageLog } from '../../../connector/outage-log.ts';
import type { LogEntry } from '../../../connector/platform.ts';

const minuteInMs = 60_000;
const hourInMs = 60 * minuteInMs;

let nowInMs: number;
let logged: LogEntry[];
let outages: OutageLog;

beforeEach(() => {
  nowInMs = Date.parse('2026-01-01T00:00:00Z');
  logged = [];
  outages = new OutageLog(
    { failed: 'poll_failed', ended: 'poll_recovered', about: { origin: 'poll/users' } },
    { log: (entry) => void logged.push(entry), now: () => nowInMs },
  );
});

const important = (): readonly LogEntry[] => logged.filter(({ level }) => level !== 'debug');

/** Fails once a minute, or succeeds. */
function passMinutes(minutes: number, isFailing: (minute: number) => boolean, code = 'unavailable'): void {
  for (let minute = 0; minute < minutes; minute += 1) {
    nowInMs += minuteInMs;
    if (isFailing(minute)) outages.fail({ code });
    else outages.end();
  }
}

const always = (): boolean => true;

describe('an outage log', () => {
  it('logs the beginning and the end, with the duration and the number of failures', () => {
    passMinutes(240, always);
    nowInMs += minuteInMs;
    outages.end();
    expect(important()).toEqual([
      { level: 'warn', event: 'poll_failed', origin: 'poll/users', code: 'unavailable' },
      {
        level: 'info',
        event: 'poll_recovered',
        origin: 'poll/users',
        durationInMs: 4 * hourInMs,
        failures: 240,
      },
    ]);
    expect(logged).toHaveLength(241);
  });

  it('reminds of an outage after six hours, and then once a day', () => {
    passMinutes(7 * 24 * 60, always);
    const hours = important()
      .slice(1)
      .map(({ failures }) => Math.round(Number(failures) / 60));
    expect(hours).toEqual([6, 30, 54, 78, 102, 126, 150]);
    expect(important()[1]).toMatchObject({ level: 'warn', since: '2026-01-01T00:01:00.000Z' });
  });

  it('warns of each other error code once', () => {
    for (const code of ['unavailable', 'auth', 'unavailable', 'auth', 'forbidden']) outages.fail({ code });
    expect(important().map(({ code }) => code)).toEqual(['unavailable', 'auth', 'forbidden']);
  });

  it('logs nothing about a success without a failure, and a second success', () => {
    outages.end();
    outages.fail({ code: 'unavailable' });
    outages.end();
    outages.end();
    expect(important().map(({ event }) => event)).toEqual(['poll_failed', 'poll_recovered']);
  });

  it('begins again after ten calm minutes', () => {
    passMinutes(30, (minute) => minute % 15 === 0);
    expect(important().map(({ level }) => level)).toEqual(['warn', 'info', 'warn', 'info']);
  });

  it('logs failures and successes by turns as one outage', () => {
    passMinutes(24 * 60, (minute) => minute % 2 === 0);
    expect(important().map(({ level }) => level)).toEqual(['warn', 'info', 'warn', 'info']);
    expect(important().at(-1)).toMatchObject({ failures: 181, durationInMs: 6 * hourInMs + minuteInMs });
  });

  it('warns of an outage that follows closely on another one, once it has lasted for ten minutes', () => {
    passMinutes(13, (minute) => minute !== 1);
    expect(important().map(({ event }) => event)).toEqual(['poll_failed', 'poll_recovered', 'poll_failed']);
    outages.end();
    expect(important()).toHaveLength(4);
  });

  it('counts failures that are retried at once, and does not log the end of those alone', () => {
    outages.count();
    outages.end();
    expect(important()).toEqual([]);
    nowInMs += hourInMs;
    outages.count();
    outages.fail({ code: 'auth' });
    outages.end();
    expect(important()).toMatchObject([
      { event: 'poll_failed', failures: 2 },
      { event: 'poll_recovered', failures: 2 },
    ]);
  });

  it('warns of what its caller calls news', () => {
    for (const isNews of [false, false, true]) outages.fail({ code: 'auth' }, isNews);
    expect(logged.map(({ level }) => level)).toEqual(['warn', 'debug', 'warn']);
  });
});

describe('a growing count', () => {
  it.each([
    [0, 1, true],
    [0, 3, true],
    [1, 2, true],
    [2, 3, false],
    [3, 4, true],
    [5, 16, true],
    [0, 0, false],
  ])('from %i to %i has doubled: %s', (before, after, expected) => {
    expect(hasDoubled(before, after)).toBe(expected);
  });
});
