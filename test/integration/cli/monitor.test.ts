import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { killAll, trackProcess } from '../../support/kill-harness.ts';
import { readLines } from '../../support/line-reader.ts';
import { runCli, startCli } from '../../support/run-cli.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox();
});

afterEach(killAll);
afterAll(() => sandbox.close());

it('a watch shows its health and its figures while it runs, and an end in its log', async () => {
  using folder = temporaryFolder();
  const health = folder.file('health.json');
  const child = trackProcess(
    startCli(
      [
        ...['watch', 'user_updated', '--state', folder.file('a.state'), '--every', '1s'],
        ...['--base-url', sandbox.scimBaseUrl, '--token-env', 'SCIM_TOKEN'],
        ...['--admin', '0', '--health-file', health],
      ],
      { SCIM_TOKEN: sandbox.token },
    ),
  );
  const log = readLines(child.stderr);
  const { url } = JSON.parse(await log.find('admin_listening'));
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true, problems: [], warnings: [] });
  const figures = await (await fetch(`${url}/metrics`)).text();
  expect(figures).toMatch(/^rolecall_polls_total\{origin=".+",outcome="success"\} \d+$/m);
  expect(figures).toMatch(
    /^rolecall_provider_request_duration_seconds_count\{method="GET",status="200"\} \d+$/m,
  );
  expect(figures).toMatch(/^rolecall_outbox_events\{sink="sink"\} 0$/m);
  expect(JSON.parse(readFileSync(health, 'utf8'))).toHaveProperty('ready');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(existsSync(health)).toBe(false);
  expect(JSON.parse(await log.find('"watch_stopped"'))).toMatchObject({ level: 'info', undelivered: 0 });
});

it('a watch says which port is taken', async () => {
  using folder = temporaryFolder();
  const taken = new URL(sandbox.scimBaseUrl).port;
  const { code, err } = await runCli([
    ...['watch', 'user_updated', '--state', folder.file('a.state'), '--admin', taken],
  ]);
  expect(code).toBe(1);
  expect(err).toContain(`Cannot listen at 127.0.0.1:${taken} (EADDRINUSE). Use another --admin`);
});

it('a watch with admin pages ends if its health file cannot be written', async () => {
  using folder = temporaryFolder();
  const health = folder.file('missing/health.json');
  const { code, err } = await runCli([
    ...['watch', 'user_updated', '--state', folder.file('a.state'), '--admin', '0', '--health-file', health],
  ]);
  expect(code).toBe(2);
  expect(err).toContain(`${health} cannot be written: its folder does not exist.`);
});
