import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Connector, createConnector } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { runCli } from '../../support/run-cli.ts';
import { startWebhookReceiver } from '../../support/start-webhook-receiver.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
let folder: ReturnType<typeof temporaryFolder>;
let sandbox: Sandbox;
let connector: Connector;

beforeEach(async () => {
  folder = temporaryFolder();
  sandbox = await startSandbox();
  connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
});

afterEach(async () => {
  connector.close();
  await sandbox.close();
  folder[Symbol.dispose]();
});

const env = (): Readonly<Record<string, string>> => ({ SCIM_TOKEN: sandbox.token, WEBHOOK_SECRET: secret });

function watchFlags(...args: readonly string[]) {
  const provider = ['--base-url', sandbox.scimBaseUrl, '--token-env', 'SCIM_TOKEN'];
  return runCli(['watch', ...args, ...provider, '--state', folder.file('all.state')], { env: env() });
}

const typesIn = (out: string): readonly string[] =>
  out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).type);

it('prints the events of several triggers, each with its own input', async () => {
  const triggers = ['user_provisioned', 'user_role_changed', 'user_deprovisioned', '--once'];
  const roles = ['--input', 'user_role_changed={"roleTo":"Admin"}'];
  expect(await watchFlags(...triggers, ...roles)).toMatchObject({ code: 0, out: '' });
  const user = await connector.actions.create_user({ userName: 'ada@example.com' });
  await watchFlags(...triggers, ...roles);
  await connector.actions.set_workato_role({ user: { id: user.id }, role: 'Analyst' });
  expect(await watchFlags(...triggers, ...roles)).toMatchObject({ code: 0, out: '' });
  await connector.actions.set_workato_role({ user: { id: user.id }, role: 'Admin' });
  await connector.actions.deactivate_user({ user: { id: user.id } });
  const { out } = await watchFlags(...triggers, ...roles);
  expect(typesIn(out).toSorted()).toEqual(['deactivate', 'patch']);
});

it.each<readonly [readonly string[], string]>([
  [['--once'], 'The trigger is missing'],
  [['user_updated', 'user_provisioned', '--once', '--input', '{}'], 'does not say which trigger it is for'],
  [['user_updated', '--once', '--input', 'user_deleted={}'], 'user_deleted is not one of the triggers'],
  [['user_updated', '--config', 'watch.yaml'], 'cannot be combined with --config'],
])('exits with 2 for %j', async (args, message) => {
  const { code, out, err } = await watchFlags(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});

it('delivers to a URL and a file of the options, and remembers each under its name', async () => {
  const receiver = await startWebhookReceiver(() => ({ status: 204 }));
  try {
    const file = folder.file('events.jsonl');
    const sinks = ['--to', receiver.url, '--to-secret-env', 'WEBHOOK_SECRET', '--to-file', file];
    const args = ['user_provisioned', '--once', '--input', '{"startFrom":"beginning"}'];
    await connector.actions.create_user({ userName: 'ada@example.com' });
    expect(await watchFlags(...args, ...sinks)).toMatchObject({ code: 0, out: '' });
    expect(typesIn(readFileSync(file, 'utf8'))).toEqual(['create']);
    expect(receiver.received).toHaveLength(1);
    const replay = ['state', 'replay', folder.file('all.state'), '--since', '1h', '--sink', 'events.jsonl'];
    expect(await runCli(replay, {})).toMatchObject({ code: 0 });
    expect(await watchFlags(...args, ...sinks)).toMatchObject({ code: 0, out: '' });
    expect(typesIn(readFileSync(file, 'utf8'))).toEqual(['create', 'create']);
    expect(receiver.received).toHaveLength(1);
  } finally {
    await receiver.close();
  }
});

it('watches two providers of a config file in one state, and delivers to two sinks', async () => {
  const other = await startSandbox({ token: sandbox.token });
  const receiver = await startWebhookReceiver(() => ({ status: 204 }));
  try {
    const provider = (baseUrl: string) => ({
      baseUrl,
      auth: { type: 'bearer', tokenEnv: 'SCIM_TOKEN' },
      triggers: [{ key: 'user_provisioned', input: { startFrom: 'beginning' } }],
    });
    const config = {
      state: 'all.state',
      connections: { one: provider(sandbox.scimBaseUrl), two: provider(other.scimBaseUrl) },
      sinks: {
        print: { type: 'stdout' },
        hook: { type: 'webhook', url: receiver.url, secretEnv: 'WEBHOOK_SECRET' },
      },
    };
    writeFileSync(folder.file('watch.json'), JSON.stringify(config));
    await connector.actions.create_user({ userName: 'ada@example.com' });
    const second = createConnector({ baseUrl: other.scimBaseUrl, token: other.token });
    await second.actions.create_user({ userName: 'bob@example.com' });
    second.close();
    const args = ['watch', '--config', folder.file('watch.json'), '--once'];
    const { code, out, err } = await runCli(args, { env: env() });
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('watch.json') });
    expect(typesIn(out)).toEqual(['create', 'create']);
    const posted = receiver.received.map(({ headers, body }) => [
      headers['rolecall-trigger'],
      JSON.parse(body).subject.userName,
    ]);
    expect(posted.toSorted()).toEqual([
      ['one/user_provisioned', 'ada@example.com'],
      ['two/user_provisioned', 'bob@example.com'],
    ]);
    expect(await runCli(args, { env: env() })).toMatchObject({ code: 0, out: '' });
  } finally {
    await receiver.close();
    await other.close();
  }
});
