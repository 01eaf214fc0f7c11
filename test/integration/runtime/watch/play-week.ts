import { copyFileSync, mkdirSync, readFileSync, renameSync, rmdirSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { HttpRequest, HttpResponse, LogEntry, Platform } from '../../../../connector/platform.ts';
import { fileSink } from '../../../../runtime/node/sinks.ts';
import type { PushServerOptions } from '../../../../runtime/node/start-push-server.ts';
import { watchToSink } from '../../../../runtime/watch/watch.ts';
import { createWatchHealth, type HealthReport } from '../../../../runtime/watch/watch-health.ts';
import type { WatchStore } from '../../../../runtime/watch/watch-store.ts';
import { createWebhookSink } from '../../../../runtime/watch/webhook-sink.ts';
import { createFakePlatform, fakeEpochInMs, json, list, repeatWith } from '../../../support/fake-platform.ts';
import type { Fault } from '../../../support/fault.ts';
import { definition, openTestSession } from '../../../support/open-test-session.ts';
import { playFault } from '../../../support/play-fault.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { pushRequest } from '../../../support/webhook/push-request.ts';
import {
  audience,
  eventUri,
  issuer,
  issuerKey,
  keySetOf,
  setClaims,
  signSet,
} from '../../../support/webhook/set-issuer.ts';
import {
  allRefusedWindow,
  calmFromHour,
  emptyWindow,
  fileWindow,
  forgedWindow,
  isWithin,
  keyWindow,
  providerWindows,
  receiverWindows,
  refusedWindow,
  releaseHour,
  weekInHours,
  windowAt,
} from './week-plan.ts';

export const people = Array.from({ length: 8 }, (_, index) => String(index + 1));
export const triggers = ['provisioning_event', 'user_updated'] as const;
const refusedPerson = '7';
const hourInMs = 3_600_000;
const everyInMs = 20 * 60_000;
const sampleEveryInHours = 10;
const hosts = { provider: 'scim.example.com', flows: 'flows.example.com', audit: 'audit.example.com' };

/** What a sink has, by trigger and `dedupeKey`: how often it has acknowledged the event, and the event itself. */
export type Inbox = Map<string, { acknowledged: number; readonly event: WeekEvent }>;

interface WeekEvent {
  readonly id: string;
  readonly dedupeKey: string;
  readonly source: string;
  readonly subject: { readonly id: string };
  readonly data: { readonly title?: string };
}

/** What a week has shown. */
export interface Week {
  readonly inboxes: Readonly<Record<'flows' | 'audit', Inbox>>;
  /** The lines of the file, with those that were written before it was moved. */
  readonly lines: readonly WeekEvent[];
  /** The IDs of the tokens that were pushed, each until it was acknowledged. */
  readonly pushed: readonly string[];
  /** The log at its default level. */
  readonly story: readonly LogEntry[];
  /** All entries, at debug. */
  readonly entries: number;
  readonly health: HealthReport;
  /** Every ten hours: the heap after a collection, and the size of the state without unused pages, in bytes. */
  readonly samples: readonly { readonly heapInBytes: number; readonly stateInBytes: number }[];
  readonly dead: { readonly most: number; readonly released: number };
}

/** What a week needs of a test. */
export interface WeekOptions {
  readonly store: (now: () => number) => Promise<WatchStore>;
  /** The files of the state and of the sink. */
  readonly state: string;
  readonly file: string;
  /** The endpoints of the watch, which would otherwise be behind a server. */
  endpoints(): PushServerOptions['sources'] | undefined;
  collectGarbage(): void;
}

/** Each user changes once in eight hours, until the calm begins. */
export function titleAt(id: string, hour: number): string {
  const last = Math.min(hour, calmFromHour);
  return `changed at ${Math.max(0, last - ((last + Number(id)) % people.length))}`;
}

/** How large a state is without unused pages, in bytes. The file itself shrinks only when it is mostly empty. */
function vacuumedSize(state: string): number {
  const copy = `${state}.copy`;
  copyFileSync(state, copy);
  const db = new DatabaseSync(copy);
  db.exec('VACUUM');
  db.close();
  return statSync(copy).size;
}

/** Runs a watch with three sinks, polls, and pushes through a week in which everything fails in every way. */
export async function playWeek(options: WeekOptions): Promise<Week> {
  let busy = 0;
  const clock = createVirtualClock(() => busy > 0);
  const stop = new AbortController();
  const now = (): number => fakeEpochInMs + clock.now();
  const hourNow = (): number => clock.now() / hourInMs;
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    await Promise.race([clock.sleep(ms), aborted.promise]);
    signal?.removeEventListener('abort', onAbort);
  };
  const fake = createFakePlatform(() => ({}));
  const story: LogEntry[] = [];
  let entries = 0;
  /** Something that takes real time: the clock stands still. */
  const real = async <T>(run: () => Promise<T>): Promise<T> => {
    busy += 1;
    try {
      return await run();
    } finally {
      busy -= 1;
    }
  };
  const platform: Platform = {
    ...fake,
    now,
    sleep,
    retry: (attempt, signal) => repeatWith({ sleep }, attempt, signal),
    crypto: {
      ...fake.crypto,
      hmacSha256: (...args) => real(() => fake.crypto.hmacSha256(...args)),
      verify: (...args) => real(() => fake.crypto.verify(...args)),
    },
    async send(request) {
      return { status: 200, headers: {}, body: '', ...(await respond(request)) };
    },
    log(entry) {
      entries += 1;
      if (entry.level !== 'debug') story.push({ hour: Math.floor(hourNow()), ...entry });
    },
  };

  const key = await issuerKey('ES256');
  const inboxes = { flows: new Map(), audit: new Map() } as Record<'flows' | 'audit', Inbox>;

  async function respond(request: HttpRequest): Promise<Partial<HttpResponse>> {
    const { host, pathname } = new URL(request.url);
    if (host === hosts.flows) return respondAs('flows', request);
    if (host === hosts.audit) return respondAs('audit', request);
    if (pathname === '/jwks.json')
      return isWithin(keyWindow, hourNow()) ? { status: 503 } : { body: keySetOf(key) };
    return orFail(windowAt(providerWindows, hourNow()), request, () => provide(pathname));
  }

  function orFail(
    fault: Fault | undefined,
    request: HttpRequest,
    act: () => Partial<HttpResponse>,
  ): Partial<HttpResponse> | Promise<Partial<HttpResponse>> {
    return fault === undefined ? act() : playFault(fault, request, act, platform);
  }

  function provide(pathname: string): Partial<HttpResponse> {
    if (pathname.endsWith('/ServiceProviderConfig')) return json({ patch: { supported: true } });
    const hour = Math.floor(hourNow());
    const isEmpty = isWithin(emptyWindow, hourNow());
    const user = (id: string) => ({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      ...{ id, userName: `user${id}@example.com`, active: true, title: titleAt(id, hour) },
    });
    const id = /\/Users\/(\w+)$/.exec(pathname)?.[1];
    if (id !== undefined)
      return people.includes(id) && !isEmpty ? json(user(id)) : json({ status: '404' }, 404);
    return pathname.endsWith('/Users') && !isEmpty ? list(people.map(user)) : list([]);
  }

  async function respondAs(name: 'flows' | 'audit', request: HttpRequest): Promise<Partial<HttpResponse>> {
    const event: WeekEvent = JSON.parse(String(request.body));
    const hour = hourNow();
    const refuses =
      name === 'flows' &&
      (isWithin(allRefusedWindow, hour) ||
        (isWithin(refusedWindow, hour) && event.subject.id === refusedPerson));
    if (refuses) return { status: 422 };
    const id = `${request.headers['rolecall-trigger']} ${event.dedupeKey}`;
    const known = inboxes[name].get(id) ?? { acknowledged: 0, event };
    const response = await orFail(windowAt(receiverWindows[name], hour), request, () => {
      // Whatever is lost on its way back, the receiver has the event.
      inboxes[name].set(id, known);
      return { status: 204 };
    });
    if (response.status === 204) known.acknowledged += 1;
    return response;
  }

  const pushed: string[] = [];
  const tokens = new Map<string, string>();
  for (let hour = 3; hour < calmFromHour; hour += 1) {
    const id = people[hour % people.length] ?? '';
    const claims = {
      jti: `set-${hour}`,
      iat: (fakeEpochInMs + hour * hourInMs) / 1000,
      sub_id: { format: 'scim', uri: `/Users/${id}` },
      events: { [eventUri('prov:patch:notice')]: { attributes: ['title'] } },
    };
    tokens.set(claims.jti, await signSet(key, setClaims(claims)));
  }
  const push = async (token: string): Promise<number> => {
    const headers = { 'content-type': 'application/secevent+jwt', accept: 'application/json' };
    const request = pushRequest({ headers, body: token });
    const endpoint = options.endpoints()?.get('security_event_token');
    const head = endpoint?.checkHead(request);
    const { reply } = head ?? (await endpoint?.receive(request)) ?? { reply: { status: 404 } };
    return reply.status;
  };
  /** Sends one token an hour, each until it is acknowledged. */
  async function pushEachHour(): Promise<void> {
    for (const [jti, token] of tokens) {
      await untilHour(Number(jti.slice(4)) + 0.5);
      while ((await push(token).catch(() => 503)) !== 202) await sleep(5 * 60_000);
      pushed.push(jti);
    }
  }

  async function untilHour(hour: number): Promise<void> {
    await sleep(Math.max(0, hour * hourInMs - clock.now()));
  }

  const store = await options.store(now);
  const dead = { most: 0, released: 0 };
  const samples: Week['samples'][number][] = [];
  async function watchTheHours(): Promise<void> {
    for (let hour = 1; hour < weekInHours; hour += 1) {
      await untilHour(hour);
      if (hour === fileWindow.fromHour) {
        renameSync(options.file, `${options.file}.1`);
        mkdirSync(options.file);
      }
      if (hour === fileWindow.toHour) rmdirSync(options.file);
      if (isWithin(forgedWindow, hour)) for (let tries = 0; tries < 30; tries += 1) await push('e30.e30.e30');
      const flows = (await store.sinkStates(0)).find(({ sink }) => sink === 'flows');
      dead.most = Math.max(dead.most, flows?.deadLetterCount ?? 0);
      if (hour === releaseHour) dead.released = await store.release({ only: 'dead_letters' });
      if (hour % sampleEveryInHours > 0) continue;
      options.collectGarbage();
      const heapInBytes = process.memoryUsage().heapUsed;
      samples.push({ heapInBytes, stateInBytes: vacuumedSize(options.state) });
    }
    await untilHour(weekInHours);
    lastReport = health.report();
    stop.abort(new Error('The week is over.'));
  }

  const health = createWatchHealth({ now });
  let lastReport = health.report();
  const webhook = (host: string) =>
    createWebhookSink(
      {
        url: `https://${host}/hook`,
        secrets: [new Uint8Array(32)],
        timeoutInMs: 30_000,
        deadlineInMs: 120_000,
        maxResponseBytes: 1_048_576,
      },
      platform,
    );
  const watching = watchToSink(
    { definition, platform, session: openTestSession(platform) },
    triggers.map((trigger) => ({ key: trigger, input: { strategy: 'snapshot' } })),
    {
      store,
      everyInMs,
      signal: stop.signal,
      observer: health.observe,
      sources: [
        {
          type: 'security_event_token',
          settings: { issuer, audience, jwksUrl: `https://${hosts.provider}/jwks.json` },
        },
      ],
      listen: { port: 0 },
      sinks: { file: fileSink(options.file), flows: webhook(hosts.flows), audit: webhook(hosts.audit) },
    },
  );
  let isOver = false;
  // Otherwise time would go on without an end.
  const orStop = (error: unknown): never => {
    stop.abort(error);
    throw error;
  };
  const ended = Promise.all([watching, watchTheHours().catch(orStop), pushEachHour().catch(orStop)]).finally(
    () => {
      isOver = true;
    },
  );
  ended.catch(() => undefined);
  // Whenever nothing but timers is left, time passes.
  while (!isOver) {
    await clock.run();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
  store.close();
  const lines = [`${options.file}.1`, options.file].flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line): WeekEvent => JSON.parse(line)),
  );
  return { inboxes, lines, pushed, story, entries, health: lastReport, samples, dead };
}
