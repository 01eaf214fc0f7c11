import { readConnection } from '../../connector/connection.ts';
import { createScimClient } from '../../connector/http/scim-client.ts';
import type { Profile } from '../../connector/manifest/profile.zod.ts';
import type { LogEntry } from '../../connector/platform.ts';
import type { TraitName } from '../../connector/traits.ts';
import { createNodePlatform } from '../../runtime/node/node-platform.ts';
import { type ActionOptions, openSession, type Session } from '../../runtime/open-session.ts';
import { playQuirks, type QuirkName } from '../../sandbox/quirks/catalog.ts';
import { startScimServer } from '../../sandbox/scim/http/start-scim-server.ts';
import { groupType, userType } from '../../sandbox/scim/schema/resource-types.ts';
import { bearerAuthenticator } from '../../sandbox/scim/service/bearer-authenticator.ts';
import { createScimService } from '../../sandbox/scim/service/create-scim-service.ts';
import type { Interceptors } from '../../sandbox/scim/service/interceptors.ts';
import type { ScimRequest, ScimResponse, ScimService } from '../../sandbox/scim/service/scim-message.ts';
import { createStore } from '../../sandbox/scim/store/create-store.ts';
import type { Store } from '../../sandbox/scim/store/store.ts';
import { repeatWith } from '../support/fake-platform.ts';
import { definition } from '../support/open-test-session.ts';

/** A resource as a provider without quirks would show it. */
export type Truth = Readonly<Record<string, unknown>> & { readonly id: string };

/** A request that the provider received, and the status of its response. */
export interface Exchange {
  readonly method: string;
  /** Below the base URL. */
  readonly path: string;
  readonly body: unknown;
  readonly ifMatch: string | undefined;
  readonly status: number;
}

/** A provider with quirks, the connector before it, and a way to the truth behind it. */
export interface QuirkBench {
  /** What the connector has logged since the last reset. */
  readonly logged: LogEntry[];
  /** The statuses of the responses since the last reset. */
  readonly statuses: number[];
  /** The requests since the last reset, with the statuses of their responses. */
  readonly exchanges: Exchange[];
  /**
   * Begins again: an empty provider with these quirks, and a connector that knows nothing of it, but what a profile with
   * `traits` says.
   */
  reset(quirks: readonly QuirkName[], traits?: readonly TraitName[]): void;
  /** From now on, the provider has these quirks. */
  setQuirks(quirks: readonly QuirkName[]): void;
  /** Whether the provider has a quirk now. */
  isPlaying(quirk: QuirkName): boolean;
  /** Changes the provider past its quirks, but for those that a creation depends on. @throws Error */
  write(method: string, path: string, body?: object): Truth;
  users(): readonly Truth[];
  groups(): readonly Truth[];
  run(key: string, input: unknown, options?: ActionOptions): Promise<unknown>;
  poll: Session['poll'];
  /** Another connector, which knows nothing of the provider. */
  openSession(): Session;
  /** Moves the clocks of both sides. */
  tick(ms: number): void;
  close(): Promise<void>;
}

const token = 'quirk-bench-token';
const basePath = '/scim/v2';
const betweenWritesInMs = 10;
/** Small, so that every list takes several pages. */
const pageSize = 3;

function profileWith(traits: readonly TraitName[]): Profile {
  return {
    name: 'bench',
    provider: 'Bench',
    docs: 'https://example.com/scim',
    baseUrl: { template: 'https://example.com/scim/v2', help: 'The bench has its own.' },
    auth: [{ type: 'bearer', help: 'The bench has its own.' }],
    traits: traits.map((name) => ({ name, source: 'the quirk of this name' })),
  };
}

/** Opens a bench; {@link QuirkBench.reset} makes it ready. */
export async function openQuirkBench(): Promise<QuirkBench> {
  // It moves only by waits and writes, so that a trial ends the same way every time.
  let nowInMs = Date.parse('2026-01-01T00:00:00.000Z');
  const clock = {
    now: () => nowInMs,
    sleep: async (ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      nowInMs += ms;
    },
  };
  const now = () => new Date(nowInMs);
  let baseUrl = '';
  let store: Store = createStore([userType, groupType]);
  let provider: ScimService;
  let creator: ScimService;
  let truth: ScimService;
  let session: Session;

  const server = await startScimServer({
    port: 0,
    host: '127.0.0.1',
    maxUrlLength: 32_768,
    maxPayloadBytes: () => 1_048_576,
    mount: (origin) => {
      baseUrl = origin + basePath;
      return new Map([[basePath, (request) => counted(request, withDate(provider(request)))]]);
    },
  });
  const statuses: number[] = [];
  const exchanges: Exchange[] = [];
  const counted = ({ method, path, body, headers }: ScimRequest, response: ScimResponse): ScimResponse => {
    const { status } = response;
    statuses.push(status);
    exchanges.push({
      method,
      path,
      body: body === undefined || body === '' ? undefined : JSON.parse(body),
      ifMatch: headers['if-match'],
      status,
    });
    return response;
  };
  const withDate = (response: ScimResponse): ScimResponse => ({
    ...response,
    headers: { date: now().toUTCString(), ...response.headers },
  });
  const serve = (interceptors: Interceptors, limits?: { maxPageSize: number; defaultPageSize: number }) =>
    createScimService({
      baseUrl,
      resourceTypes: [userType, groupType],
      store,
      authenticate: bearerAuthenticator(token, { name: 'bench' }),
      now,
      interceptors,
      onInternalError: (error) => {
        throw error;
      },
      ...(limits !== undefined && { limits }),
    });

  const logged: LogEntry[] = [];
  const node = createNodePlatform({ log: (entry) => logged.push(entry) });
  const platform = {
    ...node,
    now: clock.now,
    sleep: clock.sleep,
    random: () => 0.5,
    retry: <T>(attempt: (number: number) => Promise<T>, signal?: AbortSignal) =>
      repeatWith(clock, attempt, signal),
  };
  const connection = readConnection(definition.connection.schema, { baseUrl, token });

  let playing: readonly QuirkName[] = [];
  function setQuirks(quirks: readonly QuirkName[]): void {
    playing = quirks;
    const interceptors = playQuirks(quirks, { now, list: (type) => store.list(type) });
    provider = serve(interceptors, { maxPageSize: pageSize, defaultPageSize: pageSize });
    const { newId, attributes, committed, lastModified } = interceptors;
    creator = serve({
      ...(newId !== undefined && { newId }),
      ...(attributes !== undefined && {
        attributes: (given, origin) => (origin.method === 'POST' ? attributes(given, origin) : given),
      }),
      ...(committed !== undefined && { committed }),
      ...(lastModified !== undefined && { lastModified }),
    });
  }

  const ask = (service: ScimService, method: string, path: string, body?: object): ScimResponse => {
    const [plain = '', query = ''] = path.split('?');
    return service({
      method,
      path: plain,
      query,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  };
  const all = (endpoint: string): readonly Truth[] => {
    const { body } = ask(truth, 'GET', `${endpoint}?count=1000`);
    return JSON.parse(JSON.stringify(body?.Resources ?? []));
  };

  return {
    logged,
    setQuirks,
    isPlaying: (quirk) => playing.includes(quirk),
    statuses,
    exchanges,
    reset(quirks, traits = []) {
      store = createStore([userType, groupType]);
      truth = serve({});
      setQuirks(quirks);
      statuses.length = 0;
      exchanges.length = 0;
      const stated = { ...definition, profile: profileWith(traits) };
      session = openSession(stated, platform, createScimClient(connection, platform));
      logged.length = 0;
    },
    write(method, path, body) {
      nowInMs += betweenWritesInMs;
      const { status, body: shown } = ask(creator, method, path, body);
      if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(shown)}`);
      return JSON.parse(JSON.stringify(shown ?? {}));
    },
    users: () => all('/Users'),
    groups: () => all('/Groups'),
    run: (key, input, options) => session.runAction(key, input, options),
    poll: (key, input, cursor, options) => session.poll(key, input, cursor, options),
    openSession: () => openSession(definition, platform, createScimClient(connection, platform)),
    tick(ms) {
      nowInMs += ms;
    },
    async close() {
      node.close();
      await server.close();
    },
  };
}
