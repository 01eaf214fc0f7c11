// Bare axios reads the same list as a plan, and changes as many users as its apply, in a separate process: BASE_URL TOKEN
// USERS PAGE_SIZE CHANGES CONCURRENCY TITLE. It prints its cost as JSON.
import axios from 'axios';

const [baseUrl = '', token = '', ...others] = process.argv.slice(2);
const [users, pageSize, changes, concurrency] = others.slice(0, 4).map(Number);
const title = others[4];
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };

const readStart = performance.now();
const ids = [];
for (let startIndex = 1; startIndex <= users; startIndex += pageSize) {
  const { data } = await axios.get(`${baseUrl}/Users`, { headers, params: { startIndex, count: pageSize } });
  for (const { id } of data.Resources) ids.push(id);
}
const readSeconds = (performance.now() - readStart) / 1000;
const peakProcessBytes = process.resourceUsage().maxRSS * 1024;

const body = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path: 'title', value: title }],
};
const queue = ids.filter((_, index) => index % (users / changes) === 0).values();
async function work() {
  for (const id of queue) {
    await axios.get(`${baseUrl}/Users/${id}`, { headers });
    await axios.patch(`${baseUrl}/Users/${id}`, body, { headers });
  }
}
const changeStart = performance.now();
await Promise.all(Array.from({ length: concurrency }, work));
const changeSeconds = (performance.now() - changeStart) / 1000;
console.log(JSON.stringify({ readSeconds, changeSeconds, peakProcessBytes }));
