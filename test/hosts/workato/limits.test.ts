import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listen } from '../../support/listen.ts';
import { definition } from '../../support/open-test-session.ts';
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
    const startedAtInMs = performance.now();
    await ruby.value({ do: 'execute', key: 'get_user', input: { user: { id: '1' } }, settings });
    const tookInSeconds = (performance.now() - startedAtInMs) / 1000;
    const waits = (await ruby.value({ do: 'reset' })) as readonly number[];
    expect(asked).toBe(2);
    const waited = waits.reduce((sum, one) => sum + one, 0);
    // What the requests take is no wait.
    expect(Math.round(waited + tookInSeconds)).toBeGreaterThanOrEqual(seconds - 1);
    expect(waited).toBeLessThan(seconds + 2);
  });
});
