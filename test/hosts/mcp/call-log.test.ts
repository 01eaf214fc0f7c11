import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../../../connector/errors.ts';
import { createCallLog } from '../../../hosts/mcp/server/call-log.ts';
import { definition } from '../../support/open-test-session.ts';

const options = { signal: new AbortController().signal };

async function recordedAfter(
  limits: { mostCalls: number; mostCharacters: number },
  outputs: readonly string[],
) {
  const log = createCallLog(definition, limits);
  for (const output of outputs) await log.record('update_user', {}, options, async () => output);
  return { log, ids: (await log.list(options.signal)).map(({ call }) => call) };
}

it('keeps the last calls, up to a number', async () => {
  const { log, ids } = await recordedAfter({ mostCalls: 2, mostCharacters: 1_000 }, ['a', 'b', 'c']);
  expect(ids).toEqual(['call-3', 'call-2']);
  expect(await log.find('call-1', options.signal)).toBeUndefined();
  expect(await log.find('call-3', options.signal)).toMatchObject({ state: 'done', output: 'c' });
});

it('keeps the last calls, up to a size of all results, and the last one whatever its size', async () => {
  const long = 'x'.repeat(60);
  expect((await recordedAfter({ mostCalls: 9, mostCharacters: 130 }, [long, long, long])).ids).toEqual([
    'call-3',
    'call-2',
  ]);
  expect((await recordedAfter({ mostCalls: 9, mostCharacters: 10 }, ['a', long])).ids).toEqual(['call-2']);
});

it('never forgets a call that runs', async () => {
  const log = createCallLog(definition, { mostCalls: 1, mostCharacters: 1_000 });
  const first = Promise.withResolvers<string>();
  const running = log.record('update_user', {}, options, () => first.promise);
  await log.record('update_user', {}, options, async () => 'b');
  expect((await log.list(options.signal)).map(({ call, state }) => [call, state])).toEqual([
    ['call-2', 'done'],
    ['call-1', 'running'],
  ]);
  first.resolve('a');
  await running;
  expect((await log.list(options.signal)).map(({ call }) => call)).toEqual(['call-2']);
});

describe('a call that a client cancels', () => {
  const canceled = { signal: AbortSignal.abort() };
  const unavailable = new ConnectorError('unavailable', { what: 'No response.', nextStep: 'Try again.' });
  const stateAfter = async (run: () => Promise<unknown>): Promise<string | undefined> => {
    const log = createCallLog(definition);
    await log.record('update_user', {}, canceled, run).catch(() => {});
    return (await log.find('call-1', options.signal))?.state;
  };

  it.each<readonly [state: string, what: string, run: () => Promise<unknown>]>([
    ['done', 'the output of one user', async () => ({ id: '1', userName: 'ada@example.com' })],
    ['done', 'rows that are all done', async () => ({ failed: 0, results: [{ ok: true }] })],
    [
      'done',
      'a row that the provider rejected',
      async () => ({ failed: 1, results: [{ ok: false, error: { code: 'conflict' } }] }),
    ],
    [
      'stopped',
      'a row that is left',
      async () => ({ failed: 1, results: [{ ok: true }, { ok: false, error: { code: 'unavailable' } }] }),
    ],
    [
      'stopped',
      'a change that is left',
      async () => ({ results: [{ outcome: 'changed' }, { outcome: 'stopped' }] }),
    ],
    ['stopped', 'a request that ended with the signal', async () => canceled.signal.throwIfAborted()],
    ['stopped', 'a lost response', () => Promise.reject(unavailable)],
    [
      'failed',
      'a user who does not exist',
      () => Promise.reject(new ConnectorError('not_found', { what: 'No user.', nextStep: 'Check.' })),
    ],
  ])('is %s after %s', async (state, _, run) => {
    expect(await stateAfter(run)).toBe(state);
  });

  it('is shown as running to a client that does not wait until it has ended', async () => {
    const log = createCallLog(definition);
    const never = Promise.withResolvers<unknown>();
    void log.record('update_user', {}, canceled, () => never.promise);
    const impatient = new AbortController();
    const listed = log.list(impatient.signal);
    impatient.abort();

    expect(await listed).toMatchObject([{ call: 'call-1', state: 'running' }]);
    expect(await log.find('call-1', impatient.signal)).toMatchObject({ state: 'running' });
  });
});
