import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Connector, createConnector, type ProvisioningEvent } from '../../../runtime/index.ts';
import { openWatchStore } from '../../../runtime/node/open-watch-store.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { killAll, trackProcess } from '../../support/kill-harness.ts';
import { readLines } from '../../support/line-reader.ts';
import { type CliResult, cliMain, runCli, startCli } from '../../support/run-cli.ts';
import { sampleEvent } from '../../support/sample-event.ts';
import { startWebhookReceiver } from '../../support/start-webhook-receiver.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
let sandbox: Sandbox;
let connector: Connector;
let folder: ReturnType<typeof temporaryFolder>;
let state: string;
let names = 0;

beforeAll(async () => {
  sandbox = await startSandbox();
  connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
});

afterAll(async () => {
  connector.close();
  await sandbox.close();
});

beforeEach(() => {
  folder = temporaryFolder();
  state = folder.file('watch.state');
});

afterEach(async () => {
  await killAll();
  folder[Symbol.dispose]();
});

const env = (): Readonly<Record<string, string>> => ({ SCIM_TOKEN: sandbox.token, HOOK_SECRET: secret });

function argsOf(trigger: string, ...more: readonly string[]): readonly string[] {
  const connection = ['--base-url', sandbox.scimBaseUrl, '--token-env', 'SCIM_TOKEN'];
  return ['watch', trigger, ...connection, '--state', state, ...more];
}

function runOnce(trigger: string, ...more: readonly string[]): Promise<CliResult> {
  return runCli(argsOf(trigger, '--once', ...more), { env: env() });
}

function start(trigger: string, ...more: readonly string[]) {
  return trackProcess(startCli(argsOf(trigger, ...more), env()));
}

async function createUser(): Promise<string> {
  names += 1;
  return (await connector.actions.create_user({ userName: `user${names}@example.com` })).id;
}

function eventsOf(out: string): readonly ProvisioningEvent[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Puts events into the state, as a watch that was killed before it delivered them leaves them there. */
async function leave(trigger: string, events: readonly ProvisioningEvent[]): Promise<void> {
  const store = await openWatchStore(state);
  await store.claim(trigger);
  await store.append({ origin: 'poll', events });
  store.close();
}

async function leftIn(file = state): Promise<readonly string[]> {
  const store = await openWatchStore(file);
  const left = await store.undelivered(1000);
  store.close();
  return left.map(({ text }) => JSON.parse(text).dedupeKey);
}

it('delivers first what the last watch could not deliver, unchanged', async () => {
  const [one, two] = [sampleEvent('one'), sampleEvent('two')];
  await leave('user_updated', [one, two]);
  const { code, out, err } = await runOnce('user_updated');
  expect({ code, out }).toEqual({ code: 0, out: `${JSON.stringify(one)}\n${JSON.stringify(two)}\n` });
  expect(err).toContain('Delivering 2 events from the previous run first.');
  expect(await leftIn()).toEqual([]);
});

it('exits with 6 if the provider is unreachable and it polls once', async () => {
  const args = ['watch', 'user_updated', '--base-url', 'http://127.0.0.1:1', '--token-env', 'SCIM_TOKEN'];
  const once = [...args, '--state', state, '--once', '--set', 'deadlineInMs=50'];
  expect(await runCli(once, { env: env() })).toMatchObject({ code: 6 });
});

it('exits with 7 if more users would lose access than the limit, with --once and with --exit-on held', async () => {
  const limit = ['--input', '{"massChangeLimit":1}'];
  const [ada, bob] = [await createUser(), await createUser()];
  await runOnce('user_deprovisioned', ...limit);
  for (const id of [ada, bob]) await connector.actions.deactivate_user({ user: { id } });
  for (const pace of [['--once'], ['--every', '10ms', '--exit-on', 'held']]) {
    expect(await runCli(argsOf('user_deprovisioned', ...pace, ...limit), { env: env() })).toMatchObject({
      code: 7,
      out: '',
      err: expect.stringContaining('mass_change_blocked: '),
    });
  }
  const { out } = await runOnce('user_deprovisioned', '--input', '{"massChangeLimit":2}');
  expect(eventsOf(out)).toHaveLength(2);
});

it('keeps polling if the safeguard holds a poll, and logs the number of users each time', async () => {
  const limit = ['--input', '{"massChangeLimit":1}'];
  const [ada, bob] = [await createUser(), await createUser()];
  await runOnce('user_deprovisioned', ...limit);
  for (const id of [ada, bob]) await connector.actions.deactivate_user({ user: { id } });
  const child = start('user_deprovisioned', '--every', '10ms', '--verbose', ...limit);
  const log = readLines(child.stderr);
  for (let failures = 0; failures < 2; failures += 1)
    expect(await log.find('"poll_failed"')).toMatch(/2 of \d+ users .*active → inactive/);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('keeps polling with a rejected token once a poll has succeeded, and exits with 3 with --exit-on auth', async () => {
  await runOnce('user_provisioned');
  const wrong = { ...env(), SCIM_TOKEN: 'a-token-that-was-revoked' };
  const child = trackProcess(startCli(argsOf('user_provisioned', '--every', '10ms', '--verbose'), wrong));
  const log = readLines(child.stderr);
  for (let failures = 0; failures < 2; failures += 1) await log.find('"poll_failed"');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  const args = argsOf('user_provisioned', '--every', '10ms', '--exit-on', 'auth');
  expect(await runCli(args, { env: wrong })).toMatchObject({ code: 3 });
});

it('exits with 3 if the token is rejected before any poll has succeeded', async () => {
  const wrong = { ...env(), SCIM_TOKEN: 'a-token-that-never-worked' };
  const args = argsOf('user_provisioned', '--every', '10ms');
  expect(await runCli(args, { env: wrong })).toMatchObject({ code: 3 });
});

it('runs until SIGTERM, and then exits with 0', async () => {
  const child = start('user_provisioned', '--every', '20ms', '--verbose');
  const [lines, log] = [readLines(child.stdout), readLines(child.stderr)];
  await log.find('poll_done');
  for (let round = 0; round < 3; round += 1) {
    const id = await createUser();
    expect(JSON.parse(await lines.next())).toMatchObject({ type: 'create', subject: { id } });
  }
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(await runOnce('user_provisioned')).toMatchObject({ code: 0, out: '' });
});

it('exits if its reader has stopped reading, and keeps the unread events', async () => {
  const long = 'x'.repeat(300_000);
  const keys = ['one', 'two'];
  await leave(
    'user_updated',
    keys.map((key) => sampleEvent(key, { cause: long })),
  );
  const child = start('user_updated', '--every', '1h', '--verbose');
  // Of standard output nothing is read, so that the pipe fills up and stays full.
  await readLines(child.stderr).find('from the previous run first');
  child.kill('SIGINT');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(await leftIn()).toEqual(keys);
});

it('completes the line in which the last watch was killed, if it prints to a file', async () => {
  const out = folder.file('events.jsonl');
  writeFileSync(out, '{"id":"before"}\n{"id":"to');
  const event = sampleEvent('torn');
  await leave('user_updated', [event]);
  const child = spawn(process.execPath, [cliMain, ...argsOf('user_updated', '--once')], {
    env: { ...process.env, ...env() },
    stdio: ['ignore', openSync(out, 'a'), 'ignore'],
  });
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(readFileSync(out, 'utf8')).toBe(`{"id":"before"}\n{"id":"to\n${JSON.stringify(event)}\n`);
});

it('goes on after a rejection that a deployment can explain, with a warning', async () => {
  const receiver = await startWebhookReceiver((_, number) => ({ status: number === 1 ? 410 : 200 }));
  await leave('user_updated', [sampleEvent('one'), sampleEvent('two')]);
  const child = start('user_updated', '--to', receiver.url, '--to-secret-env', 'HOOK_SECRET', '--verbose');
  const log = readLines(child.stderr);
  const reported = await log.find('delivery_failed');
  expect(reported).toContain('responded with status 410. The event was not accepted and stays in the queue.');
  await log.find('delivery_recovered');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  const keys = receiver.received.map(({ body }) => JSON.parse(body).dedupeKey);
  expect(keys.slice(0, 2)).toEqual(['one', 'one']);
  await receiver.close();
});

it('exits with the code of a rejection with --once, and keeps the rejected event and those after it', async () => {
  const receiver = await startWebhookReceiver(() => ({ status: 410 }));
  await leave('user_updated', [sampleEvent('one'), sampleEvent('two')]);
  const { code, err } = await runOnce('user_updated', '--to', receiver.url, '--to-secret-env', 'HOOK_SECRET');
  expect(code).toBe(4);
  expect(err).toContain('responded with status 410. The event was not accepted and stays in the queue.');
  // The rejected one is at the head of its lane.
  const store = await openWatchStore(state);
  expect(await store.count()).toBe(2);
  expect(await store.nextFailing('sink')).toMatchObject({ text: expect.stringContaining('"one"') });
  store.close();
  await receiver.close();
});

it('exits at the second signal if the receiver never responds, and posts the event again in the next run', async () => {
  const came = Promise.withResolvers<void>();
  const receiver = await startWebhookReceiver((_, number) => {
    came.resolve();
    return number === 1 ? 'hang' : { status: 200 };
  });
  await leave('user_updated', [sampleEvent('one')]);
  const to = ['--to', receiver.url, '--to-secret-env', 'HOOK_SECRET'];
  const child = start('user_updated', ...to);
  await came.promise;
  child.kill('SIGTERM');
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(await runOnce('user_updated', ...to)).toMatchObject({ code: 0 });
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
  await receiver.close();
});
