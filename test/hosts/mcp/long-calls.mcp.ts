import type { Client } from '@modelcontextprotocol/client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { defaultMaxCallInMs } from '../../../hosts/mcp/call-time.ts';
import { createConnector } from '../../../runtime/index.ts';
import { type FaultProxy, startFaultProxy } from '../../support/start-fault-proxy.ts';
import { useSandbox } from '../../support/use-sandbox.ts';
import { call, dataOf, eras, type OpenClient, openClient, textOf, yes } from './support/open-client.ts';

const running = useSandbox();
const opened: AsyncDisposable[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** Makes the time of a call end when a test says so. */
function controlTime(): { end(): void } {
  const time = new AbortController();
  const { timeout } = AbortSignal;
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) =>
    ms === defaultMaxCallInMs ? time.signal : timeout.call(AbortSignal, ms),
  );
  return { end: () => time.abort(new DOMException('The time is over.', 'TimeoutError')) };
}

interface SlowProvider {
  readonly proxy: FaultProxy;
  readonly open: OpenClient;
  /** Resolves once the provider has received the request that it never answers. */
  readonly hanging: Promise<void>;
  /** Makes it answer again. */
  recover(): void;
}

/** A client of a provider that never answers a request, which it has processed, and all that follow. */
async function openSlow(
  era: (typeof eras)[number],
  isSlow: (request: string, number: number) => boolean,
  onHanging: () => void = () => {},
): Promise<SlowProvider> {
  const { sandbox } = running;
  const { promise: hanging, resolve } = Promise.withResolvers<void>();
  const seen = new Map<string, number>();
  let hangs = false;
  let isWell = false;
  const proxy = await startFaultProxy({
    upstream: sandbox.origin,
    now: undefined,
    plan({ method, path }) {
      const request = `${method} ${path.replace(/^.*\/v2/, '').replace(/[?].*/, '')}`;
      // A provider that does not say that it has bulk requests gets one request for each row.
      if (request.endsWith('/ServiceProviderConfig')) return { kind: 'answer', acts: false, status: 404 };
      const number = (seen.get(method) ?? 0) + 1;
      seen.set(method, number);
      if (isWell || (!hangs && !isSlow(request, number))) return undefined;
      hangs = true;
      onHanging();
      resolve();
      return { kind: 'silent', acts: true };
    },
  });
  opened.push({ [Symbol.asyncDispose]: () => proxy.close() });
  const connector = createConnector({
    baseUrl: sandbox.scimBaseUrl.replace(sandbox.origin, proxy.origin),
    token: sandbox.token,
    concurrency: 1,
  });
  opened.push({ [Symbol.asyncDispose]: async () => connector.close() });
  const open = await openClient({ connector }, { era, answer: yes });
  opened.push(open);
  return {
    proxy,
    open,
    hanging,
    recover() {
      isWell = true;
    },
  };
}

const rows = ['a', 'b', 'c'].map((name) => ({ userName: `${name}@example.com` }));

/** The calls that the server reports, the newest first. */
async function reportedBy(client: Client): Promise<readonly Record<string, unknown>[]> {
  const { calls } = dataOf(await call(client, 'report_calls', {})) as {
    readonly calls: readonly Record<string, unknown>[];
  };
  return calls;
}

describe.each(eras)('a call that takes longer than a client of %s waits', (era) => {
  it('ends before, and says which rows are done, which can be, and which are left', async () => {
    const time = controlTime();
    const { open } = await openSlow(era, (request) => request === 'POST /Users', time.end);
    await running.connector.actions.create_user({ userName: 'zoe@example.com' });
    const renamed = rows.map((row) => ({ ...row, title: 'Engineer' }));

    const result = await call(open.client, 'bulk_users', {
      action: 'upsert_user',
      rows: [{ userName: 'zoe@example.com', title: 'Pilot' }, ...renamed],
    });

    expect(textOf(result)).toMatch(/^The server stopped this call before its end/);
    expect(result.structuredContent).toMatchObject({
      succeeded: 1,
      failed: 3,
      results: [
        { user: 'zoe@example.com', ok: true },
        { ok: false, error: { code: 'unavailable', message: expect.stringContaining('may have succeeded') } },
        { ok: false, error: { message: expect.stringContaining('stopped before this row') } },
        { ok: false, error: { message: expect.stringContaining('stopped before this row') } },
      ],
    });
  });

  it('ends before, and an applied plan says what is left, which the same call completes', async () => {
    const time = controlTime();
    const { open, recover } = await openSlow(
      era,
      (request, number) => request === 'POST /Users' && number === 2,
      time.end,
    );
    const { plan } = dataOf(await call(open.client, 'plan_sync', { users: rows })) as {
      readonly plan: string;
    };

    const stopped = await call(open.client, 'apply_sync', { plan });

    expect(dataOf(stopped)).toMatchObject({
      counts: { changed: 1, stopped: 2 },
      results: [{ outcome: 'changed' }, { outcome: 'stopped', maybeMade: true }, { outcome: 'stopped' }],
    });
    const [reported] = await reportedBy(open.client);
    expect(reported).toMatchObject({ state: 'stopped', progress: { done: 1, total: 3 } });
    recover();
    vi.restoreAllMocks();
    const completed = await call(open.client, 'apply_sync', { plan });
    expect(dataOf(completed)).toMatchObject({ counts: { failed: 0, stopped: 0 } });
    expect(await running.connector.actions.search_users({})).toMatchObject({ totalResults: 3 });
  });

  it('ends before, and an offboarding says which steps are done', async () => {
    const ada = await running.connector.actions.create_user({
      userName: 'ada@example.com',
      workato_role: 'Admin',
    });
    await running.connector.actions.create_group({ displayName: 'One', members: [{ value: ada.id }] });
    const time = controlTime();
    let changes = 0;
    const { open } = await openSlow(
      era,
      (request) => {
        if (request.startsWith('PATCH')) changes += 1;
        return changes === 2;
      },
      time.end,
    );

    const result = await call(open.client, 'offboard_user', { user: { id: ada.id } });

    expect(result.isError).toBe(true);
    expect(dataOf(result)).toMatchObject({
      code: 'unavailable',
      steps: [{ outcome: 'done' }, { outcome: 'failed' }, { outcome: 'failed' }],
    });
    expect(await running.connector.actions.get_user({ user: { id: ada.id } })).toMatchObject({
      active: false,
    });
  });

  it.each([
    ['search_users', {}],
    ['plan_sync', { users: rows }],
    ['report_roles', {}],
    ['preview_action', { action: 'bulk_users', input: { action: 'upsert_user', rows } }],
  ])('ends before, and %s says how to select less', async (name, input) => {
    const time = controlTime();
    const { open } = await openSlow(era, () => true, time.end);

    const result = await call(open.client, name, input);

    expect(result.isError).toBe(true);
    expect(textOf(result)).toMatch(/^Error: unavailable .*\nNext step: Select less: /);
    expect(textOf(result)).toContain('The server stops a call after 50 seconds');
  });

  it('is not run if its difference is not known in time, so that no person confirms a part of it', async () => {
    const { id } = await running.connector.actions.create_user({ userName: 'a@example.com', active: true });
    const time = controlTime();
    const { open, proxy } = await openSlow(era, () => true, time.end);

    const result = await call(open.client, 'bulk_users', {
      action: 'deactivate_user',
      rows: [{ user: { id } }],
    });

    expect(dataOf(result)).toMatchObject({ code: 'unavailable' });
    expect(proxy.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});

describe.each(eras)('a call that a client of %s cancels', (era) => {
  it('stops, is reported with what was done, and can be repeated', async () => {
    const { open, hanging, proxy } = await openSlow(
      era,
      (request, number) => request === 'POST /Users' && number === 2,
    );
    const cancel = new AbortController();
    const calling = open.client
      .callTool({ name: 'bulk_users', arguments: { action: 'create_user', rows } }, { signal: cancel.signal })
      .catch((error: unknown) => error);
    await hanging;
    const [before] = await reportedBy(open.client);
    cancel.abort();
    expect(await calling).toBeInstanceOf(Error);

    const [after] = await reportedBy(open.client);

    expect(before).toMatchObject({ action: 'bulk_users', state: 'running', progress: { done: 1, total: 3 } });
    expect(after).toMatchObject({ call: before?.call, state: 'stopped', progress: { done: 1, total: 3 } });
    const { output } = dataOf(await call(open.client, 'report_calls', { call: after?.call })) as {
      readonly output: { readonly results: readonly object[] };
    };
    expect(output.results).toMatchObject([{ ok: true }, { ok: false }, { ok: false }]);
    expect(proxy.seen.filter(({ method }) => method === 'POST')).toHaveLength(2);
    const repeated = await running.connector.actions.bulk_users({ action: 'upsert_user', rows });
    expect(repeated).toMatchObject({ succeeded: 3 });
    expect(await running.connector.actions.search_users({})).toMatchObject({ totalResults: 3 });
  });

  it('says that a single change may have been made', async () => {
    const { open, hanging } = await openSlow(era, (request) => request === 'POST /Users');
    const cancel = new AbortController();
    const calling = open.client
      .callTool(
        { name: 'create_user', arguments: { userName: 'ada@example.com', password: 'correct horse' } },
        { signal: cancel.signal },
      )
      .catch((error: unknown) => error);
    await hanging;
    cancel.abort();
    await calling;

    const [stopped] = await reportedBy(open.client);
    const report = await call(open.client, 'report_calls', { call: stopped?.call });

    expect(dataOf(report)).toMatchObject({
      action: 'create_user',
      input: expect.stringContaining('ada@example.com'),
      state: 'stopped',
      error: { code: 'unavailable', message: expect.stringContaining('may have been made') },
    });
    expect(textOf(report)).not.toContain('correct horse');
  });
});

describe('report_calls', () => {
  it('reports calls that change something, with their results, and no others', async () => {
    await using open = await openClient(running);
    await call(open.client, 'create_user', { userName: 'ada@example.com' });
    await call(open.client, 'create_user', { userName: 'ada@example.com' });
    await call(open.client, 'search_users', {});

    const reported = await reportedBy(open.client);

    expect(reported).toMatchObject([
      { call: 'call-2', action: 'create_user', state: 'failed' },
      { call: 'call-1', action: 'create_user', state: 'done' },
    ]);
    expect(dataOf(await call(open.client, 'report_calls', { call: 'call-1' }))).toMatchObject({
      output: { userName: 'ada@example.com' },
    });
    expect(dataOf(await call(open.client, 'report_calls', { call: 'call-2' }))).toMatchObject({
      error: { code: 'conflict' },
    });
  });

  it('says so if a call is not among the last ones', async () => {
    await using open = await openClient(running);

    const result = await call(open.client, 'report_calls', { call: 'call-9' });

    expect(dataOf(result)).toMatchObject({ code: 'invalid_input', problems: [{ path: 'call' }] });
  });
});
