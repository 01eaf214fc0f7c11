import type { ServerContext } from '@modelcontextprotocol/server';
import { expect, it, vi } from 'vitest';
import { runOptions } from '../../../hosts/mcp/server/call-limit.ts';

const { signal } = new AbortController();

function contextOf(progressToken?: number) {
  const notify = vi.fn(async (_: { readonly params?: unknown }) => {});
  return {
    notify,
    context: { mcpReq: { _meta: { progressToken }, notify } } as unknown as ServerContext,
  };
}

it('notifies a client of progress if there is more than before, every 100 ms at most, and of the end', () => {
  vi.useFakeTimers();
  const { notify, context } = contextOf(7);
  const { onProgress } = runOptions(context, signal);

  for (const [done, total] of [
    [0, 5],
    [1, 5],
    [1, 1],
    [2, 5],
    [3, 5],
    [5, 5],
    [5, 5],
  ] as const) {
    onProgress?.({ done, total });
    vi.advanceTimersByTime(50);
  }
  vi.useRealTimers();

  expect(notify.mock.calls.map(([{ params }]) => params)).toEqual([
    { progressToken: 7, progress: 1, total: 5, message: '1 of 5' },
    { progressToken: 7, progress: 2, total: 5, message: '2 of 5' },
    { progressToken: 7, progress: 5, total: 5, message: '5 of 5' },
  ]);
});

it('notifies nobody of progress unless the client has asked for it', () => {
  expect(runOptions(contextOf().context, signal)).toEqual({ signal });
});
