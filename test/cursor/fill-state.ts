// Fills a state until it cannot be written any more: FILE. Prints what was acknowledged, and what it still has.
import { openWatchStore } from '../../runtime/node/open-watch-store.ts';
import { sampleEvent } from '../support/sample-event.ts';

const [file = ''] = process.argv.slice(2);
let error: unknown;
let cursor = 0;
try {
  const store = await openWatchStore(file);
  try {
    for (cursor = 1; ; cursor += 1)
      await store.append({ origin: 'poll', cursor, events: [sampleEvent(`${cursor}`)] });
  } catch (cause) {
    error = cause;
  }
  const kept = { cursor: await store.cursorOf('poll'), count: await store.count() };
  process.stdout.write(JSON.stringify({ error, failedAt: cursor, kept }));
  store.close();
} catch (cause) {
  process.stdout.write(JSON.stringify({ error: cause }));
}
