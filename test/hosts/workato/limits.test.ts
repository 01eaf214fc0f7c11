import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listen } from '../../support/listen.ts';
import { definition } from '../../support/open-test-session.ts';
import { pageOf, people } from '../../support/start-list-server.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

let ruby: RubyConnector;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});
beforeEach(() => ruby.ask({ do: 'reset' }));
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => ruby.close());

interface Polled {
  readonly events: readonly { readonly dedupeKey: string; readonly subject: { readonly id: string } }[];
  readonly next_poll: unknown;
  readonly can_poll_more: boolean;
}

/** Settings for a provider with a number of users. */
async function providerOf(count: number): Promise<object> {
  const all = people(count);
  const { origin, close } = await listen((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    response.writeHead(200, { 'content-type': 'application/scim+json' });
    response.end(JSON.stringify(pageOf(all, Object.fromEntries(searchParams))));
  });
  closing.push(close);
  return { baseUrl: origin, token: 't', deadlineInMs: 600_000 };
}

describe('the limits of Workato', () => {
  it('end a poll at a thousand events, and the next poll returns the rest immediately', async () => {
    const settings = await providerOf(2_300);
    const input = { startFrom: 'beginning', pageSize: 500 };
    const polls: Polled[] = [];
    for (let closure: unknown = null; polls.at(-1)?.can_poll_more !== false; ) {
      const polled = (await ruby.value({
        do: 'poll',
        key: 'user_provisioned',
        input,
        closure,
        settings,
      })) as Polled;
      closure = polled.next_poll;
      polls.push(polled);
      expect(polled.events.length).toBeLessThanOrEqual(1_000);
    }
    const events = polls.flatMap((polled) => polled.events);
    expect(new Set(events.map(({ dedupeKey }) => dedupeKey)).size).toBe(2_300);
    expect(new Set(events.map(({ subject }) => subject.id)).size).toBe(2_300);
  }, 60_000);

  it('reject a directory whose closure would be too large, and say what to do', async () => {
    const settings = await providerOf(60_000);
    const { error } = await ruby.ask({
      do: 'poll',
      key: 'user_deprovisioned',
      input: { pageSize: 1_000 },
      closure: null,
      settings,
    });
    expect(error).toMatch(
      /^unsupported: The state of 60000 users and groups takes \d{7,} characters, but this host can store only 1048576\. .+push source.+\.$/,
    );
  }, 120_000);
});

describe('a pause that the provider asks for', () => {
  it.each<[what: string, retryAfter: () => string, seconds: number]>([
    ['in seconds', () => '7', 7],
    ['as a date', () => new Date(Math.ceil(Date.now() / 1000) * 1000 + 9_000).toUTCString(), 9],
  ])('%s', async (_, retryAfter, seconds) => {
    let asked = 0;
    const { origin, close } = await listen((_request, response) => {
      asked += 1;
      const isFirst = asked === 1;
      response.writeHead(isFirst ? 429 : 200, {
        'content-type': 'application/scim+json',
        ...(isFirst && { 'retry-after': retryAfter() }),
      });
      response.end(JSON.stringify(isFirst ? {} : { id: '1', userName: 'ada@example.com' }));
    });
    closing.push(close);
    const settings = { baseUrl: origin, token: 't' };
    await ruby.value({ do: 'execute', key: 'get_user', input: { user: { id: '1' } }, settings });
    const waits = (await ruby.value({ do: 'reset' })) as readonly number[];
    expect(asked).toBe(2);
    const waited = waits.reduce((sum, one) => sum + one, 0);
    expect(Math.round(waited)).toBeGreaterThanOrEqual(seconds - 1);
    expect(waited).toBeLessThan(seconds + 2);
  });
});
