import { expect, it } from 'vitest';
import { longestTimerInMs, sleep } from '../../../../runtime/node/sleep.ts';

it.each([longestTimerInMs + 1, 2 ** 40, Number.POSITIVE_INFINITY])(
  'does not end early if it is longer than the longest timer (%d ms)',
  async (ms) => {
    const controller = new AbortController();
    let isOver = false;
    const slept = sleep(ms, controller.signal).finally(() => {
      isOver = true;
    });
    await sleep(30);

    expect(isOver).toBe(false);
    controller.abort(new Error('awake'));
    await expect(slept).rejects.toThrow('awake');
  },
);

it.each([0, -5, 1.5])('sleeps for %d ms', async (ms) => {
  await expect(sleep(ms)).resolves.toBeUndefined();
});
