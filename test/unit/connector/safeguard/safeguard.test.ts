import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  holdIdOf,
  holdIds,
  nameAffected,
  orderHeld,
  toHeldLoss,
} from '../../../../connector/safeguard/hold.ts';
import {
  addLosses,
  countLosses,
  exceededLimits,
  type Loss,
  type LossKind,
  lossLimit,
  type RecentLosses,
} from '../../../../connector/safeguard/safeguard.ts';
import { sha256 } from '../../../../connector/safeguard/sha256.ts';

const hourInMs = 3_600_000;
const startInMs = Date.UTC(2026, 0, 1, 12, 30);

function loss(id: string, kind: LossKind = 'users', items?: readonly string[]): Loss {
  return {
    kind,
    subject: { resource: 'User', id, name: `${id}@example.com` },
    before: 'active',
    after: 'inactive',
    items,
  };
}

const losses = (count: number): readonly Loss[] =>
  Array.from({ length: count }, (_, index) => loss(`u${index}`));

describe('the limit of losses in a day', () => {
  it.each([
    ['users', 0, {}, 3],
    ['users', 2, {}, 3],
    ['users', 3, {}, 2],
    ['users', 4, {}, 3],
    ['users', 15, {}, 8],
    ['users', 100, {}, 20],
    ['users', 1000, {}, 100],
    ['members', 60, {}, 30],
    ['members', 400, {}, 50],
    ['members', 5000, {}, 500],
    ['users', undefined, {}, 10],
    ['members', undefined, {}, 25],
    ['users', 1000, { number: 5 }, 5],
    ['users', 15, { number: 15 }, 15],
    ['users', 1000, { percent: 1 }, 20],
    ['users', 1000, { percent: 30 }, 300],
    ['users', 15, { percent: 100 }, 14],
    ['users', 1000, { number: 5, percent: 1 }, 10],
    ['users', undefined, { number: 40 }, 40],
  ] as const)('of %s with %s known, and %o given, is %i', (kind, known, given, limit) => {
    expect(lossLimit(kind, known, given)).toBe(limit);
  });
});

describe('the losses of a rolling day', () => {
  const exceeded = (recent: RecentLosses, count: number, nowInMs: number, known: number | undefined = 100) =>
    exceededLimits(countLosses(losses(count)), { users: known }, { limits: {}, recent, nowInMs });

  it('count against the limit for 24 hours', () => {
    const recent = addLosses({}, new Map([['users', 20]]), { users: 100 }, startInMs);
    for (const hours of [0, 1, 23, 24])
      expect(exceeded(recent, 1, startInMs + hours * hourInMs)).toEqual([
        { kind: 'users', count: 21, earlier: 20, known: 100, limit: 20 },
      ]);
    expect(exceeded(recent, 20, startInMs + 25 * hourInMs)).toEqual([]);
  });

  it('never reach all of a directory of 15, which shrinks in the meantime', () => {
    let recent: RecentLosses = {};
    let known = 15;
    for (let hour = 0; hour < 12; hour += 1) {
      const nowInMs = startInMs + hour * hourInMs;
      if (exceeded(recent, 2, nowInMs, known).length > 0) break;
      recent = addLosses(recent, new Map([['users', 2]]), { users: known }, nowInMs);
      known -= 2;
    }
    expect(known).toBe(7);
  });

  it('do not count for other kinds', () => {
    const recent = addLosses({}, new Map([['roles', 20]]), { roles: 100 }, startInMs);
    expect(exceeded(recent, 20, startInMs)).toEqual([]);
  });

  it('take at most one entry for each hour, and are dropped after a day', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ minutes: fc.nat(300), count: fc.integer({ min: 1, max: 9 }) })),
        (steps) => {
          let nowInMs = startInMs;
          let recent: RecentLosses = {};
          const all: { atInMs: number; count: number }[] = [];
          for (const { minutes, count } of steps) {
            nowInMs += minutes * 60_000;
            recent = addLosses(recent, new Map([['users', count]]), {}, nowInMs);
            all.push({ atInMs: nowInMs, count });
          }
          const sum = (of: readonly { atInMs: number; count: number }[]) =>
            of.reduce((total, { count }) => total + count, 0);
          const kept = (recent.users ?? []).reduce((total, [, count]) => total + count, 0);
          expect(kept).toBeGreaterThanOrEqual(
            sum(all.filter(({ atInMs }) => atInMs >= nowInMs - 24 * hourInMs)),
          );
          expect(kept).toBeLessThanOrEqual(
            sum(all.filter(({ atInMs }) => atInMs >= nowInMs - 25 * hourInMs)),
          );
          expect(recent.users?.length ?? 0).toBeLessThanOrEqual(25);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('a hold', () => {
  const held = (...all: readonly Loss[]) => orderHeld(all.map(toHeldLoss));

  it('has an ID of exactly the losses in it, whatever their order', () => {
    const id = holdIdOf(held(...losses(12)));
    expect(id).toMatch(/^hold-[0-9a-f]{16}$/);
    expect(holdIdOf(held(...losses(12).toReversed()))).toBe(id);
    expect(holdIdOf(held(...losses(11)))).not.toBe(id);
    expect(holdIdOf(held(...losses(11), loss('other')))).not.toBe(id);
    expect(holdIdOf(held(...losses(11), { ...loss('u11'), after: 'deleted' }))).not.toBe(id);
  });

  it('distinguishes who left a group', () => {
    const left = (...items: readonly string[]) => holdIdOf(held(loss('g', 'members', items)));
    expect(left('a', 'b')).not.toBe(left('a', 'c'));
  });

  it('has the IDs of its first losses, too', () => {
    const all = held(...losses(5));
    expect(holdIds(all.map(({ key }) => key))[2]).toBe(holdIdOf(all.slice(0, 3)));
  });

  it('names what was held before first, in that order, so that its ID stays while more is lost', () => {
    const before = held(...losses(3))
      .toReversed()
      .map(({ key }) => key);
    const keys = orderHeld(held(...losses(6)), before).map(({ key }) => key);
    expect(keys.slice(0, 3)).toEqual(before);
    expect(keys.slice(3)).toEqual(keys.slice(3).toSorted());
    expect(holdIds(keys)[2]).toBe(holdIds(before).at(-1));
    expect(orderHeld(held(...losses(2)), before)).toHaveLength(2);
  });

  it('names the first ten', () => {
    const text = nameAffected(losses(12));
    expect(text).toContain('u0@example.com (active → inactive), u1@example.com');
    expect(text).toContain('u9@example.com (active → inactive), and 2 more');
    expect(nameAffected(losses(1))).toBe('u0@example.com (active → inactive)');
  });
});

it('computes SHA-256 as the platform does', () => {
  const lengths = [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 1000];
  for (const text of [...lengths.map((length) => 'a'.repeat(length)), 'äöü → 🎉'])
    expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
});
