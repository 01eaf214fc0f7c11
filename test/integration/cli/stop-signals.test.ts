import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWatchStore } from '../../../runtime/node/open-watch-store.ts';
import { readLines } from '../../support/line-reader.ts';
import { cliMain } from '../../support/run-cli.ts';
import { sampleEvent } from '../../support/sample-event.ts';
import { startWebhookReceiver } from '../../support/start-webhook-receiver.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
let folder: ReturnType<typeof temporaryFolder>;
let state: string;
const groups: number[] = [];

beforeEach(async () => {
  folder = temporaryFolder();
  state = folder.file('watch.state');
  const store = await openWatchStore(state);
  await store.claim('user_updated');
  await store.append({ origin: 'okta_event_hook', events: [sampleEvent('one'), sampleEvent('two')] });
  store.close();
  installHere();
});

afterEach(() => {
  for (const group of groups.splice(0)) endGroup(group);
  folder[Symbol.dispose]();
});

/** A project that has the package installed, with a script that runs it. */
function installHere(): void {
  const bin = folder.file('node_modules/.bin');
  mkdirSync(bin, { recursive: true });
  const shim = folder.file('node_modules/.bin/rolecall');
  writeFileSync(shim, `#!/usr/bin/env node\nimport(${JSON.stringify(cliMain)});\n`);
  chmodSync(shim, 0o755);
  writeFileSync(folder.file('package.json'), JSON.stringify({ scripts: { rolecall: 'rolecall' } }));
}

/** Starts a command line in the project. The variables of the npm that runs this test are omitted. */
function start([command = '', ...args]: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'));
  const child = spawn(command, args, {
    cwd: folder.file('.'),
    env: { ...Object.fromEntries(own), HOOK_SECRET: secret, OKTA_SECRET: 'a long random secret' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that an orphan can be found.
    detached: true,
  });
  if (child.pid !== undefined) groups.push(child.pid);
  return child;
}

/** Kills what is left of a process group. */
function endGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nothing is left of it.
  }
}

/** A watch that polls nothing, and posts what is in the state. */
const watchTo = (url: string): readonly string[] => [
  ...['watch', 'user_updated', '--state', state, '--to', url, '--to-secret-env', 'HOOK_SECRET'],
  ...['--source', 'okta_event_hook', '--source-secret-env', 'secret=OKTA_SECRET', '--listen', '0'],
];

async function leftInState(): Promise<readonly string[]> {
  const store = await openWatchStore(state);
  const left = await store.undelivered(10);
  store.close();
  return left.map(({ text }) => JSON.parse(text).dedupeKey);
}

const canUnshare = spawnSync('unshare', ['--pid', '--fork', 'true']).status === 0;
/** Starts a command as process 1 of its own, as a container does; `unshare` itself forwards no signal. */
const asProcess1 = ['unshare', '--pid', '--fork', '--kill-child'] as const;

/** Whether a server listens there. A watch that drains closes its own first. */
function isServed(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

/** The only child of a process, as the system lists it. */
function childOf({ pid }: { readonly pid?: number | undefined }): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

describe.each([
  { name: 'npx', command: ['npx', '--no', 'rolecall'], isSupported: true },
  { name: 'npm run', command: ['npm', 'run', 'rolecall', '--'], isSupported: true },
  { name: 'process 1 of a container', command: [...asProcess1, 'node', cliMain], isSupported: canUnshare },
])('under $name', ({ command, isSupported }) => {
  const isContainer = command[0] === 'unshare';

  it.skipIf(!isSupported)('SIGTERM ends the watch after the delivery in progress', async () => {
    const came = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const receiver = await startWebhookReceiver(async () => {
      came.resolve();
      await answer.promise;
      return { status: 204 };
    });
    const child = start([...command, ...watchTo(receiver.url)]);
    const log = readLines(child.stderr);
    const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(await log.find('Listening at')) ?? [];
    // The pipe ends with the last process that holds it: with an orphan, it never does.
    const ended = text(child.stdout);
    await came.promise;
    if (isContainer) process.kill(childOf(child), 'SIGTERM');
    else child.kill('SIGTERM');
    await expect.poll(() => isServed(url)).toBe(false);
    answer.resolve();
    await ended;
    expect(receiver.received).toHaveLength(1);
    expect(await leftInState()).toEqual(['two']);
    await receiver.close();
  });
});

it.each([
  { signal: 'SIGINT', args: ['run', 'search_users', '--discover'] },
  { signal: 'SIGINT', args: ['run', 'search_users'] },
  { signal: 'SIGTERM', args: ['run', 'search_users'] },
  { signal: 'SIGINT', args: ['plan', '--desired', 'people.csv'] },
  { signal: 'SIGTERM', args: ['plan', '--desired', 'people.csv'] },
  { signal: 'SIGINT', args: ['apply', '--desired', 'people.csv'] },
  { signal: 'SIGINT', args: ['export', 'users'] },
  { signal: 'SIGINT', args: ['report', 'roles'] },
  { signal: 'SIGINT', args: ['probe'] },
] as const)(
  '$signal ends $args with exit code 1 while a provider does not answer',
  async ({ signal, args }) => {
    writeFileSync(folder.file('people.csv'), 'userName\nada@example.com\n');
    const came = Promise.withResolvers<void>();
    const provider = await startWebhookReceiver(() => {
      came.resolve();
      return 'hang';
    });
    const connection = ['--base-url', provider.url, '--token-env', 'HOOK_SECRET'];
    const child = start(['node', cliMain, ...args, ...connection]);
    const ended = once(child, 'exit');
    await came.promise;
    child.kill(signal);
    expect(await ended).toEqual([1, null]);
    await provider.close();
  },
);

it('SIGINT ends an apply with exit code 1 although rows have problems, and counts no change that was not made', async () => {
  writeFileSync(folder.file('people.csv'), 'userName,title\nada@example.com,Boss\n,Boss\n');
  const came = Promise.withResolvers<void>();
  const noUsers = JSON.stringify({ totalResults: 0, Resources: [] });
  const provider = await startWebhookReceiver(({ body }) => {
    if (body === '') return { status: 200, body: noUsers };
    came.resolve();
    return 'hang';
  });
  const connection = ['--base-url', provider.url, '--token-env', 'HOOK_SECRET'];
  const child = start(['node', cliMain, 'apply', '--desired', 'people.csv', ...connection]);
  const ended = once(child, 'exit');
  const [output, messages] = [text(child.stdout), text(child.stderr)];
  await came.promise;
  child.kill('SIGINT');
  expect(await ended).toEqual([1, null]);
  expect([await output, await messages]).toEqual(['1 stopped.\n', expect.not.stringContaining('1 of 1 in')]);
  await provider.close();
});

it.skipIf(!canUnshare)('SIGTERM ends a command that does not listen for it, as process 1', async () => {
  const receiver = await startWebhookReceiver(() => 'hang');
  const connection = ['--base-url', receiver.url, '--token-env', 'HOOK_SECRET'];
  const child = start([...asProcess1, 'node', cliMain, 'run', 'search_users', '--discover', ...connection]);
  const ended = once(child, 'exit');
  await expect.poll(() => receiver.received.length).toBeGreaterThan(0);
  process.kill(childOf(child), 'SIGTERM');
  await ended;
  await receiver.close();
});
