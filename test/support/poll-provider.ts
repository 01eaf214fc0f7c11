import type { HttpRequest } from '../../connector/platform.ts';
import type { PollRunOptions, Session } from '../../runtime/open-session.ts';
import type { PollResult } from '../../triggers/poll-result.ts';
import { createFakePlatform, type FakePlatform, fakeEpochInMs, json } from './fake-platform.ts';
import { openTestSession } from './open-test-session.ts';

/** A user as the provider of these tests has them. */
export interface Person {
  readonly id: string;
  readonly userName: string;
  readonly active?: unknown;
  readonly title?: string;
  readonly meta?: { readonly created?: string; readonly lastModified?: string };
}

/** A response: what is omitted is as the provider would have it. */
export interface Said {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A provider of users that can be made to say anything, with a session that polls it. */
export interface PollProvider {
  readonly platform: FakePlatform;
  /** Those who are there, in the order of the list. */
  people: Person[];
  /** What is said instead of the truth, if anything; `number` counts the requests since the last poll began, from 1. */
  lie: ((request: { method: string; url: URL; number: number }) => Said | undefined) | undefined;
  /** How far the provider's clock is ahead of ours, in milliseconds. */
  clockAheadInMs: number;
  /** Whether it understands a filter on meta.lastModified, or answers it with everyone, or with nobody. */
  filter: 'understood' | 'ignored' | 'nobody' | 'refused';
  /** Whether its lists are paged by index, or by cursor (RFC 9865). */
  paging: 'index' | 'cursor';
  /** The session that polls it. */
  readonly session: Session;
  /** Polls from where the last good poll stopped. */
  poll(key: string, input?: object, options?: PollRunOptions): Promise<PollResult>;
  /** How many requests the last poll made. */
  requests(): number;
  /** Changes someone, with the time of the provider's clock. */
  change(id: string, to: Partial<Person>): void;
  remove(id: string): void;
  add(id: string, more?: Partial<Person>): void;
}

/** Creates a provider with users `1` to `count`. */
export function createPollProvider(count: number): PollProvider {
  let cursor: unknown;
  let number = 0;
  const platform = createFakePlatform(({ method, url }: HttpRequest) => {
    number += 1;
    const lie = provider.lie?.({ method, url: new URL(url), number });
    const truth = answer(new URL(url));
    return { ...truth, ...lie, headers: { date: date(), ...truth.headers, ...lie?.headers } };
  });
  const session: Session = openTestSession(platform);
  const nowInMs = (): number => platform.now() + provider.clockAheadInMs;
  const date = (): string => new Date(nowInMs()).toUTCString();
  const stamp = (): string => new Date(nowInMs()).toISOString();

  const answer = (url: URL): Said => {
    const [, kind, id] = url.pathname.replace('/scim/v2', '').split('/');
    if (kind !== 'Users') return json({ detail: 'There is no such thing' }, 404);
    if (id !== undefined) {
      const found = provider.people.find((person) => person.id === decodeURIComponent(id));
      return found === undefined ? json({ detail: 'gone' }, 404) : json(found);
    }
    const filter = url.searchParams.get('filter');
    if (filter !== null && provider.filter === 'refused') return json({ scimType: 'invalidFilter' }, 400);
    const all = filter === null ? provider.people : filtered(filter);
    const size = Number(url.searchParams.get('count') ?? 100);
    if (provider.paging === 'cursor') {
      const from = Number(url.searchParams.get('cursor') ?? 0);
      const next = from + size < all.length ? { nextCursor: `${from + size}` } : {};
      return json({ totalResults: all.length, Resources: all.slice(from, from + size), ...next });
    }
    const from = Number(url.searchParams.get('startIndex') ?? 1) - 1;
    return json({ totalResults: all.length, Resources: all.slice(from, from + size) });
  };

  const filtered = (filter: string): readonly Person[] => {
    if (provider.filter === 'ignored') return provider.people;
    if (provider.filter === 'nobody') return [];
    const since = Date.parse(/^meta\.lastModified ge "(.*)"$/.exec(filter)?.[1] ?? '');
    if (Number.isNaN(since)) throw new Error(`Not asked in these tests: ${filter}`);
    return provider.people.filter(({ meta }) => Date.parse(meta?.lastModified ?? '') >= since);
  };

  const provider: PollProvider = {
    platform,
    session,
    people: Array.from({ length: count }, (_, index) => ({
      id: `${index + 1}`,
      userName: `user-${index + 1}`,
      active: true,
      meta: { created: old, lastModified: old },
    })),
    lie: undefined,
    clockAheadInMs: 0,
    filter: 'understood',
    paging: 'index',
    async poll(key, input = {}, options = {}) {
      number = 0;
      const result = await session.poll(key, input, cursor, options);
      cursor = JSON.parse(JSON.stringify(result.cursor));
      return result;
    },
    requests: () => number,
    change(id, to) {
      provider.people = provider.people.map((person) =>
        person.id === id ? { ...person, ...to, meta: { ...person.meta, lastModified: stamp() } } : person,
      );
    },
    remove(id) {
      provider.people = provider.people.filter((person) => person.id !== id);
    },
    add(id, more = {}) {
      const meta = { created: stamp(), lastModified: stamp() };
      provider.people = [...provider.people, { id, userName: `user-${id}`, active: true, meta, ...more }];
    },
  };
  return provider;
}

/** A day before every fake clock begins. */
const old = new Date(fakeEpochInMs - 86_400_000).toISOString();
