import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BuiltCli, buildCli } from '../../../support/build-cli.ts';
import { killAll } from '../../../support/kill-harness.ts';
import { seededRandom } from '../../../support/random-changes.ts';
import { stateKey } from '../../../support/state-fixtures.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { hookSecret, openSubscribers, subscribersToken } from './subscribers.ts';
import { killAtRandom, type RunningWatcher, type Step, startWatcher } from './watcher-process.ts';

// The real program, killed with SIGKILL again and again, while others push events, subscribe, and unsubscribe. What they
// do follows from the seed; where exactly a kill hits is as random as the machine is.
const seed = 20_261_126;
const kills = 200;
const kinds: readonly Step[] = ['sent', 'acknowledged', 'posted', 'posted'];

let watcher: BuiltCli;

beforeAll(() => {
  watcher = buildCli();
});

afterAll(() => rmSync(watcher.folder, { recursive: true }));

it(`loses, reorders, and sends on no event of a subscription over ${kills} kills`, async () => {
  using folder = temporaryFolder();
  const random = seededRandom(seed);
  const subscribers = openSubscribers(random);
  const start = (): RunningWatcher =>
    startWatcher(
      watcher.main,
      [
        ...['user_provisioned', '--state', folder.file('watch.state'), '--listen', '0'],
        ...['--source', 'okta_event_hook', '--source-secret-env', 'secret=HOOK_SECRET'],
        ...['--subscriptions', '--subscriptions-to-private'],
      ],
      {
        ...process.env,
        HOOK_SECRET: hookSecret,
        SUBSCRIPTIONS_TOKEN: subscribersToken,
        ROLECALL_STATE_KEY: stateKey,
      },
      folder.file('out.jsonl'),
    );
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      const running = start();
      const listening = running.listening.then(subscribers.setOrigin);
      subscribers.stir();
      await killAtRandom(random, running, listening, kinds, (onStep) => {
        subscribers.onStep = onStep;
      });
      await listening;
      subscribers.setOrigin(undefined);
    }
    const last = start();
    subscribers.setOrigin(await last.listening);
    await subscribers.settle();
    await expect.poll(subscribers.missing).toEqual([]);
    last.stop();
    expect(await last.over).toBe(0);

    expect(subscribers.faults()).toEqual([]);
    // How often each happens depends on where the kills hit.
    const { delivered, ended, gone } = subscribers.counts;
    expect(Math.min(delivered, ended, gone)).toBeGreaterThan(0);
  } finally {
    await killAll();
    await subscribers.close();
  }
});
