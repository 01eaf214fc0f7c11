// One poll in a separate process, as in `rolecall watch --once`: BASE_URL TOKEN STATE_FILE TRIGGER INPUT. It
// prints its cost as JSON.
import { createConnector } from '../../runtime/index.ts';
import { openWatchStore } from '../../runtime/node/open-watch-store.ts';

const [baseUrl = '', token = '', file = '', trigger = '', input = '{}'] = process.argv.slice(2);
let requests = 0;
let peakHeapBytes = 0;
const connector = createConnector({
  baseUrl,
  token,
  log: ({ event }) => {
    if (event !== 'request_sent') return;
    requests += 1;
    peakHeapBytes = Math.max(peakHeapBytes, process.memoryUsage().heapUsed);
  },
});
const store = await openWatchStore(file);
const startedAt = performance.now();
const pages = store.pagesOf('poll');
const polled = await connector.poll(trigger, JSON.parse(input), await store.cursorOf('poll'), { pages });
await store.append({ origin: 'poll', cursor: polled.cursor, pages: polled.pages, events: [] });
const seconds = (performance.now() - startedAt) / 1000;
store.close();
connector.close();
console.log(
  JSON.stringify({
    requests,
    seconds,
    events: polled.events.length,
    peakHeapBytes,
    peakProcessBytes: process.resourceUsage().maxRSS * 1024,
  }),
);
