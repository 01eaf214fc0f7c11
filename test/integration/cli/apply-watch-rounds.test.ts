import { readdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { watchDesired } from '../../../cli/apply-watch.ts';
import type { Terminal } from '../../../cli/terminal.ts';
import type { Connector } from '../../../runtime/index.ts';
import { startProvider } from '../../support/start-provider.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const everyInMs = 60_000;

/** Called when a round has ended. */
let onRound: () => void = () => undefined;

// No wait takes time: a year of rounds would be a long test.
vi.mock('node:timers/promises', () => ({
  setTimeout: async (delayInMs: number): Promise<void> => {
    if (delayInMs === everyInMs) onRound();
  },
}));

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
  writeFileSync(folder.file('people.csv'), 'userName,title\nada@example.com,Boss\n');
});
afterEach(() => folder[Symbol.dispose]());

/** Watches the sheet for some rounds at a provider that answers each change with a status, until it accepts them. */
async function watch(status: number, rounds: number, acceptsAfter = rounds) {
  let ended = 0;
  let ada = { id: '1', userName: 'ada@example.com', title: 'Analyst' };
  const provider = await startProvider(({ method, url }) => {
    if (url.pathname === '/Users') return { body: { totalResults: 1, Resources: [ada] } };
    if (url.pathname !== '/Users/1') return { status: 404, body: {} };
    if (method === 'PATCH' && ended < acceptsAfter) return { status, body: {} };
    if (method === 'PATCH') ada = { ...ada, title: 'Boss' };
    return { body: ada };
  });
  const lines: string[] = [];
  const terminal: Terminal = {
    out: (line) => void lines.push(line),
    err: (line) => void lines.push(line),
    status: () => undefined,
    isScreen: false,
    isErrorScreen: false,
    columns: 80,
  };
  const drain = new AbortController();
  onRound = () => {
    ended += 1;
    if (ended === rounds) drain.abort();
  };
  const journalDir = folder.file('journals');
  const signals = { drain: drain.signal, abort: new AbortController().signal, release: () => undefined };
  const options = {
    desired: folder.file('people.csv'),
    journalDir,
    every: everyInMs,
    approve: [],
    neverTouch: [],
  };
  try {
    await watchDesired(provider.connector, options, terminal, signals);
  } finally {
    await provider.close();
  }
  const sent = provider.requests.filter(({ method }) => method === 'PATCH').length;
  return { sent, lines, files: readdirSync(journalDir), path: (name = '') => `${journalDir}/${name}` };
}

it.each([
  ['rejects', 400, 200],
  ['forbids', 403, 20],
  ['fails at', 503, 20],
  ['rejects the token of', 401, 20],
])(
  'leaves at most one journal, and repeats no message, where a provider %s a change with %i in each of %i rounds',
  async (_, status, rounds) => {
    const { sent, lines, files } = await watch(status, rounds);

    expect(sent).toBeGreaterThanOrEqual(rounds);
    expect(files.length).toBeLessThanOrEqual(1);
    expect(lines.length).toBeLessThan(10);
  },
);

it('keeps the journal of the round in which a change is made at last', async () => {
  const { files, lines } = await watch(400, 40, 20);

  expect(files).toEqual([expect.stringMatching(/^plan-.*\.journal$/)]);
  expect(lines.filter((line) => line.includes('The journal is in'))).toHaveLength(1);
});

it('counts the losses of a round that failed after it had made them', async () => {
  const active = new Map(['1', '2', '3', '4'].map((id) => [id, true]));
  const userOf = (id: string) => ({
    id,
    userName: `u${id}@example.com`,
    externalId: `hr-${id}`,
    active: active.get(id),
  });
  const provider = await startProvider(({ method, url }) => {
    if (url.pathname === '/Users')
      return { body: { totalResults: 4, Resources: [...active.keys()].map(userOf) } };
    const id = url.pathname.replace('/Users/', '');
    if (!active.has(id)) return { status: 404, body: {} };
    if (method === 'PATCH') active.set(id, false);
    return { body: userOf(id) };
  });
  onTestFinished(provider.close);
  const desired = folder.file('people.csv');
  const write = (...ids: readonly string[]): void =>
    writeFileSync(
      desired,
      `userName,externalId\n${ids.map((id) => `u${id}@example.com,hr-${id}\n`).join('')}`,
    );
  write('1', '2');
  const connector: Connector = {
    ...provider.connector,
    async apply(...args) {
      await provider.connector.apply(...args);
      throw new Error('The process ran out of memory.');
    },
  };
  const lines: string[] = [];
  const print = (line: string): void => void lines.push(line);
  const drain = new AbortController();
  let ended = 0;
  onRound = () => {
    ended += 1;
    if (ended === 1) write('1');
    else drain.abort();
  };
  const ownedBy = { externalIdPrefix: 'hr-' };
  const options = {
    ...{ desired, ownedBy, journalDir: folder.file('journals'), every: everyInMs },
    ...{ approve: [], neverTouch: [], massChangeLimit: 2 },
  };
  const terminal = {
    out: print,
    err: print,
    status: print,
    isScreen: false,
    isErrorScreen: false,
    columns: 80,
  };
  const signals = { drain: drain.signal, abort: new AbortController().signal, release: () => undefined };
  await watchDesired(connector, options, terminal, signals);

  expect(lines.join('\n')).toContain('The process ran out of memory.');
  expect(lines.join('\n')).toContain('2 of them were lost in the past day.');
  expect([...active.values()]).toEqual([true, true, false, false]);
});
