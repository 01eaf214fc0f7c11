// Measures what a plan over a large directory costs, next to bare axios reading the same list, and what its apply costs,
// next to bare axios reading and changing the same users. The sandbox and the plan run in separate processes.
// Use: node bench/plan.ts [--quick]      --quick: 5,000 users instead of 100,000
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import axios from 'axios';
import { createConnector } from '../runtime/index.ts';
import { buildCli } from '../test/support/build-cli.ts';
import { employee } from './support/employee.ts';
import { startSandboxProcess } from './support/start-sandbox-process.ts';

const users = process.argv.includes('--quick') ? 5_000 : 100_000;
const changes = 1_000;
const pageSize = 1_000;
/** The connector's default. */
const concurrency = 10;

interface Cost {
  readonly changes: number;
  readonly unchanged: number;
  readonly changed: number;
  readonly planRequests: number;
  readonly planSeconds: number;
  readonly peakProcessBytes: number;
  readonly applyRequests: number;
  readonly applySeconds: number;
}

const entry = fileURLToPath(new URL('support/plan-entry.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rolecall-bench-'));
const built = buildCli();
const sandbox = await startSandboxProcess();
const { baseUrl, token } = sandbox;
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };
const misses: string[] = [];

function must(isReached: boolean, aim: string): void {
  if (!isReached) misses.push(aim);
}

/** The people as a sheet, some of them with another title. */
function writeSheet(title: string): string {
  const path = join(folder, `${title}.csv`);
  const lines = Array.from({ length: users }, (_, index) => {
    const person = employee(index);
    const every = users / changes;
    const job = index % every === 0 ? title : person.title;
    return [
      person.userName,
      person.externalId,
      person.displayName,
      job,
      person.department,
      person.active,
    ].join(',');
  });
  writeFileSync(path, `userName,externalId,displayName,title,department,active\n${lines.join('\n')}\n`);
  return path;
}

async function planAndApply(title: string): Promise<Cost> {
  const journal = join(folder, `${title}.journal`);
  const { stdout } = await promisify(execFile)(process.execPath, [
    entry,
    join(built.folder, 'index.js'),
    baseUrl,
    token,
    writeSheet(title),
    journal,
  ]);
  return JSON.parse(stdout) as Cost;
}

/** The IDs of all users, and the seconds that bare axios needs to read every page. */
async function readWithAxios(): Promise<{ readonly ids: readonly string[]; readonly seconds: number }> {
  const startedAt = performance.now();
  const ids: string[] = [];
  for (let startIndex = 1; startIndex <= users; startIndex += pageSize) {
    const { data } = await axios.get(`${baseUrl}/Users`, {
      headers,
      params: { startIndex, count: pageSize },
    });
    for (const { id } of data.Resources) ids.push(id);
  }
  return { ids, seconds: (performance.now() - startedAt) / 1000 };
}

/** The seconds that bare axios needs to read each user and to change it, as many at a time as the connector. */
async function changeWithAxios(ids: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const queue = ids.values();
  const body = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'title', value: 'Axios' }],
  };
  const worker = async (): Promise<void> => {
    for (const id of queue) {
      await axios.get(`${baseUrl}/Users/${id}`, { headers });
      await axios.patch(`${baseUrl}/Users/${id}`, body, { headers });
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return (performance.now() - startedAt) / 1000;
}

const row = (name: string, ...cells: readonly string[]): void =>
  console.log(`${name.padEnd(44)}${cells.map((cell) => cell.padStart(14)).join('')}`);

console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${users} users, ${changes} changes`,
);
const connector = createConnector({ baseUrl, token });
for (let from = 0; from < users; from += 5_000) {
  const rows = Array.from({ length: 5_000 }, (_, index) => ({ ...employee(from + index) }));
  const { failed } = await connector.actions.bulk_users({ action: 'create_user', rows });
  if (failed > 0) throw new Error(`${failed} users could not be created`);
}
connector.close();

const { ids, seconds: bareRead } = await readWithAxios();
const cost = await planAndApply('Planned');
const bareApply = await changeWithAxios(ids.filter((_, index) => index % (users / changes) === 0));
row('', 'requests', 'seconds', '/axios', 'peak process');
row(
  'plan',
  `${cost.planRequests}`,
  cost.planSeconds.toFixed(2),
  (cost.planSeconds / bareRead).toFixed(2),
  `${(cost.peakProcessBytes / 2 ** 20).toFixed(0)} MiB`,
);
row(
  'apply',
  `${cost.applyRequests}`,
  cost.applySeconds.toFixed(2),
  (cost.applySeconds / bareApply).toFixed(2),
  '',
);
row('a rewrite of every user, as a script does it', `${users}`, '', '', '');
must(cost.changed === changes && cost.unchanged === users - changes, 'exactly the changes of the sheet');
must(cost.planSeconds <= 1.5 * bareRead, 'a plan takes at most 1.5 times as long as reading the list');
must(cost.peakProcessBytes < 300 * 2 ** 20, 'a plan takes less than 300 MiB');
must(cost.applySeconds * 0.9 <= bareApply, 'apply makes at least 0.9 times as many changes a second');
await sandbox.stop();
rmSync(folder, { recursive: true });
rmSync(built.folder, { recursive: true });
for (const aim of misses) console.log(`missed: ${aim}`);
process.exitCode = misses.length === 0 ? 0 : 1;
