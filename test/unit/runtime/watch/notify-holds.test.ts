import { expect, it } from 'vitest';
import { ConnectorError } from '../../../../connector/errors.ts';
import type { HeldLoss } from '../../../../connector/safeguard/hold.ts';
import { holdOfPoll } from '../../../../runtime/watch/hold-events.ts';
import { createMemoryWatchStore } from '../../../../runtime/watch/memory-watch-store.ts';
import { withNotices } from '../../../../runtime/watch/notify-holds.ts';
import { approveHold, readHolds } from '../../../../runtime/watch/release-holds.ts';
import { createFakePlatform } from '../../../support/fake-platform.ts';

const lossOf = (id: string): HeldLoss => ({
  key: `users ${id}`,
  kind: 'users',
  subject: { resource: 'User', id, name: id },
  before: 'active',
  after: 'inactive',
  count: 1,
});

it('sends a notice of what is held when the receiver works again, and none of what was released', async () => {
  const store = createMemoryWatchStore();
  const hold = (of: string, ...ids: readonly string[]): Promise<void> =>
    store.append({ origin: of, events: [], admit: holdOfPoll(of, ids.map(lossOf), 1) });
  await hold('poll/released', 'a');
  await hold('poll/grown', 'b');
  const platform = createFakePlatform(() => ({}));
  const over = new AbortController();
  const notices: unknown[] = [];
  let attempts = 0;
  const sink = {
    async deliver([entry]: readonly { readonly text: string }[]) {
      attempts += 1;
      if (attempts > 1) return void notices.push(JSON.parse(entry?.text ?? '').hold);
      for (const { id, of } of await readHolds(store))
        if (of === 'poll/released') await approveHold(store, id);
      await hold('poll/grown', 'b', 'c');
      throw new ConnectorError('unavailable', { what: 'Down.', nextStep: 'Wait.' });
    },
  };
  const watch = async (): Promise<void> => {
    while (notices.length === 0) await new Promise((resolve) => setImmediate(resolve));
    over.abort();
  };
  // Each wait takes a turn of the event loop.
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    await platform.sleep(ms, signal);
  };
  const options = { store, sink, isOnce: false, signal: over.signal, abort: over.signal };
  await withNotices({ ...options, platform: { ...platform, sleep } }, watch, (error) =>
    expect.fail(String(error)),
  );
  expect(notices).toMatchObject([{ of: 'poll/grown', counts: { users: 2 } }]);
});
