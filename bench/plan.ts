// Measures what a plan over a large directory costs, next to bare axios reading the same list, and what its apply costs,
// next to bare axios reading and changing as many users. They take turns, each in a new process; so is the sandbox's.
// Use: node bench/plan.ts [--quick]      --quick: one round with 5,000 users instead of five with 100,000
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createConnector } from '../runtime/index.ts';
import { buildCli } from '../test/support/build-cli.ts';
import { employee } from './support/employee.ts';
import { startSandboxProcess } from './support/start-sandbox-process.ts';

const isQuick = process.argv.includes('--quick');
const users = isQuick ? 5_000 : 100_000;
const rounds = isQuick ? 1 : 5;
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

interface AxiosCost {
  readonly readSeconds: number;
  readonly changeSeconds: number;
  readonly peakProcessBytes: number;
}

const folder = mkdtempSync(join(tmpdir(), 'rolecall-bench-'));
const built = buildCli();
const sandbox = await startSandboxProcess();
const { baseUrl, token } = sandbox;
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

/** Runs a script of this folder in a process of its own, and returns what it prints. */
async function run<Printed>(script: string, ...args: readonly (string | number)[]): Promise<Printed> {
  const path = fileURLToPath(new URL(`support/${script}`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...args.map(String)]);
  return JSON.parse(stdout) as Printed;
}

function planAndApply(title: string): Promise<Cost> {
  const journal = join(folder, `${title}.journal`);
  const library = join(built.folder, 'index.js');
  return run('plan-entry.js', library, baseUrl, token, writeSheet(title), journal);
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

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

const costs: Cost[] = [];
const axiosCosts: AxiosCost[] = [];
for (let round = 1; round <= rounds; round += 1) {
  axiosCosts.push(
    await run('axios-entry.js', baseUrl, token, users, pageSize, changes, concurrency, `Axios ${round}`),
  );
  costs.push(await planAndApply(`Planned ${round}`));
}
const overAxios = (seconds: (cost: Cost) => number, axiosSeconds: (cost: AxiosCost) => number): number =>
  median(costs.map((cost, round) => seconds(cost) / axiosSeconds(axiosCosts[round] as AxiosCost)));
const planRatio = overAxios(
  ({ planSeconds }) => planSeconds,
  ({ readSeconds }) => readSeconds,
);
const applyRatio = overAxios(
  ({ applySeconds }) => applySeconds,
  ({ changeSeconds }) => changeSeconds,
);
const peakBytes = median(costs.map(({ peakProcessBytes }) => peakProcessBytes));
const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
const [cost] = costs;
row(`median of ${rounds}`, 'requests', 'seconds', '/axios', 'peak process');
row(
  'axios reads the list',
  `${users / pageSize}`,
  median(axiosCosts.map(({ readSeconds }) => readSeconds)).toFixed(2),
  '',
  mebibytes(median(axiosCosts.map(({ peakProcessBytes }) => peakProcessBytes))),
);
row(
  'plan',
  `${cost?.planRequests}`,
  median(costs.map(({ planSeconds }) => planSeconds)).toFixed(2),
  planRatio.toFixed(2),
  mebibytes(peakBytes),
);
row(
  'apply',
  `${cost?.applyRequests}`,
  median(costs.map(({ applySeconds }) => applySeconds)).toFixed(2),
  applyRatio.toFixed(2),
  '',
);
row('a rewrite of every user, as a script does it', `${users}`, '', '', '');
must(
  costs.every(({ changed, unchanged }) => changed === changes && unchanged === users - changes),
  'exactly the changes of the sheet',
);
// A few users say nothing of the cost of many.
must(isQuick || planRatio <= 1.5, 'a plan takes at most 1.5 times as long as reading the list');
must(peakBytes < 300 * 2 ** 20, 'a plan takes less than 300 MiB');
must(applyRatio * 0.9 <= 1, 'apply makes at least 0.9 times as many changes a second');
await sandbox.stop();
rmSync(folder, { recursive: true });
rmSync(built.folder, { recursive: true });
for (const aim of misses) console.log(`missed: ${aim}`);
process.exitCode = misses.length === 0 ? 0 : 1;
