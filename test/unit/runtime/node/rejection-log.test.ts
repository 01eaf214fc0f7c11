import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LogEntry } from '../../../../connector/platform.ts';
import { createRejectionLog, type RejectionLog } from '../../../../runtime/node/rejection-log.ts';

const minuteInMs = 60_000;
const hourInMs = 60 * minuteInMs;
const wrongSecret = { origin: 'workos', status: 401, code: 'auth', message: 'The signature is wrong.' };

let logged: LogEntry[];
let rejections: RejectionLog;

beforeEach(() => {
  vi.useFakeTimers();
  logged = [];
  rejections = createRejectionLog({ log: (entry) => void logged.push(entry), now: Date.now });
});

afterEach(() => {
  rejections.close();
  vi.useRealTimers();
});

function rejectEachMinute(minutes: number): void {
  for (let minute = 0; minute < minutes; minute += 1) {
    rejections.add(wrongSecret);
    vi.advanceTimersByTime(minuteInMs);
  }
}

it('counts rejections that last for longer and longer, so that a week of them is a few lines', () => {
  rejectEachMinute(7 * 24 * 60);
  const counts = logged.map(({ count }) => count);
  expect(logged[0]).toEqual({ level: 'warn', event: 'push_rejected', ...wrongSecret });
  expect(counts.length).toBeLessThan(12);
  // After the first one, every rejection is counted, but those of the day that has not ended.
  const counted = counts.slice(1).reduce<number>((sum, count) => sum + Number(count), 0);
  expect(counted).toBeGreaterThan(6 * 24 * 60);
});

it('logs a kind at once again after an hour without it', () => {
  rejectEachMinute(1);
  vi.advanceTimersByTime(hourInMs);
  rejectEachMinute(1);
  expect(logged.map(({ count }) => count)).toEqual([undefined, undefined]);
});

it('counts each kind apart, and logs the rest when it is closed', () => {
  for (const status of [401, 401, 400, 400, 400]) rejections.add({ ...wrongSecret, status });
  expect(logged.map(({ status }) => status)).toEqual([401, 400]);
  rejections.close();
  expect(logged.slice(2).map(({ status, count }) => [status, count])).toEqual([
    [401, 1],
    [400, 2],
  ]);
  vi.advanceTimersByTime(24 * hourInMs);
  expect(logged).toHaveLength(4);
});
