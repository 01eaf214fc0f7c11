import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Connector, createConnector, type ProvisioningEvent } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { killAll, trackProcess } from '../../support/kill-harness.ts';
import { readLines } from '../../support/line-reader.ts';
import { runCli, startCli } from '../../support/run-cli.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/start-webhook-receiver.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const refused = 'ada@example.com';
let folder: ReturnType<typeof temporaryFolder>;
let sandbox: Sandbox;
let connector: Connector;
/** One receiver refuses the events of a user, until it is corrected; the other one accepts everything. */
let picky: WebhookReceiver;
let open: WebhookReceiver;
let isCorrected: boolean;

beforeEach(async () => {
  folder = temporaryFolder();
  sandbox = await startSandbox();
  connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  isCorrected = false;
  picky = await startWebhookReceiver(({ body }) => ({
    status: !isCorrected && JSON.parse(body).subject.userName === refused ? 422 : 204,
  }));
  open = await startWebhookReceiver(() => ({ status: 204 }));
});

afterEach(async () => {
  await killAll();
  connector.close();
  await picky.close();
  await open.close();
  await sandbox.close();
  folder[Symbol.dispose]();
});

/** What a receiver was sent, as `type userName`, without what it refused. */
function accepted({ received }: WebhookReceiver): readonly string[] {
  return received
    .map(({ body }): ProvisioningEvent => JSON.parse(body))
    .filter(({ subject }) => isCorrected || subject.userName !== refused)
    .map(({ type, subject }) => `${type} ${subject.userName}`);
}

const namesOf = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `create ${name}@example.com`);

it('delivers all other events at once, and shows and replays what one sink has refused, while the watch runs', async () => {
  const state = folder.file('all.state');
  const webhook = ({ url }: WebhookReceiver) => ({ type: 'webhook', url, secretEnv: 'HOOK_SECRET' });
  const config = {
    state: 'all.state',
    every: '100ms',
    deadLetterAfter: '500ms',
    connections: {
      default: {
        baseUrl: sandbox.scimBaseUrl,
        auth: { type: 'bearer', tokenEnv: 'SCIM_TOKEN' },
        triggers: ['user_provisioned'],
      },
    },
    sinks: { picky: webhook(picky), open: webhook(open) },
  };
  writeFileSync(folder.file('watch.json'), JSON.stringify(config));
  const env = { SCIM_TOKEN: sandbox.token, HOOK_SECRET: secret };
  const watch = trackProcess(startCli(['watch', '--config', folder.file('watch.json'), '--verbose'], env));
  const log = readLines(watch.stderr);
  await log.find('poll_done');
  const steer = (...args: readonly string[]) => runCli(['state', ...args]);
  const sinkOf = async (name: string) => {
    const { out } = await steer('show', state, '--json');
    return JSON.parse(out).sinks.find(({ sink }: { readonly sink: string }) => sink === name);
  };

  const create = (name: string) => connector.actions.create_user({ userName: `${name}@example.com` });
  // Nothing else is delivered to either sink while it is refused.
  await create('ada');
  for (const { received } of [picky, open]) await expect.poll(() => received).not.toHaveLength(0);
  await create('bob');
  await create('cyd');
  await expect.poll(() => accepted(picky)).toEqual(namesOf('bob', 'cyd'));
  await create('dan');
  await expect.poll(() => accepted(picky)).toEqual(namesOf('bob', 'cyd', 'dan'));

  await log.find('event_dead_lettered');
  const [{ position, failure }] = (await sinkOf('picky')).deadLetters;
  expect(failure).toMatchObject({ code: 'invalid_input', attempts: 2 });
  expect(await sinkOf('open')).toMatchObject({ undelivered: 0, deadLetterCount: 0 });
  const { out } = await steer('show', state);
  expect(out).toContain(`#${position} dead letter: create User ${refused} (user_provisioned), 2 attempts`);

  isCorrected = true;
  const before = picky.received.length;
  const everything = namesOf('ada', 'bob', 'cyd', 'dan');
  expect(await steer('replay', state, '--since', '1h', '--sink', 'picky')).toMatchObject({ code: 0 });
  await expect.poll(() => accepted(picky).slice(before).toSorted()).toEqual(everything);
  expect(await sinkOf('picky')).toMatchObject({ undelivered: 0, deadLetterCount: 0 });
  // The other sink has everything once.
  expect(accepted(open).toSorted()).toEqual(everything);
  const times = picky.received.map(({ body }) => JSON.parse(body).dedupeKey).slice(before);
  expect(new Set(times)).toEqual(new Set(open.received.map(({ body }) => JSON.parse(body).dedupeKey)));

  watch.kill('SIGTERM');
  expect(await once(watch, 'exit')).toEqual([0, null]);
});
