import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { ConnectorError, createConnector } from '../../../runtime/index.ts';
import { listen, type TestServer } from '../../support/listen.ts';
import { definition } from '../../support/open-test-session.ts';
import { asJobError, readJobError } from './job-error.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

let ruby: RubyConnector;
let provider: TestServer;
let answer: { readonly status: number; readonly headers: Readonly<Record<string, string>> };
let requests = 0;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});

afterAll(() => ruby.close());

beforeEach(async () => {
  requests = 0;
  provider = await listen((_, response) => {
    requests += 1;
    response.writeHead(answer.status, { 'content-type': 'application/scim+json', ...answer.headers });
    response.end('{}');
  });
});

afterEach(() => provider.close());

it.each([
  ['a 403 with Retry-After', 403, { 'retry-after': '600' }, 'rate_limited'],
  [
    'a 403 with an exhausted rate limit',
    403,
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '900' },
    'rate_limited',
  ],
  ['a 403 with requests left', 403, { 'x-ratelimit-remaining': '7' }, 'forbidden'],
  ['a 429 whose wait is an epoch second', 429, { 'retry-after': '1795651200' }, 'rate_limited'],
  ['a 429 with a reset time', 429, { 'ratelimit-remaining': '0', 'ratelimit-reset': '900' }, 'rate_limited'],
  ['a 503 that asks for a day', 503, { 'retry-after': '86400' }, 'unavailable'],
] as const)('treats %s the same on Node and on Ruby', async (_, status, headers, code) => {
  answer = { status, headers };
  const settings = { baseUrl: provider.origin, token: 't', deadlineInMs: 60_000 };
  const input = { user: { id: '1' } };
  await ruby.ask({ do: 'reset' });
  const onRuby = readJobError(
    (await ruby.ask({ do: 'execute', key: 'get_user', input, settings })).error ?? '',
  );
  const sentByRuby = requests;
  await using node = createConnector(settings);
  const error = await node.run('get_user', input).catch((failure: unknown) => failure);

  expect(error).toBeInstanceOf(ConnectorError);
  expect(onRuby).toEqual(asJobError(error as ConnectorError, definition));
  expect(onRuby.code).toBe(code);
  expect(sentByRuby).toBe(requests - sentByRuby);
});
