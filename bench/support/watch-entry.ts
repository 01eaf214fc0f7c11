// One round of a watch in a separate process, as in `rolecall watch TRIGGER… --once`: BASE_URL TOKEN STATE_FILE INPUT
// TRIGGER…. It prints its cost as JSON.
import { createConnector, type WatchTarget } from '../../runtime/index.ts';

const [baseUrl = '', token = '', store = '', input = '{}', ...triggers] = process.argv.slice(2);
let requests = 0;
let events = 0;
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
const startedAt = performance.now();
await connector.watch(
  triggers.map((key) => ({ key, input: JSON.parse(input) }) as WatchTarget),
  {
    store,
    once: true,
    sink: () => {
      events += 1;
    },
  },
);
const seconds = (performance.now() - startedAt) / 1000;
connector.close();
console.log(
  JSON.stringify({
    requests,
    seconds,
    events,
    peakHeapBytes,
    peakProcessBytes: process.resourceUsage().maxRSS * 1024,
  }),
);
