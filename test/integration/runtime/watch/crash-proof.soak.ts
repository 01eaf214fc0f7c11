import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ProvisioningEvent } from '../../../../runtime/index.ts';
import { type BuiltCli, buildCli } from '../../../support/build-cli.ts';
import { essence, stateOf } from '../../../support/oracles/fold-events.ts';
import { changeSomething, seededRandom } from '../../../support/random-changes.ts';
import { auditedNumbers } from '../../sandbox/workspace/event-fixture.ts';
import { follow, isPolled, withoutDeletedMembers } from './follow-events.ts';
import { type CrashBench, openCrashBench } from './open-crash-bench.ts';
import { killAtRandom, type Step } from './watcher-process.ts';

// The real program, killed with SIGKILL again and again, while users and groups change. What changes, which faults come
// and what is drawn for each kill follow from the seed; where exactly a kill hits is as random as the machine is.
const seed = 20_260_513;
const kills = 200;
/** The number of undisturbed polls in which everything reported so far is checked. */
const killsBetweenLooks = 25;

let watcher: BuiltCli;
let bench: CrashBench;

beforeAll(() => {
  watcher = buildCli();
});

afterAll(() => rmSync(watcher.folder, { recursive: true }));

beforeEach(async () => {
  bench = await openCrashBench(watcher.main, seed);
});

afterEach(() => bench.close());

/** The events without those that came again, in the order in which each came first; repeats say the same. */
function withoutRepeats(events: readonly ProvisioningEvent[]): readonly ProvisioningEvent[] {
  const first = new Map<string, ProvisioningEvent>();
  for (const event of events) {
    const known = first.get(event.dedupeKey);
    if (known === undefined) first.set(event.dedupeKey, event);
    else expect(event).toEqual(known);
  }
  return [...first.values()];
}

/** Lets the watcher look once at the provider, in peace. */
async function lookOnce(): Promise<void> {
  bench.setFaulty(false);
  const { over, log } = bench.start('--once');
  expect(await over, log.lines.join('\n')).toBe(0);
  bench.setFaulty(true);
}

/** One life of the watcher, from its start to its kill, while someone makes changes. */
async function liveAndDie(
  random: () => number,
  isPushedTo: boolean,
  change: () => Promise<void>,
): Promise<void> {
  const { sender, pushed, fetched, posting } = bench;
  const isPosting = random() < 0.5;
  const running = bench.start(
    ...['--every', '20ms'],
    ...(isPushedTo ? pushed : fetched),
    ...(isPosting ? posting : []),
  );
  const listening = running.listening.then(sender.setReceiver);
  const changing = (async () => {
    for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes -= 1) await change();
  })();
  const given = isPosting ? 'posted' : 'printed';
  const kinds: readonly Step[] = isPushedTo ? ['sent', 'acknowledged', 'acknowledged', given] : [given];
  const ready = isPushedTo ? listening : running.log.find('Watching').catch(() => undefined);
  await killAtRandom(random, running, ready, kinds, (onStep) => {
    bench.onStep = onStep;
  });
  await listening;
  sender.setReceiver(undefined);
  await changing;
}

it(`loses and invents no event over ${kills} kills while it polls, receives, and fetches`, async () => {
  const { connector, sandbox, sender } = bench;
  const [fate, choice] = [seededRandom(seed + 10), seededRandom(seed + 11)];
  const change = (): Promise<void> => changeSomething(connector, choice);
  for (let step = 0; step < 12; step += 1) await change();
  let known = await stateOf(connector);
  await lookOnce();
  let followed = 0;
  const expectAllPolled = async (): Promise<void> => {
    await lookOnce();
    const polled = withoutRepeats(bench.given()).filter(isPolled);
    known = follow(known, polled.slice(followed));
    followed = polled.length;
    expect(essence(known)).toEqual(essence(await stateOf(connector)));
  };

  for (let kill = 1; kill <= kills; kill += 1) {
    // First by push alone. A change reported in both ways is one event, and the poll, which fetches a hundred at once, is always first.
    await liveAndDie(fate, kill <= kills / 2, change);
    bench.given();
    if (kill % killsBetweenLooks === 0) await expectAllPolled();
  }

  // The last one may live until all is reported.
  bench.setFaulty(false);
  const { listening, over, stop } = bench.start('--every', '20ms', ...bench.pushed, ...bench.fetched);
  sender.setReceiver(await listening);
  await bench.untilAcknowledged();
  stop();
  expect(await over).toBe(0);
  await expectAllPolled();

  const all = withoutRepeats(bench.given());
  const reported = all.filter((event) => !isPolled(event));
  // Without repeats, whichever way they came, it is the audit log; one entry may be two events: someone was
  // deactivated, and got another title.
  const audited = await auditedNumbers(sandbox);
  expect([...new Set(reported.map(({ id }) => Number(/-(\d+)\.\d+$/.exec(id)?.[1])))]).toEqual(audited);
  expect(reported.filter(({ isLate }) => isLate)).toEqual([]);
  expect(essence(withoutDeletedMembers(follow(new Map(), reported)))).toEqual(
    essence(await stateOf(connector)),
  );
  // It was as hard as it was meant to be.
  expect(sender.repeated()).toBeGreaterThan(0);
  for (const source of ['security_event_token', 'security_event_poll'])
    expect(reported.filter((event) => event.source === source).length).toBeGreaterThan(0);
});

it('reports every transition that was visible at a poll, and no other', async () => {
  const { actions } = bench.connector;
  const fate = seededRandom(seed + 20);
  const user = { user: { id: (await actions.create_user({ userName: 'ada@example.com' })).id } };
  await lookOnce();
  const expected: string[] = [];
  for (let turn = 0; turn < 15; turn += 1) {
    const isActive = turn % 2 === 0;
    await (isActive ? actions.deactivate_user(user) : actions.reactivate_user(user));
    expected.push(isActive ? 'deactivate' : 'activate');
    // Some do not live to see it, or not to keep it.
    if (fate() < 0.5) {
      const { log, over, kill } = bench.start('--every', '20ms', '--verbose');
      await Promise.race([log.find('poll_done'), over]);
      await kill();
    }
    // A poll looks at users and at groups: when the next one has looked at users, the previous one it has been kept.
    const { log, over, kill } = bench.start('--every', '20ms', '--verbose');
    await Promise.race([log.find('poll_done', 3), over]);
    await sleep(fate() * 30);
    await kill();
    bench.given();
  }
  await lookOnce();
  expect(withoutRepeats(bench.given()).map(({ type }) => type)).toEqual(expected);
});
