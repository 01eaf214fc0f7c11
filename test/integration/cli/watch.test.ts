import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Connector, createConnector, type ProvisioningEvent } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { readLines } from '../../support/line-reader.ts';
import { nextLine, runCli, startCli } from '../../support/run-cli.ts';
import { startWebhookReceiver } from '../../support/start-webhook-receiver.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let sandbox: Sandbox;
let connector: Connector;
let env: Readonly<Record<string, string>>;
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

beforeEach(async () => {
  folder = temporaryFolder();
  sandbox = await startSandbox({ eventPolling: true });
  connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
  env = {
    SCIM_TOKEN: sandbox.token,
    HOOK_SECRET: secret,
    POLL_TOKEN: sandbox.eventPollToken,
    SHORT_SECRET: 'short',
  };
});

afterEach(async () => {
  connector.close();
  await sandbox.close();
  folder[Symbol.dispose]();
});

const state = (): readonly string[] => ['--state', folder.file('watch.state')];
const provider = (): readonly string[] => ['--base-url', sandbox.scimBaseUrl, '--token-env', 'SCIM_TOKEN'];
const beginning = ['--input', '{"startFrom":"beginning"}'];
const watchOnce = (key: string, ...more: readonly string[]) =>
  runCli(['watch', key, ...state(), ...provider(), '--once', ...more], { env });
const typesOf = (out: string): readonly string[] =>
  out
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as ProvisioningEvent).type);

it('prints each event once as a line, and resumes where it stopped', async () => {
  const { id } = await connector.actions.create_user({ userName: 'ada@example.com' });
  const first = await watchOnce('provisioning_event', ...beginning);
  expect([first.code, typesOf(first.out)]).toEqual([0, ['create']]);
  expect(JSON.parse(first.out)).toMatchObject({ subject: { id, userName: 'ada@example.com' } });
  await connector.actions.deactivate_user({ user: { id } });
  const second = await watchOnce('provisioning_event');
  expect([second.code, typesOf(second.out)]).toEqual([0, ['deactivate']]);
  expect(await watchOnce('provisioning_event')).toMatchObject({ code: 0, out: '' });
});

it('exits with 7 and emits nothing if too many users would be deprovisioned, and emits them with a higher limit', async () => {
  const ids: string[] = [];
  for (let user = 0; user < 22; user += 1)
    ids.push((await connector.actions.create_user({ userName: `${user}@example.com` })).id);
  expect(await watchOnce('user_deprovisioned')).toMatchObject({ code: 0, out: '' });
  for (const id of ids.slice(1)) await connector.actions.delete_user({ user: { id } });
  const held = await watchOnce('user_deprovisioned');
  expect([held.code, held.out]).toEqual([7, '']);
  expect(held.err).toContain('mass_change_blocked');
  const through = await watchOnce('user_deprovisioned', '--input', '{"massChangeLimit":30}');
  expect([through.code, typesOf(through.out).length]).toEqual([0, 21]);
});

it('shows what is held in a state, and lets exactly that through', async () => {
  const ids: string[] = [];
  for (let user = 0; user < 8; user += 1)
    ids.push((await connector.actions.create_user({ userName: `${user}@example.com` })).id);
  await watchOnce('user_deprovisioned');
  for (const id of ids) await connector.actions.deactivate_user({ user: { id } });
  const [, file = ''] = state();
  const held = await watchOnce('user_deprovisioned');
  expect(held).toMatchObject({ code: 7, out: '' });
  const shown = await runCli(['state', 'show', file, '--json'], {});
  const [{ id, losses }] = JSON.parse(shown.out).holds;
  expect(losses).toHaveLength(8);
  expect(held.err).toContain(
    `If it is, run "rolecall state release ${file} --approve ${id}": it approves exactly these losses. "rolecall state show ${file}" lists them.`,
  );
  const { out } = await runCli(['state', 'show', file], {});
  expect(out).toContain(`${id}: 8 losses of poll/user_deprovisioned, held since `);
  expect(out).toContain('  User 0@example.com: active → inactive');
  expect(await runCli(['state', 'release', file], {})).toMatchObject({ code: 2 });
  const wrong = await runCli(['state', 'release', file, '--approve', 'hold-0000000000000000'], {});
  expect(wrong).toMatchObject({ code: 4 });
  expect(await runCli(['state', 'release', file, '--approve', id], {})).toMatchObject({ code: 0 });
  const through = await watchOnce('user_deprovisioned');
  expect([through.code, typesOf(through.out).length]).toEqual([0, 8]);
  expect(await runCli(['state', 'show', `${file}.none`], {})).toMatchObject({ code: 2 });
});

it('posts a signed notice of a hold with --held-to, once', async () => {
  for (let user = 0; user < 8; user += 1)
    await connector.actions.create_user({ userName: `${user}@example.com` });
  await using cleanup = new AsyncDisposableStack();
  const receiver = cleanup.adopt(await startWebhookReceiver(() => ({ status: 204 })), (one) => one.close());
  const notify = ['--held-to', receiver.url, '--held-to-secret-env', 'HOOK_SECRET'];
  await watchOnce('user_deprovisioned', ...notify);
  const { resources } = await connector.actions.search_users({});
  for (const { id } of resources) await connector.actions.deactivate_user({ user: { id } });
  for (let run = 0; run < 2; run += 1)
    expect(await watchOnce('user_deprovisioned', ...notify)).toMatchObject({ code: 7, out: '' });
  expect(receiver.received).toHaveLength(1);
  const [{ headers, body } = expect.fail('No notice was posted.')] = receiver.received;
  expect(headers['rolecall-trigger']).toBe('safeguard.held');
  expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
    type: 'safeguard.held',
    hold: { id: expect.stringMatching(/^hold-/), of: 'poll/user_deprovisioned', counts: { users: 8 } },
    affected: expect.arrayContaining([expect.objectContaining({ name: '0@example.com' })]),
  });
});

it('exits with 3 if the token is rejected, and never shows it', async () => {
  const { code, out, err } = await runCli(
    ['watch', 'user_provisioned', ...state(), ...provider(), '--once'],
    { env: { SCIM_TOKEN: 'not-the-token-of-anybody' } },
  );
  expect([code, out]).toEqual([3, '']);
  expect(err).not.toContain('not-the-token-of-anybody');
});

it.each([
  [['nobody_did_anything'], /unknown trigger/],
  [['user_provisioned', '--input', '{"nonsense":1}'], /nonsense/],
  [['user_provisioned', '--listen', '0'], /--listen requires a --source that pushes events/],
  [['user_provisioned', '--exit-on', 'anything'], /It must be auth or held/],
  [['user_provisioned', '--every', '60'], /A duration is a number with a unit/],
  [['user_provisioned', '--to', 'http://example.com/hook'], /without encryption/],
  [['user_provisioned', '--to', 'https://example.com/hook'], /--to-secret-env is missing/],
  [
    ['user_provisioned', '--listen', '0', '--subscriptions', '--subscriptions-token-env', 'SHORT_SECRET'],
    /the tokens \(--subscriptions-token-env\) must have 16 characters/,
  ],
  [
    'user_provisioned --listen 0 --source okta_event_hook --source-secret-env secret=SHORT_SECRET'.split(' '),
    /the secret \(--source-secret-env secret\) must have at least 16 characters.*--source-secret-env previousSecret/,
  ],
])('exits with 2 for %j', async (args, message) => {
  const { code, out, err } = await runCli(['watch', ...args, ...state(), ...provider()], { env });
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(message);
});

it('does not change a file that is not a state, or a state of another trigger or provider', async () => {
  writeFileSync(folder.file('watch.state'), 'something else');
  expect(await watchOnce('user_provisioned')).toMatchObject({ code: 2, out: '' });
  folder[Symbol.dispose]();
  folder = temporaryFolder();
  expect(await watchOnce('user_provisioned')).toMatchObject({ code: 0 });
  const other = await watchOnce('user_deprovisioned');
  expect([other.code, other.err]).toEqual([2, expect.stringContaining('"user_provisioned"')]);
  const elsewhere = await startSandbox({ token: sandbox.token });
  try {
    const args = ['--base-url', elsewhere.scimBaseUrl, '--token-env', 'SCIM_TOKEN', '--once'];
    expect(await runCli(['watch', 'user_provisioned', ...state(), ...args], { env })).toMatchObject({
      code: 2,
      out: '',
    });
  } finally {
    await elsewhere.close();
  }
});

it('rejects a second watcher of one state, and exits with 0 on SIGTERM', async () => {
  const child = startCli(['watch', 'user_provisioned', ...state(), ...provider(), '--every', '100ms'], env);
  await readLines(child.stderr).find('"watch_started"');
  const second = await watchOnce('user_provisioned');
  expect([second.code, second.err]).toEqual([5, expect.stringContaining(`Process ${child.pid} has`)]);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('keeps unread events if its reader goes away', async () => {
  await connector.actions.create_user({ userName: 'ada@example.com' });
  const args = ['watch', 'user_provisioned', ...state(), ...provider(), ...beginning, '--every', '100ms'];
  const child = startCli(args, env);
  child.stdout.destroy();
  expect(await once(child, 'exit')).toEqual([0, null]);
  const next = await watchOnce('user_provisioned');
  expect([next.code, typesOf(next.out)]).toEqual([0, ['create']]);
});

it('posts each event with a signature, and keeps those that are not accepted', async () => {
  await connector.actions.create_user({ userName: 'ada@example.com' });
  let status = 400;
  const receiver = await startWebhookReceiver(() => ({ status }));
  try {
    const to = ['--to', receiver.url, '--to-secret-env', 'HOOK_SECRET'];
    expect(await watchOnce('user_provisioned', ...beginning, ...to)).toMatchObject({ code: 2, out: '' });
    status = 204;
    expect(await watchOnce('user_provisioned', ...to)).toMatchObject({ code: 0, out: '' });
    expect(receiver.received).toHaveLength(2);
    for (const { body, headers } of receiver.received) {
      const event = new Webhook(secret).verify(body, headers as Record<string, string>);
      expect(event).toMatchObject({ type: 'create', subject: { userName: 'ada@example.com' } });
    }
  } finally {
    await receiver.close();
  }
});

const tokens = (): readonly string[] => [
  ...['--source-set', `issuer=${sandbox.eventsIssuer}`, '--source-set', `audience=${sandbox.eventsAudience}`],
  ...['--source-set', `jwksUrl=${sandbox.jwksUrl}`],
];

it('receives events that a workspace pushes', async () => {
  const source = ['--source', 'security_event_token', ...tokens()];
  const child = startCli(['watch', 'user_deprovisioned', ...state(), '--listen', '0', ...source], env);
  let url: string | undefined;
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  while (url === undefined) {
    await once(child.stderr, 'data');
    url = /Listening at (http[^\s"]+)/.exec(err)?.[1];
  }
  const pushed = await fetch(`${sandbox.adminUrl}/settings`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${sandbox.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ eventPushUrl: url }),
  });
  expect(pushed.status).toBe(200);
  const { id } = await connector.actions.create_user({ userName: 'ada@example.com' });
  await connector.actions.deactivate_user({ user: { id } });
  expect(JSON.parse(await nextLine(child.stdout))).toMatchObject({
    type: 'deactivate',
    source: 'security_event_token',
    subject: { id },
  });
  const headers = { 'content-type': 'application/secevent+jwt' };
  expect((await fetch(url, { method: 'POST', headers, body: 'a.forged.token' })).status).toBe(400);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('fetches events from a workspace', async () => {
  const { id } = await connector.actions.create_user({ userName: 'ada@example.com' });
  await connector.actions.deactivate_user({ user: { id } });
  const args = [
    ...['watch', 'provisioning_event', ...state(), '--once', '--source', 'security_event_poll', ...tokens()],
    ...['--source-set', `pollUrl=${sandbox.eventPollUrl}`, '--source-secret-env', 'pollToken=POLL_TOKEN'],
  ];
  const { code, out } = await runCli(args, { env });
  expect([code, typesOf(out)]).toEqual([0, ['create', 'deactivate']]);
});

it('polls the activity log of a workspace', async () => {
  const { id } = await connector.actions.create_user({ userName: 'ada@example.com' });
  await connector.actions.deactivate_user({ user: { id } });
  const args = [
    ...['watch', 'provisioning_event', ...state(), '--once', '--source', 'workato_activity_log'],
    ...['--source-set', `apiUrl=${sandbox.apiUrl}`, '--source-set', 'startAt=2020-01-01T00:00:00Z'],
    ...['--source-secret-env', 'apiToken=API_TOKEN'],
  ];
  const apiToken = sandbox.adminToken;
  const { code, out } = await runCli(args, { env: { ...env, API_TOKEN: apiToken } });
  expect([code, typesOf(out)]).toEqual([0, ['create', 'deactivate']]);
  // What was delivered is not delivered again, and a wrong token says what to do.
  expect(await runCli(args, { env: { ...env, API_TOKEN: apiToken } })).toMatchObject({ code: 0, out: '' });
  const wrong = await runCli(args, { env: { ...env, API_TOKEN: 'wrong' } });
  expect(wrong.code).toBe(3);
  expect(wrong.err).toContain('Use a valid API token of a Workato API client');
});
