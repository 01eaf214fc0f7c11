import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProvisioningEvent } from '../../../../connector/event.ts';
import { type HttpResponse, type Platform, TransportError } from '../../../../connector/platform.ts';
import {
  createConnector,
  openWatchStore,
  type WatchSource,
  type WatchStore,
} from '../../../../runtime/index.ts';
import { createNodePlatform, type NodePlatform } from '../../../../runtime/node/node-platform.ts';
import { createMemoryWatchStore } from '../../../../runtime/watch/memory-watch-store.ts';
import {
  type SinkWatchOptions,
  type SinkWatchSettings,
  watchToSink,
} from '../../../../runtime/watch/watch.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../../sandbox/index.ts';
import { repeatWith } from '../../../support/fake-platform.ts';
import { listen, type TestServer } from '../../../support/listen.ts';
import { createSkippingClock } from '../../../support/skipping-clock.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { definition } from '../../../support/webhook/open-source.ts';
import { signBody } from '../../../support/webhook/sign-body.ts';
import { createWorkosApi, type WorkosApi } from '../../../support/webhook/workos-api.ts';

const startAt = '2020-01-01T00:00:00Z';

let platform: NodePlatform;
beforeEach(() => {
  platform = createNodePlatform();
});
afterEach(() => platform.close());

interface WatchParts extends Omit<SinkWatchSettings, 'sink' | 'onStart' | 'signal'> {
  /** What happens while the watch runs. It ends after that, once `count` events were delivered. */
  readonly meanwhile?: (url: string | undefined) => Promise<void>;
  readonly on?: Platform;
}

/** Runs a watch of every event until `count` of them were delivered, and a little longer. */
async function watchUntil(
  count: number,
  { meanwhile = async () => undefined, on = impatient(), ...options }: WatchParts,
): Promise<readonly ProvisioningEvent[]> {
  const delivered: ProvisioningEvent[] = [];
  const end = new AbortController();
  const enough = Promise.withResolvers<void>();
  if (count === 0) enough.resolve();
  const sink = async (event: ProvisioningEvent): Promise<void> => {
    delivered.push(event);
    if (delivered.length === count) enough.resolve();
  };
  const onStart: SinkWatchSettings['onStart'] = ({ urls: [url] }) => {
    void Promise.all([meanwhile(url), enough.promise])
      .then(() => platform.sleep(100))
      .finally(() => end.abort());
  };
  const context = { definition, platform: on, session: undefined };
  const watch: SinkWatchOptions = { everyInMs: 5, signal: end.signal, ...options, onStart, sink };
  await watchToSink(context, 'provisioning_event', watch);
  return delivered;
}

/** The platform, without the waits between requests. */
function impatient(): Platform {
  return { ...platform, sleep: (ms, signal) => platform.sleep(Math.min(ms, 5), signal) };
}

const keysOf = (events: readonly ProvisioningEvent[]) => events.map(({ dedupeKey }) => dedupeKey);
const typesOf = (events: readonly ProvisioningEvent[]) => events.map(({ type }) => type);

describe('the Workato activity log', () => {
  let sandbox: Sandbox;
  afterEach(() => sandbox.close());

  const open = async (options: SandboxOptions = {}): Promise<void> => {
    sandbox = await startSandbox({ limits: { apiRequestsPerMinute: null }, ...options });
  };
  const fetched = (): WatchSource => ({
    type: 'workato_activity_log',
    settings: { apiUrl: sandbox.apiUrl, apiToken: sandbox.adminToken, startAt },
  });
  const pushed: WatchSource = {
    type: 'workato_audit_log',
    settings: { bearerToken: 'the-token-of-the-stream' },
  };
  const act = async (name: string): Promise<void> => {
    await using world = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
    const { id } = await world.actions.create_user({ userName: `${name}@example.com` });
    await world.actions.set_workato_role({ user: { id }, role: 'Analyst' });
    await world.actions.deactivate_user({ user: { id } });
  };
  /** The events as the stream would post them. */
  const streamed = async (): Promise<readonly object[]> => {
    const headers = { authorization: `Bearer ${sandbox.adminToken}` };
    const response = await fetch(`${sandbox.adminUrl}/audit-log`, { headers });
    return ((await response.json()) as { data: readonly object[] }).data;
  };
  const post = async (url: string | undefined, entries: readonly object[]): Promise<void> => {
    const headers = { authorization: 'the-token-of-the-stream', 'content-type': 'application/json' };
    for (const entry of entries) {
      const response = await fetch(url ?? '', { method: 'POST', headers, body: JSON.stringify(entry) });
      expect(response.status).toBe(200);
    }
  };
  const allTypes = ['create', 'patch', 'deactivate'];

  it('reports what happened in the workspace, each event once', async () => {
    await open();
    await act('ada');
    const events = await watchUntil(3, { sources: [fetched()] });
    expect(typesOf(events)).toEqual(allTypes);
    expect(events[0]).toMatchObject({
      source: 'workato_activity_log',
      subject: { userName: 'ada@example.com' },
      cause: 'scim_auto_sync',
    });
  });

  it.each(['memory', 'a file'])(
    'reports an event once that is pushed and fetched at the same time, with its state in %s',
    async (kind) => {
      using folder = temporaryFolder();
      await open();
      const store: WatchStore =
        kind === 'memory' ? createMemoryWatchStore() : await openWatchStore(folder.file('a.state'));
      await act('ada');
      await act('bob');
      const entries = await streamed();
      const events = await watchUntil(6, {
        sources: [fetched(), pushed],
        listen: { port: 0 },
        store,
        meanwhile: (url) => post(url, entries),
      });
      store.close();
      expect(typesOf(events).toSorted()).toEqual([...allTypes, ...allTypes].toSorted());
      expect(new Set(keysOf(events)).size).toBe(6);
    },
  );

  it.each([
    ['pushed', 'fetched'],
    ['fetched', 'pushed'],
  ] as const)(
    'reports an event once that was %s before a restart and is %s after it',
    async (first, second) => {
      using folder = temporaryFolder();
      await open();
      await act('ada');
      const entries = await streamed();
      const run = async (how: 'pushed' | 'fetched', count: number): Promise<readonly ProvisioningEvent[]> => {
        const store = await openWatchStore(folder.file('a.state'));
        const push: WatchParts = {
          sources: [pushed],
          listen: { port: 0 },
          meanwhile: (url) => post(url, entries),
        };
        const events = await watchUntil(count, {
          ...(how === 'pushed' ? push : { sources: [fetched()] }),
          store,
        });
        store.close();
        return events;
      };
      expect(typesOf(await run(first, 3))).toEqual(allTypes);
      expect(await run(second, 0)).toEqual([]);
      // A later event is still reported.
      await act('bob');
      const later = await run('fetched', 3);
      expect(later.map(({ subject }) => subject.userName)).toContain('bob@example.com');
      expect(typesOf(later)).toEqual(allTypes);
    },
  );

  it('reports each event once, although responses fail in every way', async () => {
    await open();
    await act('ada');
    let asked = 0;
    const faults: readonly (() => HttpResponse)[] = [
      () => ({ status: 500, headers: {}, body: '' }),
      () => {
        throw new TransportError('ECONNRESET', 'it broke', { maybeSent: true, isTransient: true });
      },
      () => ({ status: 429, headers: { 'retry-after': '60' }, body: '{}' }),
      () => ({ status: 503, headers: { 'content-type': 'text/html' }, body: '<html>' }),
    ];
    const failing: Platform = {
      ...platform,
      sleep: async () => undefined,
      retry: (attempt, signal) => repeatWith({ sleep: async () => undefined }, attempt, signal),
      async send(request) {
        asked += 1;
        // Every third request fails, also one for the second page of a poll.
        const fault = asked % 3 === 1 ? faults[Math.floor(asked / 3)] : undefined;
        return fault?.() ?? platform.send(request);
      },
    };
    const events = await watchUntil(3, { sources: [fetched()], on: failing });
    expect(typesOf(events)).toEqual(allTypes);
    expect(asked).toBeGreaterThan(3 * faults.length - 2);
  });

  it("is read within the API's rate limit", async () => {
    const clock = createSkippingClock();
    await open({ limits: { apiRequestsPerMinute: 60 }, now: () => new Date(clock.now()) });
    for (let nth = 0; nth < 350; nth += 1) await createUser(sandbox, `u${nth}@example.com`);
    const statuses: number[] = [];
    const onClock: Platform = {
      ...platform,
      now: clock.now,
      sleep: clock.sleep,
      async send(request) {
        const response = await platform.send(request);
        statuses.push(response.status);
        const { date: _, ...headers } = response.headers;
        return { ...response, headers };
      },
    };
    const delivered: string[] = [];
    const context = { definition, platform: onClock, session: undefined };
    const sink = async ({ dedupeKey }: ProvisioningEvent): Promise<void> => void delivered.push(dedupeKey);
    await watchToSink(context, 'provisioning_event', { sources: [fetched()], sink, once: true });
    expect(new Set(delivered).size).toBe(350);
    expect(delivered).toHaveLength(350);
    expect(statuses).toEqual([200, 200, 200, 200, 200]);
  });
});

async function createUser({ scimBaseUrl, token }: Sandbox, userName: string): Promise<void> {
  const body = JSON.stringify({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };
  const response = await fetch(`${scimBaseUrl}/Users`, { method: 'POST', headers, body });
  expect(response.status).toBe(201);
}

describe('the WorkOS Events API', () => {
  let api: WorkosApi;
  let server: TestServer;
  beforeEach(async () => {
    api = createWorkosApi('sk_key');
    server = await listen(api.serve);
  });
  afterEach(() => server.close());

  it('reports an event once that is pushed and fetched at the same time', async () => {
    const createdAtInMs = Date.now() - 60_000;
    for (let nth = 0; nth < 30; nth += 1)
      api.events.push({
        id: `event_${nth}`,
        event: 'dsync.user.created',
        created_at: new Date(createdAtInMs + nth).toISOString(),
        data: { id: `user_${nth}`, username: `u${nth}`, state: 'active' },
      });
    const post = async (url: string | undefined): Promise<void> => {
      for (const event of api.events) {
        const body = JSON.stringify(event);
        const at = Date.now();
        const headers = { 'workos-signature': `t=${at}, v1=${signBody('secret', at, body)}` };
        await fetch(url ?? '', { method: 'POST', headers, body });
      }
    };
    const events = await watchUntil(30, {
      sources: [
        {
          type: 'workos_events',
          settings: {
            apiUrl: server.origin,
            apiKey: 'sk_key',
            startAt: new Date(createdAtInMs).toISOString(),
          },
        },
        { type: 'workos', settings: { secret: 'secret' } },
      ],
      listen: { port: 0 },
      meanwhile: post,
    });
    expect(events).toHaveLength(30);
    expect(new Set(keysOf(events)).size).toBe(30);
  });
});
