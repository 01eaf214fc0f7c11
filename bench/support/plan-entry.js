// One plan, and its apply, in a separate process, with the library as it is published: LIBRARY BASE_URL TOKEN SHEET
// JOURNAL. It prints its cost as JSON. It is JavaScript, because Node needs 16 MiB more for a file in TypeScript.
const [library = '', baseUrl = '', token = '', sheet = '', journal = ''] = process.argv.slice(2);
const { createConnector, readDesired } = await import(library);
let requests = 0;
const connector = createConnector({
  baseUrl,
  token,
  log: ({ event }) => {
    if (event === 'request_sent') requests += 1;
  },
});

const planStart = performance.now();
const plan = await connector.plan(await readDesired(sheet), { massChangeLimit: 100_000 });
const planSeconds = (performance.now() - planStart) / 1000;
const planRequests = requests;
const peakProcessBytes = process.resourceUsage().maxRSS * 1024;

const applyStart = performance.now();
const { counts } = await connector.apply(plan, { journal });
const applySeconds = (performance.now() - applyStart) / 1000;
connector.close();
console.log(
  JSON.stringify({
    changes: plan.changes.length,
    unchanged: plan.unchanged,
    changed: counts.changed,
    planRequests,
    planSeconds,
    peakProcessBytes,
    applyRequests: requests - planRequests,
    applySeconds,
  }),
);
