import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LogOptions, openLog } from '../../../cli/log.ts';
import type { Terminal } from '../../../cli/terminal.ts';
import type { LogEntry } from '../../../connector/platform.ts';
import { openReceiver } from '../../../runtime/watch/event-pipeline.ts';
import { createMemoryWatchStore } from '../../../runtime/watch/memory-watch-store.ts';
import { watchToSink } from '../../../runtime/watch/watch.ts';
import { createFakePlatform } from '../../support/fake-platform.ts';
import { definition, openTestSession } from '../../support/open-test-session.ts';
import { pushRequest } from '../../support/webhook/push-request.ts';

async function openBench(options: LogOptions = {}, isErrorScreen = false) {
  const lines: string[] = [];
  const statuses: string[] = [];
  const terminal: Terminal = {
    out: () => undefined,
    err: (line) => void lines.push(line),
    status: (line) => void statuses.push(line),
    isScreen: false,
    isErrorScreen,
    columns: 80,
  };
  return { lines, statuses, log: await openLog(options, terminal) };
}

const failed: LogEntry = {
  level: 'warn',
  event: 'poll_failed',
  origin: 'poll/user_updated',
  message: 'The provider is down.',
  waitInMs: 5000,
};
const sent: LogEntry = { level: 'debug', event: 'request_sent', method: 'GET' };

describe('a log that no terminal shows', () => {
  it('has one JSON object per line, with time, level, and event', async () => {
    const { lines, log } = await openBench();
    log.write(failed);
    log.announce('watch_started', 'Watching.', { version: '1.2.3' });
    const entries = lines.map((line) => JSON.parse(line));
    expect(entries).toEqual([
      { ...failed, time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) },
      {
        level: 'info',
        event: 'watch_started',
        message: 'Watching.',
        version: '1.2.3',
        time: expect.any(String),
      },
    ]);
  });

  it.each([
    [{}, []],
    [{ verbose: true }, ['request_sent']],
    [{ logLevel: 'debug' }, ['request_sent']],
    [{ logLevel: 'warn', verbose: true }, []],
  ] as const)('with %j, has only what is important enough', async (options, events) => {
    const { lines, log } = await openBench(options);
    log.write(sent);
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(events);
  });
});

describe('a log on a terminal', () => {
  it('reads as a sentence, with the details behind it', async () => {
    const { lines, log } = await openBench({}, true);
    log.write(failed);
    log.write({ level: 'info', event: 'keys_fetched', count: 2, why: 'two words' });
    expect(lines.map((line) => line.replace(/^\S+Z /, ''))).toEqual([
      'warn  poll_failed: The provider is down. origin=poll/user_updated waitInMs=5000',
      'info  keys_fetched count=2 why="two words"',
    ]);
  });

  it('shows a wait as a status, and what the command says without an event', async () => {
    const { lines, statuses, log } = await openBench({}, true);
    log.write({ level: 'debug', event: 'request_retried', attempt: 1, waitInMs: 5000 });
    log.announce('watch_stopped', 'Stopped.');
    expect(statuses).toEqual(['No successful response yet. Attempt 2 follows…']);
    expect(lines).toEqual(['Stopped.']);
  });

  it('is JSON if asked for', async () => {
    const { lines, log } = await openBench({ logFormat: 'json' }, true);
    log.write(failed);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject(failed);
  });
});

/** The limits of a connection, with its token. */
const secretConnection = (token: string): object => ({ token });

/** The forms in which a careless provider repeats the secret that it was sent. */
const echoes: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  encodeURIComponent,
  (secret) => JSON.stringify(secret).replaceAll('/', '\\/'),
  (secret) => Buffer.from(`Bearer ${secret}`).toString('base64'),
];

it.each(['text', 'json'] as const)('never contains a secret or a body, as %s', async (logFormat) => {
  const secrets = fc
    .string({ unit: 'grapheme-ascii', minLength: 24, maxLength: 48 })
    .filter((text) => /^[\w.~+/=-]+$/.test(text));
  await fc.assert(
    fc.asyncProperty(secrets, fc.constantFrom(...echoes), async (secret, echo) => {
      const { lines, log } = await openBench({ logFormat, logLevel: 'debug' });
      const platform = createFakePlatform(() => ({
        status: 400,
        headers: { 'content-type': 'application/scim+json' },
        body: JSON.stringify({ detail: `No: ${echo(secret)}`, ssn: 'body-marker' }),
      }));
      const logging = { ...platform, log: log.write };
      const session = openTestSession(logging, secretConnection(secret));
      const watching = watchToSink({ definition, platform: logging, session }, 'user_updated', {
        store: createMemoryWatchStore(),
        sink: () => undefined,
        once: true,
      });
      await watching.catch(({ code, message }) =>
        log.write({ level: 'warn', event: 'poll_failed', code, message }),
      );
      const receiver = openReceiver(
        { definition, platform: logging },
        'okta_event_hook',
        { secret },
        undefined,
      );
      const received = await receiver.receive(
        pushRequest({ headers: { authorization: echo(`${secret}x`) }, body: 'body-marker' }),
      );
      if (received.kind === 'refused')
        log.write({ level: 'warn', event: 'push_refused', message: received.reason.message });
      const text = lines.join('\n');
      expect(lines.length).toBeGreaterThan(1);
      for (const form of echoes) expect(text).not.toContain(form(secret));
      expect(text).not.toContain('body-marker');
    }),
    { numRuns: 5 },
  );
});
