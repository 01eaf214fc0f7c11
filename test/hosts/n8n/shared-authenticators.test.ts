import { describe, expect, it } from 'vitest';
import type { Connection } from '../../../connector/connection.ts';
import type { HttpResponse, LogEntry, Platform } from '../../../connector/platform.ts';
import { createN8nPlatform } from '../../../hosts/n8n/runtime/n8n-platform.ts';
import { createSharedAuthenticators } from '../../../hosts/n8n/runtime/shared-authenticators.ts';

const sleep = async (): Promise<void> => undefined;
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined };
const auth = {
  type: 'oauth_client_credentials',
  tokenUrl: 'https://login.example.com/token',
  clientId: 'rolecall',
  clientSecret: 'a-secret',
  clientAuthentication: 'client_secret_basic',
} as const;
const connection: Connection = {
  baseUrl: 'https://scim.example.com',
  auth,
  timeoutInMs: 10_000,
  deadlineInMs: 60_000,
  concurrency: 4,
  maxResponseBytes: 1_000_000,
  allowPlainHttp: false,
};
const limits = { deadlineAtInMs: Date.now() + 60_000 };

/** The platform of one execution, whose token requests a test answers. */
function execution() {
  const logged: LogEntry[] = [];
  const sent: ((response: HttpResponse) => void)[] = [];
  const platform: Platform = {
    ...createN8nPlatform({ logger }, () => Promise.reject(new Error('Nothing is sent.')), sleep),
    send: () => new Promise((resolve) => sent.push(resolve)),
    log: (entry) => logged.push(entry),
  };
  return { platform, sent, logged };
}

const token = (value: string): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ access_token: value, token_type: 'Bearer', expires_in: 3600 }),
});

const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the authenticator of a credential', () => {
  it('requests one token for all executions, with the helper of one that waits', async () => {
    const shared = createSharedAuthenticators(sleep);
    const [one, other, third] = [execution(), execution(), execution()];
    const waiting = [one, other].map(({ platform }) => shared.of(connection, platform).credential(limits));
    await later();
    expect([one.sent.length, other.sent.length]).toEqual([1, 0]);
    one.sent[0]?.(token('first'));

    const expected = { name: 'authorization', value: 'Bearer first' };
    expect(await Promise.all(waiting)).toEqual([expected, expected]);
    expect(shared.of(connection, third.platform).credential(limits)).toEqual(expected);
    expect(third.sent).toEqual([]);
  });

  it('uses the helper of a later execution for a later token', async () => {
    const shared = createSharedAuthenticators(sleep);
    const [one, other] = [execution(), execution()];
    const first = shared.of(connection, one.platform);
    const waiting = first.credential(limits);
    await later();
    one.sent[0]?.(token('first'));
    expect(first.onResponse?.(await waiting, 401)).toBe(true);

    const again = shared.of(connection, other.platform).credential(limits);
    await later();
    other.sent[0]?.(token('second'));
    expect(await again).toMatchObject({ value: 'Bearer second' });
    expect(one.sent.length).toBe(1);
    expect(other.logged).toMatchObject([{ event: 'token_requested', status: 200 }]);
  });

  it('keeps a renewal for the others when one execution is stopped', async () => {
    const shared = createSharedAuthenticators(sleep);
    const [one, other] = [execution(), execution()];
    const stop = new AbortController();
    const stopped = shared.of(connection, one.platform).credential({ ...limits, signal: stop.signal });
    const kept = shared.of(connection, other.platform).credential(limits);
    await later();
    stop.abort(new Error('stopped'));
    await expect(stopped).rejects.toThrow('stopped');
    one.sent[0]?.(token('first'));

    expect(await kept).toMatchObject({ value: 'Bearer first' });
    expect(other.sent).toEqual([]);
  });

  it('is another one after the secret or the scope has changed', async () => {
    const shared = createSharedAuthenticators(sleep);
    const { platform, sent } = execution();
    const waiting = [auth, { ...auth, clientSecret: 'another' }, { ...auth, scope: 'scim.write' }].map(
      (changed) => shared.of({ ...connection, auth: changed }, platform).credential(limits),
    );
    await later();
    expect(sent.length).toBe(3);
    for (const [index, respond] of sent.entries()) respond(token(`token-${index}`));
    expect((await Promise.all(waiting)).map(({ value }) => value)).toEqual([
      'Bearer token-0',
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });
});
