import { text } from 'node:stream/consumers';
import { expect, it, vi } from 'vitest';
import { createConnector, type ProvisioningEvent } from '../../runtime/index.ts';
import { startSandbox } from '../../sandbox/index.ts';
import { auditedNumbers } from '../integration/workspace/event-fixture.ts';
import { send } from '../integration/workspace/workspace-fixture.ts';
import { listen } from '../support/listen.ts';
import { changeSomething, seededRandom } from '../support/random-changes.ts';
import { startWebhookReceiver } from '../support/start-webhook-receiver.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type MortalWatch, startMortalWatch } from './start-mortal-watch.ts';

const kills = 100;
/** More than one life takes, so that there is always something that it can die of. */
const backlog = 5;

it(`gives the audit log, in order, though the watcher is killed ${kills} times and pushes and posts are dropped`, async () => {
  const random = seededRandom(5);
  using folder = temporaryFolder();
  let watch: MortalWatch | undefined;
  let mayDrop = true;
  const newLife = () => ({ url: Promise.withResolvers<string>(), isReplaced: Promise.withResolvers<void>() });
  let life = newLife();
  const drops = (): boolean => mayDrop && random() < 0.05;

  // Between the workspace and the watcher of the moment: it waits for one, and now and then loses what it says.
  const gate = await listen(async (request, response) => {
    const body = await text(request);
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    for (;;) {
      const { url, isReplaced } = life;
      try {
        watch?.moment();
        const answer = await fetch(await url.promise, { method: 'POST', headers, body });
        watch?.moment();
        if (drops()) response.destroy();
        else response.writeHead(answer.status).end(await answer.text());
        return;
      } catch {
        // That one died: the next one hears it, whether or not it was heard already.
        await isReplaced.promise;
      }
    }
  });
  const receiver = await startWebhookReceiver(() => {
    watch?.moment();
    return drops() ? 'drop' : { status: 204 };
  });
  const sandbox = await startSandbox({ eventPushUrl: `${gate.origin}/events` });
  const connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  const env = {
    HOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    NODE_COMPILE_CACHE: folder.file('compiled'),
  };
  const args = [
    ...['provisioning_event', '--state', folder.file('watch.state'), '--listen', '0'],
    ...['--source', 'security_event_token', '--source-set', `issuer=${sandbox.eventsIssuer}`],
    ...['--source-set', `audience=${sandbox.eventsAudience}`, '--source-set', `jwksUrl=${sandbox.jwksUrl}`],
    ...['--to', receiver.url, '--to-secret-env', 'HOOK_SECRET'],
  ];
  const live = async (dies: number): Promise<void> => {
    const mine = startMortalWatch(args, env, dies);
    watch = mine;
    const listening = mine.said(/Listening at (\S+)/).then(([, url = '']) => life.url.resolve(url));
    await Promise.race([mine.death, listening]);
  };
  const pending = async (): Promise<number> =>
    (await send('GET', `${sandbox.adminUrl}/event-streams`, sandbox.adminToken)).body.push.pending;
  try {
    for (let kill = 0; kill < kills; kill += 1) {
      await live(2 + Math.floor(random() * 12));
      const isDead = watch?.death.then(() => true);
      while (!(await Promise.race([isDead, Promise.resolve(false)])))
        if ((await pending()) < backlog) await changeSomething(connector, random);
      await isDead;
      const { isReplaced } = life;
      life = newLife();
      isReplaced.resolve();
    }
    mayDrop = false;
    await live(Number.POSITIVE_INFINITY);
    const numbers = await auditedNumbers(sandbox);
    const told = (): readonly ProvisioningEvent[] => {
      const first = new Map<string, string>();
      for (const { body } of receiver.received) {
        const { dedupeKey } = JSON.parse(body) as ProvisioningEvent;
        expect(first.get(dedupeKey) ?? body).toBe(body);
        if (!first.has(dedupeKey)) first.set(dedupeKey, body);
      }
      return [...first.values()].map((body) => JSON.parse(body) as ProvisioningEvent);
    };
    const numbersTold = (): readonly number[] => [
      ...new Set(told().map(({ id }) => Number(/-(\d+)\.\d+$/.exec(id)?.[1]))),
    ];
    await vi.waitFor(
      async () => {
        expect(await pending()).toBe(0);
        expect(numbersTold().length).toBe(numbers.length);
      },
      { timeout: 30_000, interval: 50 },
    );
    expect(numbers.length).toBeGreaterThan(kills);
    expect(numbersTold()).toEqual(numbers);
    expect(receiver.received.length).toBeGreaterThan(told().length);
  } finally {
    const last = watch;
    connector.close();
    await sandbox.close();
    last?.end();
    await last?.death;
    await gate.close();
    await receiver.close();
  }
}, 170_000);
