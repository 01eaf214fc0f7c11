import { expect, it } from 'vitest';
import { type Connector, createConnector, type ProvisioningEvent } from '../../runtime/index.ts';
import { startSandbox } from '../../sandbox/index.ts';
import { essence, foldEvents, type Knowledge, knowledgeOf } from '../support/fold-events.ts';
import { changeSomething, seededRandom } from '../support/random-changes.ts';
import { runCli } from '../support/run-cli.ts';
import { startFaultProxy } from '../support/start-fault-proxy.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type MortalWatch, startMortalWatch } from './start-mortal-watch.ts';

const kills = 100;

async function stateOf({ actions }: Connector): Promise<Knowledge> {
  const users = await actions.search_users({});
  const groups = await actions.search_groups({});
  return new Map([...knowledgeOf('User', users.resources), ...knowledgeOf('Group', groups.resources)]);
}

/** The events of whole lines; of a line that was torn by a kill, the whole one must have come again. */
function eventsOf(outputs: readonly string[]): readonly ProvisioningEvent[] {
  const lines = outputs.flatMap((output) => output.split('\n').slice(0, -1));
  const torn = outputs.map((output) => output.slice(output.lastIndexOf('\n') + 1));
  for (const part of torn) expect(lines.some((line) => line.startsWith(part))).toBe(true);
  const first = new Map<string, string>();
  for (const line of lines) {
    const { dedupeKey } = JSON.parse(line) as ProvisioningEvent;
    expect(first.get(dedupeKey) ?? line).toBe(line);
    if (!first.has(dedupeKey)) first.set(dedupeKey, line);
  }
  return [...first.values()].map((line) => JSON.parse(line) as ProvisioningEvent);
}

it(`gives each transition once, and no other, though the watcher is killed ${kills} times and answers are dropped`, async () => {
  const random = seededRandom(4);
  using folder = temporaryFolder();
  const sandbox = await startSandbox();
  let watch: MortalWatch | undefined;
  let mayDrop = true;
  const proxy = await startFaultProxy({
    upstream: sandbox.origin,
    now: undefined,
    plan: () => {
      watch?.moment();
      return mayDrop && random() < 0.02 ? { acts: true, kind: 'reset' } : undefined;
    },
  });
  const connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  const env = { SCIM_TOKEN: sandbox.token, NODE_COMPILE_CACHE: folder.file('compiled') };
  const args = [
    'provisioning_event',
    ...['--state', folder.file('watch.state'), '--input', '{"massChangeLimit":1000}'],
    ...['--base-url', sandbox.scimBaseUrl.replace(sandbox.origin, proxy.origin), '--token-env', 'SCIM_TOKEN'],
  ];
  try {
    for (let step = 0; step < 10; step += 1) await changeSomething(connector, random);
    expect(await runCli(['watch', ...args, '--once'], { env })).toMatchObject({ code: 0, out: '' });
    const before = await stateOf(connector);
    const outputs: string[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      watch = startMortalWatch([...args, '--every', '20ms'], env, 1 + Math.floor(random() * 14));
      const changes = (async () => {
        for (let left = Math.floor(random() * 5); left > 0; left -= 1)
          await changeSomething(connector, random);
      })();
      outputs.push(await watch.death);
      await changes;
    }
    watch = undefined;
    mayDrop = false;
    const last = await runCli(['watch', ...args, '--once'], { env });
    expect(last.code).toBe(0);
    const events = eventsOf([...outputs, last.out]);
    expect(events.length).toBeGreaterThan(kills / 2);
    let known = before;
    for (const event of events) {
      const user = known.get(`${event.resource}/${event.subject.id}`);
      if (event.type === 'create') expect(user).toBeUndefined();
      else expect(user).toBeDefined();
      if (event.type === 'deactivate') expect(user?.active ?? true).toBe(true);
      if (event.type === 'activate') expect(user?.active).toBe(false);
      known = foldEvents(known, [event]);
    }
    expect(essence(known)).toEqual(essence(await stateOf(connector)));
  } finally {
    connector.close();
    await proxy.close();
    await sandbox.close();
  }
}, 170_000);
