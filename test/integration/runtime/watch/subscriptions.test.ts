import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../../connector/platform.ts';
import {
  openWatchStore,
  type SinkWatchSettings,
  type SubscriptionOptions,
  streamSink,
  watchSources,
} from '../../../../runtime/index.ts';
import { failureOf } from '../../../support/failure-of.ts';
import {
  type Answer,
  startWebhookReceiver,
  type WebhookReceiver,
} from '../../../support/start-webhook-receiver.ts';
import { stateKey } from '../../../support/state-fixtures.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const token = 'a token of the subscribers';
const hookSecret = 'a long random secret';
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** Waits as long as a busy machine needs: how fast it is, is not tested. */
const eventually = <T>(read: () => T) => expect.poll(read);

let folder: ReturnType<typeof temporaryFolder>;
let receivers: WebhookReceiver[];
let watches: { end(): Promise<void> }[];

beforeEach(() => {
  folder = temporaryFolder();
  receivers = [];
  watches = [];
});

afterEach(async () => {
  for (const watch of watches) await watch.end();
  for (const receiver of receivers) await receiver.close();
  folder[Symbol.dispose]();
});

async function receive(answer: () => Answer = () => ({ status: 204 })): Promise<WebhookReceiver> {
  const receiver = await startWebhookReceiver(answer);
  receivers.push(receiver);
  return receiver;
}

/** What a receiver was sent: the trigger and the user of each event. */
const namesIn = ({ received }: WebhookReceiver): readonly string[] =>
  received.map(({ headers, body }) => `${headers['rolecall-trigger']} ${JSON.parse(body).subject.id}`);

/** Watches Okta's hooks, and serves subscribers. */
async function openWatch(
  subscriptions: Partial<SubscriptionOptions> = {},
  settings: Partial<SinkWatchSettings> = {},
) {
  const log: LogEntry[] = [];
  const ready = Promise.withResolvers<{ readonly hook: string; readonly subscriptionsUrl: string }>();
  const drain = new AbortController();
  const watching = watchSources(['user_deprovisioned', 'provisioning_event'], {
    store: folder.file('watch.state'),
    sources: [{ type: 'okta_event_hook', settings: { secret: hookSecret } }],
    listen: { port: 0 },
    subscriptions: { tokens: [token], allowPrivateTargets: true, ...subscriptions },
    sinks: {},
    log: (entry) => log.push(entry),
    signal: drain.signal,
    onStart: ({ urls: [hook = ''], subscriptionsUrl = '' }) => ready.resolve({ hook, subscriptionsUrl }),
    ...settings,
  });
  const watch = {
    async end() {
      drain.abort();
      await watching;
    },
  };
  watches.push(watch);
  const { hook, subscriptionsUrl } = await Promise.race([ready.promise, watching.then(() => ready.promise)]);
  const request = (method: string, path: string, body?: unknown, bearer = token): Promise<Response> =>
    fetch(`${subscriptionsUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    ...{ ...watch, log, request, url: subscriptionsUrl },
    async subscribe(body: object): Promise<string> {
      const response = await request('POST', '', body);
      expect(response.status).toBe(201);
      const { id } = (await response.json()) as { readonly id: string };
      expect(response.headers.get('location')).toBe(`/subscriptions/${id}`);
      return id;
    },
    async list() {
      const response = await request('GET', '');
      expect(response.status).toBe(200);
      return (await response.json()).subscriptions;
    },
    /** Okta reports that users are deactivated. */
    async deactivate(...ids: readonly string[]) {
      for (const id of ids) {
        const target = [{ id, type: 'User', alternateId: `${id}@example.com`, displayName: id }];
        const event = {
          ...{ uuid: `uuid-${id}`, published: '2026-11-24T09:00:00.000Z', target },
          ...{ eventType: 'user.lifecycle.deactivate', outcome: { result: 'SUCCESS' } },
        };
        const { status } = await fetch(hook, {
          method: 'POST',
          headers: { authorization: hookSecret, 'content-type': 'application/json' },
          body: JSON.stringify({
            eventId: `event-${id}`,
            eventTime: event.published,
            data: { events: [event] },
          }),
        });
        expect(status).toBe(204);
      }
    },
  };
}

it('posts to each subscription what it selects, signed if it has a secret', async () => {
  const [every, leavers, creates] = [await receive(), await receive(), await receive()];
  const watch = await openWatch();
  await watch.subscribe({ url: every.url });
  await watch.subscribe({
    url: leavers.url,
    triggers: ['user_deprovisioned'],
    types: ['deactivate'],
    secret,
  });
  await watch.subscribe({ url: creates.url, types: ['create'] });
  await watch.deactivate('ada', 'bob');
  await eventually(() => namesIn(every)).toHaveLength(4);
  await eventually(() => namesIn(leavers)).toEqual(['user_deprovisioned ada', 'user_deprovisioned bob']);
  expect(creates.received).toEqual([]);
  const [unsigned] = every.received;
  expect(unsigned?.headers).toHaveProperty('webhook-id');
  expect(unsigned?.headers).not.toHaveProperty('webhook-signature');
  for (const { body, headers } of leavers.received)
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
      type: 'deactivate',
    });
  await eventually(watch.list).toMatchObject([
    { origin: new URL(every.url).origin, signed: false, undelivered: 0, deadLetters: 0 },
    { signed: true, triggers: ['user_deprovisioned'], types: ['deactivate'] },
    { types: ['create'] },
  ]);
  expect(JSON.stringify(await watch.list())).not.toMatch(/hook|whsec/);
});

describe('a subscription', () => {
  it.each([undefined, stateKey])('survives a restart with its undelivered events (key %s)', async (key) => {
    let isDown = true;
    const receiver = await receive(() =>
      isDown ? { status: 503, headers: { 'retry-after': '60' } } : { status: 204 },
    );
    const store = () => openWatchStore(folder.file('keyed.state'), { key });
    const first = await openWatch({}, { store });
    const id = await first.subscribe({ url: receiver.url, triggers: ['user_deprovisioned'] });
    await first.deactivate('ada');
    await eventually(() => receiver.received.length).toBe(1);
    await first.end();
    isDown = false;
    const second = await openWatch({}, { store });
    await second.deactivate('bob');
    await expect
      .poll(() => namesIn(receiver))
      .toEqual(['ada', 'ada', 'bob'].map((name) => `user_deprovisioned ${name}`));
    expect(await second.list()).toMatchObject([{ id }]);
  });

  it('is dropped with its events when it is deleted, and holds up no other', async () => {
    const [down, up] = [await receive(() => ({ status: 503 })), await receive()];
    const watch = await openWatch();
    const id = await watch.subscribe({ url: down.url });
    await watch.subscribe({ url: up.url });
    await watch.deactivate('ada');
    await eventually(() => up.received.length).toBe(2);
    await eventually(() => down.received.length).toBeGreaterThan(0);
    expect((await watch.request('DELETE', `/${id}`)).status).toBe(204);
    expect((await watch.request('DELETE', `/${id}`)).status).toBe(404);
    await watch.deactivate('bob');
    await eventually(() => up.received.length).toBe(4);
    await watch.end();
    expect(new Set(namesIn(down).map((name) => name.split(' ')[1]))).toEqual(new Set(['ada']));
    const store = await openWatchStore(folder.file('watch.state'));
    expect(await store.sinkStates(9)).toMatchObject([{ undelivered: 0, deadLetters: [] }]);
    store.close();
  });

  it('ends when its receiver responds with 410', async () => {
    const receiver = await receive(() => ({ status: 410 }));
    const watch = await openWatch();
    const id = await watch.subscribe({ url: receiver.url });
    await watch.deactivate('ada');
    await eventually(watch.list).toEqual([]);
    expect(receiver.received).toHaveLength(1);
    expect(watch.log).toContainEqual(
      expect.objectContaining({ level: 'warn', event: 'subscription_ended', id }),
    );
  });

  it('is changed by another request with its URL, which is no second one', async () => {
    const receiver = await receive();
    const watch = await openWatch();
    const id = await watch.subscribe({ url: receiver.url, types: ['create'] });
    const again = await watch.request('POST', '', {
      url: receiver.url,
      triggers: ['provisioning_event'],
      secret,
    });
    expect([again.status, await again.json()]).toEqual([200, expect.objectContaining({ id, signed: true })]);
    await watch.deactivate('ada');
    await eventually(() => namesIn(receiver)).toEqual(['provisioning_event ada']);
    expect(receiver.received[0]?.headers).toHaveProperty('webhook-signature');
    expect(await watch.list()).toHaveLength(1);
  });
});

describe('the endpoint', () => {
  const target = 'https://93.184.215.14/hook';

  it('accepts only its tokens, and reveals nothing to others', async () => {
    const watch = await openWatch({ tokens: ['the token before this one', token] });
    expect((await watch.request('GET', '', undefined, 'the token before this one')).status).toBe(200);
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', '/x'],
    ] as const) {
      const response = await watch.request(method, path, undefined, 'a wrong token');
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
    expect((await fetch(watch.url)).status).toBe(401);
    // A line for each kind: these are of one kind.
    const rejected = watch.log.filter(({ event }) => event === 'push_rejected');
    expect(rejected).toMatchObject([{ origin: 'subscriptions', status: 401 }]);
    expect(rejected[0]?.message).toBe(
      'The "Authorization" header is incorrect. Check that the subscriber has the token of the subscriptions, and sends it as a bearer token.',
    );
    expect((await watch.request('PUT', '')).headers.get('allow')).toBe('GET, POST');
    expect((await watch.request('POST', '/x')).headers.get('allow')).toBe('DELETE');
    expect((await watch.request('GET', '/x/y')).status).toBe(404);
  });

  const rejected: readonly (readonly [unknown, string])[] = [
    [[], 'The body must be'],
    [{}, 'url is required'],
    [{ url: target, secrets: 'x' }, 'secrets'],
    [{ url: target, secret: 'x' }, 'secret must be whsec_'],
    [
      { url: target, triggers: ['user_updated'] },
      'triggers must be among those that are watched: user_deprovisioned',
    ],
    [{ url: target, triggers: [] }, 'triggers must not be empty'],
    [{ url: target, types: ['deleted'] }, 'types[0] must be one of'],
    [{ url: 'hook' }, 'url must start with https://'],
    [{ url: 'http://93.184.215.14/hook' }, 'url must start with https://'],
    [{ url: 'https://ada:secret@93.184.215.14/hook' }, 'url must not contain a username'],
    [{ url: 'https://10.0.0.7/hook' }, 'url must have a public address'],
    [{ url: 'https://localhost/hook' }, 'url must have a public address'],
    [{ url: 'https://[::ffff:169.254.169.254]/hook' }, 'url must have a public address'],
    [{ url: `${target}?${'x'.repeat(2_048)}` }, 'url is too long'],
  ];

  it('rejects a request with its reason, and stores nothing', async () => {
    const watch = await openWatch({ allowPrivateTargets: false });
    for (const [body, message] of rejected) {
      const response = await watch.request('POST', '', body);
      expect([response.status, (await response.json()).description]).toEqual([
        400,
        expect.stringContaining(message),
      ]);
    }
    expect(await watch.list()).toEqual([]);
  });

  it('limits the number of subscriptions', async () => {
    const watch = await openWatch({ allowPrivateTargets: false, most: 1 });
    await watch.subscribe({ url: target });
    const response = await watch.request('POST', '', { url: `${target}/other` });
    expect([response.status, (await response.json()).description]).toEqual([
      409,
      'There are 1 subscriptions, which is the limit. Delete one first.',
    ]);
    expect((await watch.request('POST', '', { url: target })).status).toBe(200);
  });
});

describe('a watch', () => {
  const withoutSubscriptions = {
    subscriptions: undefined,
    sinks: { own: () => undefined },
  } as Partial<SinkWatchSettings>;

  it('cannot leave out the subscriptions of its state', async () => {
    const watch = await openWatch({ allowPrivateTargets: false });
    await watch.subscribe({ url: 'https://93.184.215.14/hook' });
    await watch.end();
    expect(await failureOf(openWatch({}, withoutSubscriptions))).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('The state has a subscription, which would miss events.'),
    });
    watches.pop();
  });

  it.each<readonly [Partial<SubscriptionOptions>, Partial<SinkWatchSettings>, string]>([
    [{ tokens: [] }, {}, '`subscriptions.tokens` must have 16 characters'],
    [{ tokens: [token, 'short'] }, {}, '`subscriptions.tokens` must have 16 characters'],
    [{}, { listen: undefined }, '`listen` is required to receive okta_event_hook'],
    [{}, { once: true }, '`once` cannot be combined with'],
  ])('rejects the options %j %j', async (subscriptions, settings, message) => {
    const error = await failureOf(openWatch(subscriptions, settings));
    expect(error).toMatchObject({ code: 'invalid_input', message: expect.stringContaining(message) });
    watches.pop();
  });

  it('delivers to its own sinks as well', async () => {
    const lines: string[] = [];
    const sink = streamSink({
      write(text, done) {
        lines.push(text);
        done();
      },
      on: () => undefined,
    });
    const watch = await openWatch({}, { sinks: { lines: sink } } as Partial<SinkWatchSettings>);
    const receiver = await receive();
    await watch.deactivate('ada');
    await watch.subscribe({ url: receiver.url });
    await watch.deactivate('bob');
    await eventually(() => lines.join('').split('\n').length).toBe(5);
    await eventually(() => namesIn(receiver)).toHaveLength(2);
    expect(namesIn(receiver).every((name) => name.endsWith(' bob'))).toBe(true);
  });
});
