// Measures what encryption costs a state: the same work in a plain and in an encrypted one, in turns, in one run.
// Use: node bench/state.ts [--quick]      --quick: a smoke test of a second; ignore its numbers
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWatchStore } from '../runtime/node/open-watch-store.ts';
import type { WatchStore } from '../runtime/watch/watch-store.ts';
import { sampleEvent } from '../test/support/sample-event.ts';
import { median, quantile } from './support/median.ts';
import { takeTurns } from './support/take-turns.ts';

const isQuick = process.argv.includes('--quick');
const size = isQuick ? { rounds: 3, units: 2, warmUp: 2 } : { rounds: 31, units: 20, warmUp: 40 };
const aim = 0.8;
const [plain, encrypted, plainAgain] = [0, 1, 2];
const key = Buffer.alloc(32, 7).toString('base64');
const folder = mkdtempSync(join(tmpdir(), 'rolecall-bench-'));

/** A page of a snapshot: a thousand users, as text that compresses as well as real ones. */
const page = Array.from(
  { length: 1000 },
  (_, user) => `${user}-${user * 7919}@example.com\ttrue\tAnalyst`,
).join('\n');

let number = 0;

/** A message with ten events is stored, and its events are delivered one after the other. */
async function pushAndDeliver(store: WatchStore): Promise<void> {
  number += 1;
  const events = Array.from({ length: 10 }, (_, index) => sampleEvent(`${number}/${index}`));
  await store.append({ origin: 'okta_event_hook', trigger: 'a', events, shouldDeliver: () => true });
  for (const { position } of await store.undelivered(10)) await store.acknowledge([position]);
}

/** A poll stores its cursor and ten pages of its snapshot, and reads them again. */
async function pollPages(store: WatchStore): Promise<void> {
  const names = Array.from({ length: 10 }, (_, index) => `User/${index}`);
  const pages = new Map(names.map((name) => [name, page]));
  await store.append({ origin: 'poll/a', cursor: { version: 2, page }, pages, events: [] });
  for (const name of names) await store.pagesOf('poll/a').read(name);
}

const line = (...[name = '', ...numbers]: readonly string[]): void =>
  console.log(`${name.padEnd(34)}${numbers.map((one) => one.padStart(20)).join('')}`);
const spread = (ratios: readonly number[]): string =>
  `${median(ratios).toFixed(2)} (${quantile(ratios, 0.25).toFixed(2)}–${quantile(ratios, 0.75).toFixed(2)})`;

const files = ['plain', 'encrypted', 'plain again'].map((name) => join(folder, `${name}.state`));
const stores: WatchStore[] = [];
for (const [index, file] of files.entries())
  stores.push(await openWatchStore(file, { key: index === encrypted ? key : undefined }));
try {
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}`,
  );
  line('per second', 'plain', 'encrypted', 'encrypted/plain', 'plain/plain');
  const medians: number[] = [];
  for (const [name, run] of [
    ['messages of 10 events, delivered', pushAndDeliver],
    ['polls with 10 pages', pollPages],
  ] as const) {
    const turns = await takeTurns(
      stores.map((store, index) => ({
        name: files[index] ?? '',
        async run(units: number) {
          for (let unit = 0; unit < units; unit += 1) await run(store);
        },
      })),
      size,
    );
    medians.push(median(turns.ratios(encrypted, plain)));
    line(
      name,
      turns.rate(plain).toFixed(0),
      turns.rate(encrypted).toFixed(0),
      spread(turns.ratios(encrypted, plain)),
      spread(turns.ratios(plainAgain, plain)),
    );
  }
  const [bytes = 0, sealed = 0] = files.map((file) => statSync(file).size);
  console.log(`\nThe encrypted file is ${(sealed / bytes).toFixed(2)} × the size of the plain one.`);
  const worst = Math.min(...medians);
  const isReached = worst >= aim;
  console.log(
    isQuick
      ? 'A quick run only shows that everything runs.'
      : `The lowest ratio is ${worst.toFixed(2)}; the aim is ${aim}: ${isReached ? 'reached' : 'missed'}.`,
  );
  if (!isQuick && !isReached) process.exitCode = 1;
} finally {
  for (const store of stores) store.close();
  rmSync(folder, { recursive: true, force: true });
}
