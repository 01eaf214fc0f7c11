import { describe, expect, it } from 'vitest';
import { mapConcurrently } from '../../../connector/map-concurrently.ts';

const later = (): Promise<void> => new Promise(setImmediate);

describe('mapConcurrently', () => {
  it.each([1, 3, 100])('runs at most %i at once, and keeps the order', async (concurrency) => {
    let underWay = 0;
    let most = 0;
    const results = await mapConcurrently([5, 1, 4, 2, 3], concurrency, async (turns, index) => {
      underWay += 1;
      most = Math.max(most, underWay);
      for (let turn = 0; turn < turns; turn += 1) await later();
      underWay -= 1;
      return `${index}:${turns}`;
    });

    expect(results).toEqual(['0:5', '1:1', '2:4', '3:2', '4:3']);
    expect(most).toBe(Math.min(concurrency, 5));
  });

  it('returns nothing for an empty list', async () => {
    expect(await mapConcurrently([], 4, later)).toEqual([]);
  });

  it('rejects with the first error', async () => {
    const work = mapConcurrently([1, 2, 3], 1, async (item) => {
      if (item === 2) throw new Error('two');
    });

    await expect(work).rejects.toThrow('two');
  });
});
