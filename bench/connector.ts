// Measures Rolecall against bare axios, bare node:http and undici's Pool over real HTTP: the same requests and bodies, in
// turns, in one run. The sandbox runs in a separate process.
// Use: node bench/connector.ts [--quick]      --quick: a smoke test of a few seconds; ignore its numbers
import { deepStrictEqual } from 'node:assert';
import { cpus } from 'node:os';
import { mapConcurrently } from '../connector/map-concurrently.ts';
import { createConnector } from '../runtime/index.ts';
import {
  bareAxios,
  bareHttp,
  type Contestant,
  concurrency,
  rolecall,
  undiciPool,
} from './support/contestant.ts';
import { heapAfterGc } from './support/heap-after-gc.ts';
import { median, quantile } from './support/median.ts';
import { personInput } from './support/person.ts';
import { type SandboxProcess, startSandboxProcess } from './support/start-sandbox-process.ts';
import { type Runner, type Turns, takeTurns } from './support/take-turns.ts';

const isQuick = process.argv.includes('--quick');
const size = isQuick
  ? { rounds: 3, sequential: 60, parallel: 250, warmUp: 500, provision: 1_000, slices: 5, bulk: 500 }
  : {
      rounds: 31,
      sequential: 300,
      parallel: 1_500,
      warmUp: 3_000,
      provision: 10_000,
      slices: 20,
      bulk: 10_000,
    };
/** The aims: next to axios everywhere, and for many reads at once, where the client counts most. */
const aims = { axios: 0.95, manyReads: { axios: 2.5, undici: 0.6 } };

/** All contestants. axios takes part twice: its difference from itself is the noise of the machine. */
const contestants: readonly {
  readonly name: string;
  readonly start: (sandbox: SandboxProcess) => Contestant;
}[] = [
  { name: 'Rolecall', start: rolecall },
  { name: 'axios', start: bareAxios },
  { name: 'axios again', start: bareAxios },
  { name: 'node:http', start: bareHttp },
  { name: 'undici Pool', start: undiciPool },
];
const [us, axios, axiosAgain, http, undici] = [0, 1, 2, 3, 4];

const manyReadsName = `get_user, ${concurrency} at once`;

let people = 0;
const nextName = (): string => {
  people += 1;
  return `person${people}`;
};

type Work = (contestant: Contestant, unit: number) => Promise<unknown>;

function runnersOf(started: readonly Contestant[], atOnce: number, work: Work): readonly Runner[] {
  return started.map((contestant, index) => ({
    name: contestants[index]?.name ?? '',
    run: async (units) => {
      await mapConcurrently(Array.from({ length: units }), atOnce, async (_, unit) => {
        await work(contestant, unit);
      });
    },
  }));
}

const line = (name: string, rates: readonly string[], ratios: readonly string[]): void => {
  const cells = [...rates.map((rate) => rate.padStart(12)), ...ratios.map((ratio) => ratio.padStart(18))];
  console.log(`${name.padEnd(26)}${cells.join('')}`);
};

/** `1.03 (1.01–1.06)`: the median and the interquartile range of the rounds. */
const spread = (ratios: readonly number[]): string =>
  `${median(ratios).toFixed(2)} (${quantile(ratios, 0.25).toFixed(2)}–${quantile(ratios, 0.75).toFixed(2)})`;

const reports = new Map<string, Turns>();
const shown = [us, axios, http, undici];

function report(name: string, turns: Turns): void {
  reports.set(name, turns);
  line(
    name,
    shown.map((contestant) => turns.rate(contestant).toFixed(0)),
    [
      spread(turns.ratios(us, axios)),
      spread(turns.ratios(us, http)),
      spread(turns.ratios(us, undici)),
      spread(turns.ratios(axiosAgain, axios)),
    ],
  );
}

/** The CPU time of the client, which the speed of the server and of other processes affects least. */
function reportCpu(): void {
  const names = shown.map((contestant) => contestants[contestant]?.name ?? '');
  line('\nCPU time of a request, µs', names, []);
  for (const [name, turns] of reports) {
    const times = shown.map((contestant) => turns.cpuInUs(contestant).toFixed(0));
    line(name, times, []);
  }
}

/** The four short measurements: all contestants against one sandbox. */
async function compareRequests(): Promise<void> {
  const sandbox = await startSandboxProcess();
  const started = contestants.map(({ start }) => start(sandbox));
  const ids: string[] = [];
  for (let user = 0; user < 100; user += 1) {
    const by = started[user % started.length];
    if (by !== undefined) ids.push((await by.create(nextName())).id);
  }
  await mustAgree(started, ids[0] ?? '');
  const get: Work = (contestant, unit) => contestant.get(ids[unit % ids.length] ?? '');
  const create: Work = (contestant) => contestant.create(nextName());
  const { rounds, warmUp } = size;
  for (const [name, work] of [
    ['get_user', get],
    ['create_user', create],
  ] as const) {
    for (const [way, atOnce, units] of [
      ['one by one', 1, size.sequential],
      [`${concurrency} at once`, concurrency, size.parallel],
    ] as const) {
      report(`${name}, ${way}`, await takeTurns(runnersOf(started, atOnce, work), { rounds, units, warmUp }));
    }
  }
  for (const contestant of started) contestant.close();
  await sandbox.stop();
}

/** Prevents an advantage by doing less: all read the same user, and create users that differ only in their names. */
async function mustAgree(started: readonly Contestant[], id: string): Promise<void> {
  const read = await Promise.all(started.map((contestant) => contestant.get(id)));
  const made = await Promise.all(
    started.map(async (contestant) => {
      const name = nextName();
      const { id: own } = await contestant.create(name);
      const user: unknown = { ...(await contestant.get(own)), id: '', meta: {} };
      return JSON.parse(JSON.stringify(user).replaceAll(name, 'NAME')) as unknown;
    }),
  );
  for (const users of [read, made]) {
    for (const user of users) deepStrictEqual(user, users[0]);
  }
}

/** The long run: all contestants provision that many users, slice by slice, and the heap is measured in between. */
async function provision(): Promise<void> {
  const sandbox = await startSandboxProcess();
  const started = contestants.map(({ start }) => start(sandbox));
  const heaps = new Map<number, number>();
  let done = 0;
  const turns = await takeTurns(
    runnersOf(started, concurrency, (contestant) => contestant.create(nextName())),
    {
      rounds: size.slices,
      units: size.provision / size.slices,
      warmUp: size.warmUp,
      afterRound: async () => {
        done += size.provision / size.slices;
        if ([0.1, 0.5, 1].some((part) => done === part * size.provision))
          heaps.set(done, await heapAfterGc());
      },
    },
  );
  report(`create_user, ${size.provision} users`, turns);
  const sizes = [...heaps].map(([users, bytes]) => `${(bytes / 2 ** 20).toFixed(1)} MiB at ${users}`);
  console.log(`\nHeap in use after gc: ${sizes.join(', ')} users`);
  for (const contestant of started) contestant.close();
  await sandbox.stop();
}

async function bulk(): Promise<void> {
  const sandbox = await startSandboxProcess();
  const { baseUrl, token } = sandbox;
  const connector = createConnector({ baseUrl, token });
  const rows = Array.from({ length: size.bulk }, () => ({ ...personInput(nextName()) }));
  const began = performance.now();
  const { succeeded } = await connector.actions.bulk_users({ action: 'upsert_user', rows });
  const seconds = (performance.now() - began) / 1000;
  if (succeeded !== rows.length) throw new Error(`Only ${succeeded} rows succeeded`);
  console.log(
    `bulk_users, ${rows.length} new rows to upsert_user: ${(rows.length / seconds).toFixed(0)} rows/s`,
  );
  connector.close();
  await sandbox.stop();
}

console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`,
);
line(
  'requests per second',
  shown.map((contestant) => contestants[contestant]?.name ?? ''),
  ['Rolecall/axios', '/node:http', '/undici Pool', 'axios/axios'],
);
await compareRequests();
await provision();
await bulk();
reportCpu();
const verdict = (ratio: number, aim: number): string =>
  `${ratio.toFixed(2)} (aim ${aim}: ${ratio >= aim ? 'reached' : 'missed'})`;
const manyReads = reports.get(manyReadsName);
const worst = Math.min(...[...reports.values()].map((turns) => median(turns.ratios(us, axios))));
console.log(
  isQuick || manyReads === undefined
    ? '\nA quick run only shows that everything runs: too little of it is warm to be measured.'
    : `\n${manyReadsName}: ${verdict(median(manyReads.ratios(us, axios)), aims.manyReads.axios)} × axios, ${verdict(median(manyReads.ratios(us, undici)), aims.manyReads.undici)} × undici's Pool.` +
        `\nThe lowest ratio to axios is ${verdict(worst, aims.axios)}.`,
);
