import { describe, expect, it } from 'vitest';
import { retryAfterInMs } from '../../../connector/http/retry-after.ts';

const nowInMs = Date.UTC(2026, 0, 1, 12);
const date = (ms: number): string => new Date(nowInMs + ms).toUTCString();

describe('reading Retry-After', () => {
  it.each([
    ['seconds', { 'retry-after': '120' }, 120_000],
    ['blanks around it', { 'retry-after': ' 7 ' }, 7_000],
    ['parts of a second, rounded up', { 'retry-after': '0.0015' }, 2],
    ['nothing to wait', { 'retry-after': '0' }, 0],
    ['a date', { 'retry-after': date(30_000) }, 30_000],
    ['a date gone by', { 'retry-after': date(-30_000) }, 0],
    ['a date, by the clock of the answer', { 'retry-after': date(90_000), date: date(60_000) }, 30_000],
    ['a date, beside a Date that cannot be read', { 'retry-after': date(90_000), date: 'soon' }, 90_000],
    ['seconds, whatever Date says', { 'retry-after': '5', date: date(60_000) }, 5_000],
    ['an ISO date', { 'retry-after': '2026-01-01T12:00:10Z' }, 10_000],
    ['no header', {}, undefined],
    ['an empty header', { 'retry-after': '' }, undefined],
    ['words', { 'retry-after': 'a while' }, undefined],
    ['a negative number', { 'retry-after': '-' }, undefined],
  ])('takes %s', (_, headers, wait) => {
    expect(retryAfterInMs(headers as Record<string, string>, nowInMs)).toBe(wait);
  });
});
