// Measures what polls cost over a large directory: requests, time next to bare axios reading the same pages, memory, and
// state on disk. The sandbox runs in a separate process, and so does each poll, with its state in a file.
// Use: node bench/polls.ts [--quick]      --quick: 5,000 users instead of 100,000
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import axios from 'axios';
import { createConnector } from '../runtime/index.ts';
import { employee } from './support/employee.ts';
import { startSandboxProcess } from './support/start-sandbox-process.ts';

const users = process.argv.includes('--quick') ? 5_000 : 100_000;
const pageSize = 1000;
const changed = 100;
const deleted = 10;
/** Older than the look-back of a poll, which reads everything newer again. */
const ageOfUsersInMs = 3_600_000;

interface Cost {
  readonly requests: number;
  readonly seconds: number;
  readonly events: number;
  /** The largest heap after any response, garbage included. */
  readonly peakHeapBytes: number;
  /** The largest resident memory of the process, including Node. */
  readonly peakProcessBytes: number;
}

/** A trigger, and the strategy that it chooses by itself. */
const ways = [
  { trigger: 'user_updated', strategy: 'changed_since' },
  { trigger: 'user_deprovisioned', strategy: 'snapshot' },
] as const;

/** The triggers on users: a watch of all of them reads the provider once. */
const together = [
  'user_deprovisioned',
  'user_provisioned',
  'user_updated',
  'user_role_changed',
  'user_reactivated',
];

const watchEntry = fileURLToPath(new URL('support/watch-entry.ts', import.meta.url));
const entry = fileURLToPath(new URL('support/poll-entry.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'rolecall-bench-'));
const stateOf = (trigger: string): string => join(folder, `${trigger}.db`);
const sandbox = await startSandboxProcess();
const { baseUrl, token } = sandbox;
const connector = createConnector({ baseUrl, token });
const misses: string[] = [];

async function poll(trigger: string): Promise<Cost> {
  const input = JSON.stringify({ pageSize, massChangeLimit: users });
  const { stdout } = await promisify(execFile)(process.execPath, [
    entry,
    baseUrl,
    token,
    stateOf(trigger),
    trigger,
    input,
  ]);
  return JSON.parse(stdout) as Cost;
}

/** One round of a watch of some triggers. @param state the name of its state */
async function watch(state: string, triggers: readonly string[]): Promise<Cost> {
  const input = JSON.stringify({ pageSize, massChangeLimit: users });
  const args = [watchEntry, baseUrl, token, stateOf(state), input, ...triggers];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Cost;
}

/** The seconds that bare axios needs to read and parse every page, one after another. */
async function readWithAxios(): Promise<number> {
  const startedAt = performance.now();
  const headers = { authorization: `Bearer ${token}` };
  for (let startIndex = 1; startIndex <= users; startIndex += pageSize)
    await axios.get(`${baseUrl}/Users`, { headers, params: { startIndex, count: pageSize } });
  return (performance.now() - startedAt) / 1000;
}

function must(isReached: boolean, aim: string): void {
  if (!isReached) misses.push(aim);
}

const line = (...[name = '', ...cells]: readonly string[]): void =>
  console.log(`${name.padEnd(44)}${cells.map((cell) => cell.padStart(14)).join('')}`);

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

function report(
  name: string,
  { requests, seconds, events, peakHeapBytes, peakProcessBytes }: Cost,
  bare?: number,
): void {
  line(
    name,
    `${requests}`,
    `${events}`,
    seconds.toFixed(2),
    bare === undefined ? '' : (seconds / bare).toFixed(2),
    mebibytes(peakHeapBytes),
    mebibytes(peakProcessBytes),
  );
}

console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}, ${users} users`,
);
await sandbox.setAge(ageOfUsersInMs);
for (let from = 0; from < users; from += 5_000) {
  const rows = Array.from({ length: 5_000 }, (_, index) => ({ ...employee(from + index) }));
  const { failed } = await connector.actions.bulk_users({ action: 'create_user', rows });
  if (failed > 0) throw new Error(`${failed} users could not be created`);
}
await sandbox.setAge(0);
line('poll', 'requests', 'events', 'seconds', '/axios', 'peak heap', 'peak process');
for (const { trigger, strategy } of ways) report(`${strategy}, the first`, await poll(trigger));

const bare = await readWithAxios();
for (const { trigger, strategy } of ways) {
  const cost = await poll(trigger);
  report(`${strategy}, nothing changed`, cost, strategy === 'snapshot' ? bare : undefined);
  must(cost.events === 0, `${strategy}: no event without a change`);
  if (strategy === 'changed_since') must(cost.requests === 1, 'one request when nothing changed');
  else must(cost.requests <= Math.ceil(users / pageSize), 'no more requests than pages');
}

// Before timestamps are trusted, a full read follows after one poll, and the next one only after two more.
const due = await poll('user_updated');
report('changed_since, the full read that is due', due, bare);
must(due.events === 0, 'no event from a full read without a change');

const rounds = ['the first', 'nothing changed'] as const;
for (const round of rounds) {
  const one = await watch('one', together.slice(0, 1));
  const five = await watch('five', together);
  report(`one trigger, ${round}`, one, bare);
  report(`five triggers, ${round}`, five, bare);
  must(five.requests === one.requests, `five triggers, ${round}: the requests of one`);
  const ratio = five.peakProcessBytes / one.peakProcessBytes;
  must(ratio <= 1.2, `five triggers, ${round}: 1.2 times the memory of one (${ratio.toFixed(2)})`);
}

const { resources } = await connector.actions.search_users({ limit: changed + deleted, pageSize: 500 });
for (const [index, { id, active }] of resources.entries()) {
  const user = { id };
  if (index < deleted) await connector.actions.delete_user({ user });
  else if (active === true) await connector.actions.update_user({ user, title: 'Countess', active: false });
  else await connector.actions.update_user({ user, title: 'Countess' });
}
const leaving = resources.slice(deleted).filter(({ active }) => active === true).length;
for (const { trigger, strategy } of ways) {
  const cost = await poll(trigger);
  report(
    `${strategy}, ${changed} changed and ${deleted} deleted`,
    cost,
    strategy === 'snapshot' ? bare : undefined,
  );
  if (strategy === 'changed_since') {
    must(cost.events === changed, 'every change is an event');
    must(cost.requests <= 2, 'two requests for 100 changes');
  } else {
    must(cost.events === leaving + deleted, 'every leaver is an event');
    must(cost.peakHeapBytes < 200 * 2 ** 20, 'a snapshot under 200 MiB');
  }
}

for (const { trigger, strategy } of ways) {
  const bytes = statSync(stateOf(trigger)).size / users;
  console.log(`State on disk, ${strategy}: ${bytes.toFixed(1)} bytes a user`);
  must(bytes < 60, 'a state under 60 bytes a user');
}
console.log(misses.length === 0 ? 'Every aim is reached.' : `Missed: ${misses.join('; ')}.`);
connector.close();
await sandbox.stop();
rmSync(folder, { recursive: true });
process.exitCode = misses.length === 0 ? 0 : 1;
