import type { LogEntry } from '../../connector/platform.ts';
import type { Connector, ProvisioningEvent } from '../../runtime/index.ts';
import { pageOf } from './start-list-server.ts';
import { type ProviderResponse, startProvider } from './start-provider.ts';

type Values = Readonly<Record<string, unknown>>;

/** How a directory deviates from an ideal provider. Each part takes what the provider would say, and returns what it says. */
export interface DirectoryHabits {
  /** The resources of a list. */
  readonly listed?: (resources: readonly Values[], kind: string) => readonly unknown[];
  /** What it says about one resource; undefined if it has none. */
  readonly byId?: (resource: Values | undefined, id: string, kind: string) => ProviderResponse | undefined;
  /** One page, of what would be the whole list. */
  readonly page?: (list: readonly unknown[], query: URLSearchParams) => ProviderResponse | undefined;
  /** Whether a resource matches `meta.lastModified ge "…"`. */
  readonly isSince?: (resource: Values, sinceInMs: number) => boolean;
}

/** A provider of users and groups on the loopback interface, with a connector to it. */
export interface Directory {
  readonly baseUrl: string;
  readonly connector: Connector;
  readonly users: Map<string, Values>;
  readonly groups: Map<string, Values>;
  /** `GET /Users?count=1000` */
  readonly requests: string[];
  readonly logged: readonly LogEntry[];
  habits: DirectoryHabits;
  /** Adds or replaces a user, with the time of the change unless `meta` is given. */
  setUser(id: string, values?: Values): void;
  setGroup(id: string, members: readonly string[], values?: Values): void;
  /** Polls from where the last poll of the trigger stopped, and returns the events as `type subject`. */
  poll(key: string, input?: object): Promise<readonly string[]>;
  /** The events of the last poll. */
  readonly events: readonly ProvisioningEvent[];
  /** Forgets where the polls stopped. */
  forget(): void;
  close(): Promise<void>;
}

/** A day ago, when everything that is set without a time was changed. */
const longAgo = new Date(Date.now() - 86_400_000).toISOString();

/** Starts an empty directory. */
export async function startDirectory(habits: DirectoryHabits = {}): Promise<Directory> {
  const users = new Map<string, Values>();
  const groups = new Map<string, Values>();
  const requests: string[] = [];
  const cursors = new Map<string, unknown>();
  let events: readonly ProvisioningEvent[] = [];

  const respond = (url: URL): ProviderResponse => {
    const [, kind = '', id] = url.pathname.split('/').map(decodeURIComponent);
    const resources = { Users: users, Groups: groups }[kind];
    if (resources === undefined) return { status: 404, body: { detail: 'There is no such endpoint' } };
    if (id !== undefined) {
      const found = resources.get(id);
      const said = directory.habits.byId?.(found, id, kind);
      return said ?? (found === undefined ? { status: 404, body: { detail: 'gone' } } : { body: found });
    }
    const since = /^meta\.lastModified ge "(.*)"$/.exec(url.searchParams.get('filter') ?? '')?.[1];
    const isSince = directory.habits.isSince ?? changedSince;
    const matching = [...resources.values()].filter(
      (one) => since === undefined || isSince(one, Date.parse(since)),
    );
    const list = directory.habits.listed?.(matching, kind) ?? matching;
    const query = url.searchParams;
    return directory.habits.page?.(list, query) ?? { body: pageOf(list, Object.fromEntries(query)) };
  };

  const { baseUrl, connector, logged, close } = await startProvider(({ method, url }) => {
    requests.push(`${method} ${decodeURIComponent(url.pathname + url.search)}`);
    return respond(url);
  });

  const directory: Directory = {
    baseUrl,
    connector,
    users,
    groups,
    requests,
    logged,
    habits,
    setUser(id, values = {}) {
      const known = users.get(id);
      const meta = { created: longAgo, ...Object(known?.meta), lastModified: stamp(known) };
      users.set(id, { id, userName: `${id}@example.com`, active: true, ...known, meta, ...values });
    },
    setGroup(id, members, values = {}) {
      const known = groups.get(id);
      const meta = { created: longAgo, ...Object(known?.meta), lastModified: stamp(known) };
      groups.set(id, { id, displayName: id, members: members.map((value) => ({ value })), meta, ...values });
    },
    async poll(key, input = {}) {
      const polled = await connector.poll(key, input, cursors.get(key));
      cursors.set(key, JSON.parse(JSON.stringify(polled.cursor)));
      events = polled.events;
      return events.map(({ type, subject }) => `${type} ${subject.userName ?? subject.displayName}`);
    },
    get events() {
      return events;
    },
    forget: () => cursors.clear(),
    close,
  };
  return directory;
}

function stamp(known: Values | undefined): string {
  return known === undefined ? longAgo : new Date().toISOString();
}

function changedSince({ meta }: Values, sinceInMs: number): boolean {
  return Date.parse(String(Object(meta).lastModified)) >= sinceInMs;
}
