import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connector, createConnector } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { runCli, startCli } from '../../support/run-cli.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let sandbox: Sandbox;
let connector: Connector;
const folder = temporaryFolder();
const sheet = folder.file('people.csv');
const journals = folder.file('journals');

beforeAll(async () => {
  sandbox = await startSandbox();
  connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
});
afterAll(async () => {
  connector.close();
  await sandbox.close();
  folder[Symbol.dispose]();
});

const env = (): Record<string, string> => ({ SCIM_BASE_URL: sandbox.scimBaseUrl, SCIM_TOKEN: sandbox.token });
const args = [
  'apply',
  '--desired',
  sheet,
  '--owned-by',
  'externalId:hr-',
  '--journal-dir',
  journals,
  '--watch',
];

/** Starts a watch, and collects what it prints. */
function start(...more: readonly string[]) {
  const child = startCli([...args, '--every', '100ms', ...more], env());
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  const closed = once(child, 'close').then(([code]) => code as number | null);
  return { child, closed, text: () => text };
}

const people = (count: number): void =>
  writeFileSync(
    sheet,
    `userName,externalId\n${Array.from({ length: count }, (_, index) => `u${index}@example.com,hr-${index}\n`).join('')}`,
  );

async function active(): Promise<number> {
  const { totalResults } = await connector.actions.search_users({ active: true });
  return totalResults;
}

it('applies what a sheet becomes, holds what is drained step by step, and survives a kill', async () => {
  people(12);
  const first = start();
  await expect.poll(active).toBe(12);

  people(8);
  await expect.poll(active).toBe(8);
  writeFileSync(sheet, '');
  await expect.poll(first.text).toContain('This round failed: people.csv is empty.');
  people(5);
  await expect.poll(first.text).toContain('4 of them were lost in the past day.');
  const [hold = ''] = /hold-[\da-f]{16}/.exec(first.text()) ?? [];
  first.child.kill('SIGKILL');
  await first.closed;

  // What was lost before the kill still counts, and a round that can do nothing leaves no journal.
  const journalsBefore = readdirSync(journals).length;
  const second = start();
  await expect.poll(second.text).toContain(hold);
  expect(await active()).toBe(8);
  expect(readdirSync(journals)).toHaveLength(journalsBefore);
  second.child.kill('SIGTERM');
  expect(await second.closed).toBe(0);
  expect(second.text().match(/^Held: /gm)).toHaveLength(1);

  const third = start('--approve', hold);
  await expect.poll(active).toBe(5);
  // An approved loss was decided by a person, and does not count.
  expect(JSON.parse(readFileSync(`${journals}/losses.json`, 'utf8'))).toMatchObject([{ users: 4 }]);
  third.child.kill('SIGINT');
  expect(await third.closed).toBe(0);
});

it('ends at once if the desired state of the first round cannot be used', async () => {
  const missing = await runCli(
    ['apply', '--desired', folder.file('nowhere.csv'), '--watch', '--journal-dir', folder.file('none')],
    { env: env() },
  );

  expect(missing.code).toBe(2);
  expect(missing.err).toContain('there is no such file');
  expect(existsSync(folder.file('none/losses.json'))).toBe(false);
});
