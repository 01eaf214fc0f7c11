import { afterEach, describe, expect, it } from 'vitest';
import { failureOf } from '../support/failure-of.ts';
import type { Fault } from '../support/fault.ts';
import { type FaultBench, openFaultBench } from '../support/open-fault-bench.ts';

let bench: FaultBench | undefined;

afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

const busy = (retryAfter: string, status = 429): Fault => ({
  kind: 'answer',
  acts: false,
  status,
  headers: () => ({ 'retry-after': retryAfter }),
});

describe.each([429, 503])('%i with a wait beyond the budget', (status) => {
  it('stops immediately, without waiting, and reports how long the provider asks for', async () => {
    bench = await openFaultBench({ connection: { deadlineInMs: 30_000 } });
    bench.setPlan(() => busy('90', status));

    const error = await failureOf(bench.run('get_user', { user: { id: '1' } }));

    expect(error).toMatchObject({
      code: status === 429 ? 'rate_limited' : 'unavailable',
      status,
      attempts: 1,
      retryAfterInMs: 90_000,
    });
    expect(error.message).toContain('in 90 seconds');
    expect(bench.clock.slept).toEqual([]);
    expect(bench.proxy.seen).toHaveLength(1);
  });
});

describe('a 403 that throttles', () => {
  it.each<readonly [string, () => Record<string, string>]>([
    ['Retry-After', () => ({ 'retry-after': '2' })],
    [
      'an exhausted rate limit',
      () => ({
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String((bench?.clock.now() ?? 0) / 1000 + 2),
      }),
    ],
  ])('is retried after the wait in %s, also for a create', async (_, headers) => {
    bench = await openFaultBench({ connection: { deadlineInMs: 30_000 } });
    let refusals = 0;
    bench.setPlan(() => {
      refusals += 1;
      return refusals === 1 ? { ...busy('', 403), headers } : undefined;
    });

    expect(await bench.run('create_user', { userName: 'ada@example.com' })).toMatchObject({
      userName: 'ada@example.com',
    });
    expect(bench.proxy.seen.map(({ method }) => method)).toEqual(['POST', 'POST']);
    expect(bench.clock.slept).toEqual([2_000]);
  });

  it('is rate_limited if the wait exceeds the deadline', async () => {
    bench = await openFaultBench({ connection: { deadlineInMs: 30_000 } });
    bench.setPlan(() => busy('90', 403));

    const error = await failureOf(bench.run('get_user', { user: { id: '1' } }));

    expect(error).toMatchObject({ code: 'rate_limited', status: 403, attempts: 1, retryAfterInMs: 90_000 });
  });
});

describe('after a 429 with a wait beyond the budget', () => {
  it.each(['600', '3600'])(
    'fails the next action at once during a pause of %s seconds, and sends no request',
    async (seconds) => {
      bench = await openFaultBench({ connection: { deadlineInMs: 30_000 } });
      bench.setPlan(() => busy(seconds));
      await failureOf(bench.run('search_users', {}));
      bench.setPlan(() => undefined);

      const error = await failureOf(bench.run('search_users', {}));

      expect(error).toMatchObject({
        code: 'rate_limited',
        attempts: 0,
        retryAfterInMs: Number(seconds) * 1_000,
      });
      expect(bench.clock.slept).toEqual([]);
      expect(bench.proxy.seen).toHaveLength(1);
    },
  );

  it.each(['3601', '1795651200', '99999999999', '9'.repeat(400)])(
    'reports a wait of %s seconds as an hour, and does not delay the next action',
    async (seconds) => {
      bench = await openFaultBench({ connection: { deadlineInMs: 30_000 } });
      bench.setPlan(() => busy(seconds));
      const error = await failureOf(bench.run('search_users', {}));
      bench.setPlan(() => undefined);

      expect(error).toMatchObject({ code: 'rate_limited', attempts: 1, retryAfterInMs: 3_600_000 });
      expect(await bench.run('search_users', {})).toMatchObject({ truncated: false });
    },
  );

  it('runs the next action once the pause is over', async () => {
    bench = await openFaultBench({ connection: { deadlineInMs: 30_000 } });
    bench.setPlan(() => busy('60'));
    await failureOf(bench.run('search_users', {}));
    bench.setPlan(() => undefined);
    await bench.clock.sleep(60_000);

    expect(await bench.run('search_users', {})).toMatchObject({ truncated: false });
  });
});

describe('a server that never responds', () => {
  it('times out at the deadline of the action, with a message that names the host', async () => {
    bench = await openFaultBench({ connection: { deadlineInMs: 250, timeoutInMs: 100 } });
    bench.setPlan(() => ({ kind: 'silent', acts: false }));

    const error = await failureOf(bench.run('get_user', { user: { id: '1' } }));

    expect(error).toMatchObject({ code: 'unavailable', status: undefined });
    expect(error.message).toContain('No response from 127.0.0.1:');
    expect(error.message).toContain('no response within');
    expect(error.message).toContain('`timeoutInMs`');
  });
});

describe('a response that exceeds the size limit', () => {
  it('is not read to its end, and is not requested again', async () => {
    bench = await openFaultBench({ connection: { maxResponseBytes: 2_048 } });
    bench.setPlan(() => ({ kind: 'padded', bytes: 5_000_000, acts: true }));

    const error = await failureOf(bench.run('search_users', {}));

    expect(error).toMatchObject({ code: 'provider_fault', attempts: 1 });
    expect(error.message).toContain('larger than 2048 bytes');
    expect(error.message).toContain('Lower `pageSize`, or request fewer attributes.');
  });
});

describe('a connection that the server has closed while it was idle', () => {
  it('causes a second attempt, but no second user', async () => {
    bench = await openFaultBench();
    let isClosed = false;
    bench.setPlan(({ isReused }) => {
      if (!isReused || isClosed) return undefined;
      isClosed = true;
      return { kind: 'reset', acts: false };
    });

    await bench.run('search_users', {});
    const created = await bench.run('create_user', { userName: 'ada@example.com' });
    await bench.run('update_user', { user: { id: (created as { id: string }).id }, title: 'Changed' });

    expect(bench.proxy.seen.filter(({ isReused }) => isReused).length).toBeGreaterThan(0);
    const { resources } = await bench.direct.actions.search_users({ userName: 'ada@example.com' });
    expect(resources).toMatchObject([{ title: 'Changed' }]);
  });
});

describe('an aborted action', () => {
  it.each([
    ['before the step began', true],
    ['while the provider is silent', false],
  ])('fails with the reason of the signal (%s)', async (_, isEarly) => {
    bench = await openFaultBench();
    const controller = new AbortController();
    const giveUp = (): void => controller.abort(new Error('I have no more time'));
    bench.setPlan(() => {
      giveUp();
      return { kind: 'silent', acts: false };
    });
    if (isEarly) giveUp();

    const ended = bench.run('create_user', { userName: 'ada' }, { signal: controller.signal });

    await expect(ended).rejects.toThrow('I have no more time');
    expect(bench.proxy.seen).toHaveLength(isEarly ? 0 : 1);
  });
});
