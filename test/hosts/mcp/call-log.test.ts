import { expect, it } from 'vitest';
import { createCallLog } from '../../../hosts/mcp/server/call-log.ts';
import { definition } from '../../support/open-test-session.ts';

const options = { signal: new AbortController().signal };

async function recordedAfter(
  limits: { mostCalls: number; mostCharacters: number },
  outputs: readonly string[],
) {
  const log = createCallLog(definition, limits);
  for (const output of outputs) await log.record('update_user', {}, options, async () => output);
  return { log, ids: (await log.list()).map(({ call }) => call) };
}

it('keeps the last calls, up to a number', async () => {
  const { log, ids } = await recordedAfter({ mostCalls: 2, mostCharacters: 1_000 }, ['a', 'b', 'c']);
  expect(ids).toEqual(['call-3', 'call-2']);
  expect(await log.find('call-1')).toBeUndefined();
  expect(await log.find('call-3')).toMatchObject({ state: 'done', output: 'c' });
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
  expect((await log.list()).map(({ call, state }) => [call, state])).toEqual([
    ['call-2', 'done'],
    ['call-1', 'running'],
  ]);
  first.resolve('a');
  await running;
  expect((await log.list()).map(({ call }) => call)).toEqual(['call-2']);
});
