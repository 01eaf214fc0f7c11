import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchToSink } from '../../../../runtime/watch/watch.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { type OAuthBench, openOAuthBench } from '../../../support/open-oauth-bench.ts';
import { definition } from '../../../support/open-test-session.ts';
import { runManyActions } from '../../../support/run-many-actions.ts';

let bench: OAuthBench;

beforeEach(async () => {
  bench = await openOAuthBench();
});

afterEach(() => bench.close());

const create = (userName: string) => bench.session.runAction('create_user', { userName });

describe('a provider that takes only access tokens of five seconds', () => {
  it('serves 1,500 actions, 32 at once, with one token request per renewal', async () => {
    const { failures, requested, expired, rejected } = await runManyActions(bench, 1_500);

    expect(failures).toEqual([]);
    // A token is renewed after four of its five seconds, or when a request arrives after its end.
    expect(requested).toBeGreaterThanOrEqual(expired);
    expect(requested).toBeLessThanOrEqual(Math.ceil((expired + 1) * 1.25) + 1 + rejected);
    expect((await bench.admin('GET', '')).tokens_issued).toBe(requested);
  });

  it('serves a watcher for an hour', async () => {
    const { clock, platform, session, logged } = bench;
    const startedAtInMs = clock.now();
    const drain = new AbortController();
    const events: unknown[] = [];
    const polls: number[] = [];
    await create('ada@example.com');

    await watchToSink(
      {
        definition,
        session,
        platform: {
          ...platform,
          async sleep(ms, signal) {
            await clock.sleep(ms, signal);
            polls.push(clock.now());
            await create(`user-${polls.length}@example.com`);
            if (clock.now() - startedAtInMs > 3_600_000) drain.abort();
          },
        },
      },
      { key: 'user_provisioned', input: {} },
      {
        everyInMs: 60_000,
        signal: drain.signal,
        sink: { deliver: async (event) => void events.push(event) },
      },
    );

    expect(polls.length).toBeGreaterThanOrEqual(60);
    expect(events.length).toBeGreaterThanOrEqual(59);
    expect(logged.filter(({ level }) => level === 'warn')).toEqual([]);
    expect(logged.filter(({ event }) => event === 'credential_rejected')).toEqual([]);
    // Nothing is requested while the watcher waits: at most one token per poll, and one for the first user.
    expect(logged.filter(({ event }) => event === 'token_requested').length).toBeLessThanOrEqual(
      polls.length + 2,
    );
  });

  it('is asked for a new token after it has revoked the old one, once for all requests', async () => {
    const user = (await create('ada@example.com')) as { id: string };
    await bench.admin('POST', '/tokens/revoke');

    const reads = Array.from({ length: 32 }, () =>
      bench.session.runAction('get_user', { user: { id: user.id } }),
    );
    expect(await Promise.all(reads)).toHaveLength(32);
    expect((await bench.admin('GET', '')).tokens_issued).toBe(2);
  });

  it('repeats a create whose token was revoked, once', async () => {
    await create('ada@example.com');
    await bench.admin('POST', '/tokens/revoke');

    await create('grace@example.com');
    const { totalResults } = (await bench.session.runAction('search_users', {})) as { totalResults: number };
    expect(totalResults).toBe(2);
  });
});

describe('each failure of OAuth', () => {
  const read = () => bench.session.runAction('search_users', {});

  it.each<[string, () => Promise<unknown>, object, string]>([
    [
      'a wrong secret',
      () => bench.open({ clientSecret: 'wrong-secret' }).runAction('search_users', {}),
      { code: 'auth', status: 401, detail: 'The client ID or the client secret is wrong.' },
      'Check `auth.clientId` and `auth.clientSecret`',
    ],
    [
      'a rotated secret',
      async () => {
        await bench.admin('POST', '/client/rotate-secret');
        return read();
      },
      { code: 'auth', status: 401 },
      'the secret may have expired or been replaced',
    ],
    [
      'a revoked client',
      async () => {
        await bench.admin('POST', '/client/revoke');
        return read();
      },
      { code: 'forbidden', status: 400, detail: 'The client was revoked.' },
      'The client may have been revoked.',
    ],
    [
      'a scope that the client may not request',
      () => bench.open({ scope: 'scim.admin' }).runAction('search_users', {}),
      { code: 'forbidden', status: 400 },
      'does not grant the requested scope "scim.admin"',
    ],
    [
      'a token without the scope of the request',
      () => bench.open({ scope: 'scim.read' }).runAction('create_user', { userName: 'ada@example.com' }),
      { code: 'forbidden', status: 403 },
      'does not have the scope that this request requires ("scim.write")',
    ],
    [
      'an audience that the server does not know',
      async () => {
        await bench.admin('PATCH', '', { audience: 'https://scim.example.com' });
        return bench.open({ audience: 'https://other.example.com' }).runAction('search_users', {});
      },
      { code: 'auth', status: 400 },
      'Check `auth.audience` and `auth.resource`.',
    ],
    [
      'a token for another audience',
      async () => {
        await bench.admin('PATCH', '', { audience: 'https://scim.example.com' });
        return read();
      },
      { code: 'auth', status: 401, attempts: 2 },
      'rejected an access token that the token endpoint had just issued',
    ],
    [
      'a token endpoint that is down',
      async () => {
        await bench.admin('PATCH', '', { failure: 'server_error' });
        return read();
      },
      { code: 'unavailable', status: 500, transient: true },
      'The token endpoint failed with status 500 after',
    ],
    [
      'a token endpoint that nobody serves',
      () => bench.open({ tokenUrl: 'http://127.0.0.1:1/token' }).runAction('search_users', {}),
      { code: 'unavailable', transient: true },
      'No response from the token endpoint at 127.0.0.1:1 after',
    ],
    [
      'a token endpoint that answers with a web page',
      async () => {
        await bench.admin('PATCH', '', { failure: 'html' });
        return read();
      },
      { code: 'provider_fault', status: 200 },
      'The token endpoint responded with a web page',
    ],
    [
      'a token URL without a token endpoint',
      () => bench.open({ tokenUrl: `${bench.sandbox.origin}/oauth/nothing` }).runAction('search_users', {}),
      { code: 'provider_fault', status: 404 },
      'There is no token endpoint at the token URL',
    ],
    [
      'a token URL of something else',
      () => bench.open({ tokenUrl: `${bench.sandbox.origin}/events/poll` }).runAction('search_users', {}),
      { code: 'auth' },
      'token endpoint',
    ],
  ])('has its own error: %s', async (_, run, parts, sentence) => {
    const error = await failureOf(run());

    expect(error).toMatchObject(parts);
    expect(error.message).toContain(sentence);
  });

  it('ends when its cause does', async () => {
    await bench.admin('POST', '/client/revoke');
    await failureOf(read());
    await bench.admin('POST', '/client/restore');

    expect(await read()).toMatchObject({ totalResults: 0 });
  });
});
