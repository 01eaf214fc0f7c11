import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createApp } from '../../../hosts/zapier/runtime/create-app.ts';
import type { ZapierFunctions, ZapierRequest } from '../../../hosts/zapier/runtime/zapier-functions.ts';
import { loadManifest } from '../../../runtime/load-manifest.ts';
import { actionOf } from '../../support/open-test-session.ts';
import { fillForm } from './support/fill-form.ts';

const app = createApp(loadManifest([]), { version: '1.2.3', platformVersion: '19.1.0' });
const baseUrl = 'https://192.0.2.1/scim/v2';

beforeEach(() => {
  vi.stubEnv('ROLECALL_ALLOW_PRIVATE_ADDRESSES', 'true');
  vi.useFakeTimers();
  // The one timer that fake timers leave as it is.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const timer = new AbortController();
    setTimeout(() => timer.abort(new DOMException('The time is over.', 'TimeoutError')), ms);
    return timer.signal;
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

interface SentRequest {
  readonly request: string;
  readonly afterInMs: number;
}

/** Zapier's functions, over a slow provider of one user, and what was sent to it. */
function slowZapier(answerInMs: number): {
  readonly z: ZapierFunctions;
  readonly sent: readonly SentRequest[];
} {
  const startedAtInMs = Date.now();
  const sent: SentRequest[] = [];
  const users = new Map([['u1', { id: 'u1', userName: 'ada@example.com', active: true }]]);
  const answer = ({ method, url, body = '{}' }: ZapierRequest): readonly [number, unknown] => {
    const [, kind, id = ''] = url.replace(baseUrl, '').split(/[/?]/);
    if (kind === 'Groups') return [200, { totalResults: 0, Resources: [] }];
    if (kind !== 'Users') return [404, {}];
    if (method === 'POST') {
      const created = { ...JSON.parse(body), id: `u${users.size + 1}` };
      users.set(created.id, created);
      return [201, created];
    }
    const user = users.get(id);
    if (user === undefined) return [200, { totalResults: 0, Resources: [] }];
    if (method === 'PATCH') users.set(id, { ...user, active: false });
    return [200, users.get(id)];
  };
  class ZapierError extends Error {}
  const z = {
    async request(options: ZapierRequest) {
      const request = `${options.method} ${options.url.replace(baseUrl, '').replace(/[?].*/, '')}`;
      sent.push({ request, afterInMs: Date.now() - startedAtInMs });
      await new Promise((resolve) => setTimeout(resolve, answerInMs));
      const [status, body] = answer(options);
      return { status, headers: new Headers(), body: JSON.stringify(body) };
    },
    console,
    errors: {
      Error: ZapierError,
      ExpiredAuthError: ZapierError,
      HaltedError: ZapierError,
      ThrottledError: ZapierError,
    },
  };
  return { z, sent };
}

/** Runs a step, and says after how long it ended and with what. */
async function run(key: string, input: Readonly<Record<string, unknown>>, answerInMs = 5_000) {
  const { z, sent } = slowZapier(answerInMs);
  const startedAtInMs = Date.now();
  const action = actionOf(key);
  const authData = { baseUrl, token: 'secret', concurrency: '1' };
  const { perform } = { ...app.searches, ...app.creates }[key]?.operation ?? {};
  if (perform === undefined) throw new Error(`There is no action ${key}`);
  const running = perform(z, { authData, inputData: fillForm(action, input) }).then(
    (output: unknown) => ({ output, error: '', tookInMs: Date.now() - startedAtInMs }),
    (error: Error) => ({ output: undefined, error: error.message, tookInMs: Date.now() - startedAtInMs }),
  );
  await vi.advanceTimersByTimeAsync(60_000);
  return { ...(await running), sent };
}

describe('a step in Zapier with a slow provider, which Zapier would end after 30 seconds', () => {
  it('reports each row of a batch before: done, perhaps done, or not begun', async () => {
    const rows = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ userName: `${name}@example.com` }));
    const { output, error, tookInMs, sent } = await run('bulk_users', { action: 'create_user', rows });

    expect({ error, tookInMs }).toEqual({ error: '', tookInMs: 24_000 });
    expect(output).toMatchObject({ succeeded: 3, failed: 3 });
    expect(output).toMatchObject({
      results: [
        { ok: true },
        { ok: true },
        { ok: true },
        { ok: false, error: { message: expect.stringContaining('The request may have succeeded') } },
        { ok: false, error: { message: expect.stringContaining('stopped before this row') } },
        { ok: false, error: { message: expect.stringContaining('stopped before this row') } },
      ],
    });
    expect(Math.max(...sent.map(({ afterInMs }) => afterInMs))).toBeLessThan(24_000);
  });

  it('reports the steps of an offboarding before', async () => {
    const { error, tookInMs, sent } = await run('offboard_user', { user: { id: 'u1' } });

    expect(tookInMs).toBe(24_000);
    expect(error).toMatch(/^1 of 3 steps are done\. Not done: `?.*stopped/);
    expect(sent.map(({ request }) => request)).toContain('PATCH /Users/u1');
    expect(Math.max(...sent.map(({ afterInMs }) => afterInMs))).toBeLessThan(24_000);
  });

  it('ends a single action before the run, and says that the provider was too slow', async () => {
    const { error, tookInMs, sent } = await run('deactivate_user', { user: { id: 'u1' } }, 60_000);

    expect(error).toBe(
      'No response from 192.0.2.1 after 1 attempt: no response within 22000 ms. Try again later. Zapier limits a run to 30 seconds, whatever the timeouts are.',
    );
    expect(tookInMs).toBe(22_000);
    expect(sent).toHaveLength(1);
  });
});
