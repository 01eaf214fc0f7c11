// Which source files an event passes through, and how often a command compiles the manifest:
//   node scripts/trace-files.ts
// Runs the real code with V8's coverage and lists every file in which a function is called; the top level of a module
// does not count. Fails if a path has grown beyond its limit. docs/architecture.md has the numbers.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createConnector, streamSink, watchSources, webhookSink } from '../runtime/index.ts';

const root = new URL('..', import.meta.url);
const cliMain = new URL('cli/main.ts', root).pathname;

/** What a sandbox prints about itself, as far as it is used here. */
interface Sandbox {
  readonly scimBaseUrl: string;
  readonly token: string;
}

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

const folder = mkdtempSync(join(tmpdir(), 'rolecall-trace-'));
const sandboxProcess = spawn(process.execPath, [cliMain, 'sandbox', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const [line] = await once(createInterface(sandboxProcess.stdout), 'line');
  const sandbox: Sandbox = JSON.parse(line);
  report('a deactivation that a poll is shown, to a signed POST', await tracePoll(sandbox), 30);
  report('a pushed Okta event hook, to a line of JSON', await traceHook(), 18);
  const compiled = countCompiles(sandbox);
  console.log(
    `rolecall run set_workato_role compiles the manifest ${compiled === 1 ? 'once' : `${compiled} times`}`,
  );
  if (compiled > 1) process.exitCode = 1;
} finally {
  sandboxProcess.kill();
  rmSync(folder, { recursive: true });
}

function report(path: string, files: readonly string[], limit: number): void {
  console.log(`${path}: ${files.length} files, at most ${limit}`);
  for (const file of files) console.log(`  ${file}`);
  if (files.length > limit) process.exitCode = 1;
}

/**
 * From the response that shows the deactivation, to the request that a receiver gets. The second of two deactivations is
 * traced, so that nothing is done for the first time.
 */
async function tracePoll({ scimBaseUrl, token }: Sandbox): Promise<readonly string[]> {
  let polled = Promise.withResolvers<void>();
  const nextPoll = (): Promise<void> => {
    polled = Promise.withResolvers();
    return polled.promise;
  };
  const connector = createConnector({
    baseUrl: scimBaseUrl,
    token,
    log({ event }) {
      if (event === 'request_sent') void startTracing();
      if (event === 'poll_done') polled.resolve();
    },
  });
  const { id } = await connector.actions.create_user({ userName: 'ada@example.com' });
  // Not through the connector: its own path would be traced, too.
  const setActive = async (active: boolean): Promise<void> => {
    await fetch(`${scimBaseUrl}/Users/${id}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', path: 'active', value: active }],
      }),
    });
    // A poll that began before the change may end after it: only the one after that has read the change for certain.
    await nextPoll();
    await nextPoll();
  };
  let posted = Promise.withResolvers<readonly string[]>();
  const receiver = createServer(async (request, response) => {
    posted.resolve(await calledFiles());
    request.resume();
    response.writeHead(204).end();
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const drain = new AbortController();
  const watching = connector.watch('user_deprovisioned', {
    store: join(folder, 'poll.state'),
    sink: webhookSink({
      url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
      secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
      log: () => undefined,
    }),
    everyInMs: 50,
    signal: drain.signal,
  });
  await nextPoll();
  await setActive(false);
  await posted.promise;
  await setActive(true);
  posted = Promise.withResolvers();
  await setActive(false);
  const files = await posted.promise;
  drain.abort();
  await watching;
  connector.close();
  receiver.close();
  return files;
}

/** From the request of an Okta event hook, to the line that a stream gets. */
async function traceHook(): Promise<readonly string[]> {
  const hook = readFileSync(new URL('test/support/okta-deactivation.json', root));
  const listening = Promise.withResolvers<string>();
  const traced = Promise.withResolvers<readonly string[]>();
  const drain = new AbortController();
  const watching = watchSources('user_deprovisioned', {
    store: join(folder, 'hook.state'),
    sources: [{ type: 'okta_event_hook', settings: { secret: 'a long random secret' } }],
    listen: { port: 0 },
    sink: streamSink({
      async write(_, done) {
        traced.resolve(await calledFiles());
        done();
      },
      on: () => undefined,
    }),
    log: () => undefined,
    signal: drain.signal,
    onStart: ({ urls: [url = ''] }) => listening.resolve(url),
  });
  const url = await listening.promise;
  await startTracing();
  await fetch(url, {
    method: 'POST',
    headers: { authorization: 'a long random secret', 'content-type': 'application/json' },
    body: hook,
  });
  const files = await traced.promise;
  drain.abort();
  await watching;
  return files;
}

function countCompiles({ scimBaseUrl, token }: Sandbox): number {
  const coverage = join(folder, 'coverage');
  const input = JSON.stringify({ user: { userName: 'ada@example.com' }, role: 'Admin' });
  const args = ['run', 'set_workato_role', '--input', input];
  const connection = ['--base-url', scimBaseUrl, '--token-env', 'SCIM_TOKEN'];
  const { status, stderr } = spawnSync(process.execPath, [cliMain, ...args, ...connection], {
    env: { ...process.env, SCIM_TOKEN: token, NODE_V8_COVERAGE: coverage },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`rolecall run failed: ${stderr}`);
  const scripts = readdirSync(coverage).flatMap(
    (name) =>
      (JSON.parse(readFileSync(join(coverage, name), 'utf8')) as { result: Profiler.ScriptCoverage[] })
        .result,
  );
  const { functions = [] } = scripts.find(({ url }) => url.endsWith('/compile-manifest.ts')) ?? {};
  return functions.find(({ functionName }) => functionName === 'compileManifest')?.ranges[0]?.count ?? 0;
}

/** Forgets the calls so far, at once. */
function startTracing(): Promise<unknown> {
  return session.post('Profiler.takePreciseCoverage');
}

/** The files of the package in which a function was called since then. */
async function calledFiles(): Promise<readonly string[]> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  return result
    .filter(({ url }) => url.startsWith(root.href) && !/\/(node_modules|scripts)\//.test(url))
    .filter(({ functions }) => functions.some(isCall))
    .map(({ url }) => url.slice(root.href.length))
    .toSorted();
}

/** Coverage has the top level of a module as a function without a name that starts with the file. */
function isCall({ functionName, ranges: [range] }: Profiler.FunctionCoverage): boolean {
  return range !== undefined && range.count > 0 && !(functionName === '' && range.startOffset === 0);
}
