import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import type { Subscription } from '../../../hosts/zapier/runtime/event-service.ts';
import type {
  InstantTrigger,
  ListTrigger,
  PollingTrigger,
} from '../../../hosts/zapier/runtime/trigger-entries.ts';
import type { ZapierBundle } from '../../../hosts/zapier/runtime/zapier-functions.ts';
import { type Connector, createConnector, watchSources } from '../../../runtime/index.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import { definition } from '../../support/open-test-session.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/start-webhook-receiver.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openZapier, type ZapierRuntime } from './support/open-zapier.ts';

const folder = temporaryFolder();
const serviceToken = 'a token of the subscribers';
let zapier: ZapierRuntime;
let sandbox: Sandbox;
let world: Connector;
let authData: Readonly<Record<string, unknown>>;

beforeAll(async () => {
  zapier = await openZapier(folder.path);
});
afterAll(() => folder[Symbol.dispose]());

beforeEach(async () => {
  sandbox = await startSandbox();
  authData = { baseUrl: sandbox.scimBaseUrl, token: sandbox.token };
  world = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
});
afterEach(async () => {
  world.close();
  await sandbox.close();
});

type Events = readonly ProvisioningEvent[];

function poll(key: string, inputData: Readonly<Record<string, unknown>> = {}): Promise<Events> {
  const trigger = zapier.app.triggers[key] as PollingTrigger;
  return zapier.call(trigger.operation.perform, { authData, inputData }) as Promise<Events>;
}

/** An event without what differs from poll to poll. */
function lasting({ id: _, dedupeKey: __, occurredAt: ___, ...event }: ProvisioningEvent): object {
  return event;
}

const byName = (one: ProvisioningEvent, other: ProvisioningEvent): number =>
  String(one.subject.displayName ?? one.subject.userName).localeCompare(
    String(other.subject.displayName ?? other.subject.userName),
  );

describe('a polling trigger in Zapier', () => {
  it.each(['user_provisioned', 'group_created'] as const)(
    '%s returns the events of the library, with IDs that stay',
    async (key) => {
      const { id } = await world.actions.create_user({ userName: 'ada@example.com' });
      await world.actions.create_user({ userName: 'grace@example.com' });
      await world.actions.create_group({ displayName: 'Engineering', members: [{ value: id }] });

      const first = await poll(`${key}_poll`);
      const { events } = await world.triggers[key].poll({ startFrom: 'beginning' });

      expect(events.length).toBeGreaterThan(0);
      expect(first.toSorted(byName).map(lasting)).toEqual(events.toSorted(byName).map(lasting));
      expect((await poll(`${key}_poll`)).map((event) => event.id)).toEqual(first.map((event) => event.id));
    },
  );

  it('reports a new user once, as an event with an ID that no earlier poll had', async () => {
    await world.actions.create_user({ userName: 'ada@example.com' });
    const before = new Set((await poll('user_provisioned_poll')).map(({ id }) => id));
    await world.actions.create_user({ userName: 'grace@example.com' });

    const after = (await poll('user_provisioned_poll')).filter(({ id }) => !before.has(id));

    expect(after.map(({ subject, type }) => [subject.userName, type])).toEqual([
      ['grace@example.com', 'create'],
    ]);
  });

  it('reports an updated user again with each change, and none that was only created', async () => {
    const ada = await world.actions.create_user({ userName: 'ada@example.com' });
    await world.actions.create_user({ userName: 'grace@example.com' });
    const seen = [await poll('user_updated_poll')];
    for (const title of ['Analyst', 'Senior analyst']) {
      await world.actions.update_user({ user: { id: ada.id }, title });
      seen.push(await poll('user_updated_poll'));
    }

    expect(seen.map((events) => events.map(({ subject, data }) => [subject.userName, data?.title]))).toEqual([
      [],
      [['ada@example.com', 'Analyst']],
      [['ada@example.com', 'Senior analyst']],
    ]);
    expect(seen[1]?.[0]?.id).not.toBe(seen[2]?.[0]?.id);
  });

  it('polls only for users who match the filter and the group', async () => {
    const ada = await world.actions.create_user({ userName: 'ada@example.com', title: 'Analyst' });
    const grace = await world.actions.create_user({ userName: 'grace@example.com', title: 'Manager' });
    await world.actions.create_group({ displayName: 'Engineering', members: [{ value: grace.id }] });
    for (const { id } of [ada, grace])
      await world.actions.update_user({ user: { id }, department: 'Research' });
    const namesOf = (events: Events): unknown => events.map(({ subject }) => subject.userName);

    for (const key of ['user_provisioned_poll', 'user_updated_poll']) {
      expect(namesOf(await poll(key, { filter: 'title eq "Analyst"' }))).toEqual(['ada@example.com']);
      const inGroup = { group_by: 'displayName', group: 'Engineering' };
      expect(namesOf(await poll(key, inGroup))).toEqual(['grace@example.com']);
    }
  });

  it('refuses to poll for updated users where the provider does not date changes', async () => {
    await sandbox.close();
    sandbox = await startSandbox({ quirks: ['no-stamps'] });
    authData = { baseUrl: sandbox.scimBaseUrl, token: sandbox.token };
    const connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
    await connector.actions.create_user({ userName: 'ada@example.com' });
    connector.close();

    await expect(poll('user_updated_poll')).rejects.toThrow(/instant trigger/);
  });
});

let watches = 0;
const hookSecret = 'a long random secret';

describe('an instant trigger in Zapier', () => {
  let receiver: WebhookReceiver;
  let received: PromiseWithResolvers<void>;
  let stop: AbortController;
  let watching: Promise<void>;
  let hookUrl: string;
  let connected: Readonly<Record<string, unknown>>;

  beforeEach(async () => {
    received = Promise.withResolvers();
    receiver = await startWebhookReceiver(() => {
      received.resolve();
      return { status: 200 };
    });
    stop = new AbortController();
    const started = Promise.withResolvers<{
      readonly urls: readonly string[];
      readonly subscriptionsUrl?: string | undefined;
    }>();
    watching = watchSources(['user_deprovisioned', 'user_updated'], {
      store: folder.file(`watch-${++watches}.state`),
      sources: [{ type: 'okta_event_hook', settings: { secret: hookSecret } }],
      listen: { port: 0 },
      subscriptions: { tokens: [serviceToken], allowPrivateTargets: true },
      sinks: {},
      signal: stop.signal,
      onStart: started.resolve,
    });
    const { urls, subscriptionsUrl = '' } = await Promise.race([
      started.promise,
      watching.then(() => started.promise),
    ]);
    hookUrl = urls[0] ?? '';
    connected = { ...authData, serviceUrl: new URL(subscriptionsUrl).origin, serviceToken };
  });
  afterEach(async () => {
    stop.abort();
    await watching;
    await receiver.close();
  });

  const operationOf = (key: string): InstantTrigger['operation'] =>
    (zapier.app.triggers[key] as InstantTrigger).operation;

  async function subscribe(key: string): Promise<Subscription> {
    const bundle = { authData: connected, targetUrl: receiver.url };
    return (await zapier.call(operationOf(key).performSubscribe, bundle)) as Subscription;
  }

  async function listSubscriptions(): Promise<readonly unknown[]> {
    const response = await fetch(`${connected.serviceUrl}/subscriptions`, {
      headers: { authorization: `Bearer ${serviceToken}` },
    });
    return (await response.json()).subscriptions;
  }

  /** Okta reports that Ada is deactivated. Returns the webhook that Zapier gets, as it passes it on. */
  async function deactivateAda(): Promise<Pick<ZapierBundle, 'rawRequest' | 'cleanedRequest'>> {
    const target = [{ id: '00u1', type: 'User', alternateId: 'ada@example.com', displayName: 'Ada' }];
    const event = {
      uuid: 'uuid-1',
      published: '2026-11-24T09:00:00.000Z',
      eventType: 'user.lifecycle.deactivate',
      outcome: { result: 'SUCCESS' },
      target,
    };
    await fetch(hookUrl, {
      method: 'POST',
      headers: { authorization: hookSecret, 'content-type': 'application/json' },
      body: JSON.stringify({
        eventId: 'event-1',
        eventTime: event.published,
        eventType: 'com.okta.event_hook',
        eventTypeVersion: '1.0',
        cloudEventsVersion: '0.1',
        contentType: 'application/json',
        source: 'https://example.okta.com/api/v1/eventHooks/1',
        data: { events: [event] },
      }),
    });
    await received.promise;
    const [{ headers, body } = { headers: {}, body: '' }] = receiver.received;
    const renamed = Object.entries(headers).map(([name, value]) => [`Http-${name}`, String(value)]);
    return {
      rawRequest: { headers: Object.fromEntries(renamed), content: body },
      cleanedRequest: JSON.parse(body),
    };
  }

  it('subscribes at a service, receives its events, and unsubscribes', async () => {
    const { perform, performUnsubscribe } = operationOf('user_deprovisioned');
    const subscribeData = await subscribe('user_deprovisioned');
    expect(await listSubscriptions()).toMatchObject([
      { id: subscribeData.id, triggers: ['user_deprovisioned'], signed: true },
    ]);

    const webhook = await deactivateAda();
    const bundle = { authData: connected, subscribeData, ...webhook };
    expect(await zapier.call(perform, bundle)).toEqual([webhook.cleanedRequest]);

    await zapier.call(performUnsubscribe, { authData: connected, subscribeData });
    expect(await listSubscriptions()).toEqual([]);
    // It may have ended before, such as with a 410.
    await zapier.call(performUnsubscribe, { authData: connected, subscribeData });
  });

  it('applies the filter of the Zap, and rejects a webhook with another signature', async () => {
    const { perform } = operationOf('user_deprovisioned');
    const subscribeData = await subscribe('user_deprovisioned');
    const webhook = await deactivateAda();
    const bundle = { authData: connected, subscribeData, ...webhook };

    const filtered = { ...bundle, inputData: { filter: 'userName eq "grace@example.com"' } };
    expect(
      await zapier.call(perform, { ...filtered, cleanedRequest: withData(webhook.cleanedRequest) }),
    ).toEqual([]);
    const { secret } = await subscribe('user_updated');
    for (const other of [{ ...subscribeData, secret }, { id: subscribeData.id }, undefined])
      await expect(zapier.call(perform, { ...bundle, subscribeData: other })).rejects.toThrow(/signature/);
    const forged = { ...webhook.rawRequest, content: `${webhook.rawRequest?.content} ` };
    await expect(zapier.call(perform, { ...bundle, rawRequest: forged })).rejects.toThrow(/signature/);
  });

  it('says what to do if the service does not watch the trigger, or rejects the token', async () => {
    await expect(subscribe('group_deleted')).rejects.toThrow(/triggers must be among those that are watched/);
    connected = { ...connected, serviceToken: 'another token of them' };
    await expect(subscribe('user_updated')).rejects.toMatchObject({ name: 'ExpiredAuthError' });
    connected = authData;
    await expect(subscribe('user_updated')).rejects.toThrow(/Rolecall Service URL\\" is missing/);
  });
});

/** The event with the user, so that a filter can decide. */
function withData(event: unknown): unknown {
  const { subject } = event as ProvisioningEvent;
  return { ...(event as object), data: { id: subject.id, userName: subject.userName } };
}

describe('the lists and samples in the editor of Zapier', () => {
  it('lists users page by page', async () => {
    for (let number = 100; number < 205; number += 1)
      await world.actions.create_user({
        userName: `user${number}@example.com`,
        displayName: `User ${number}`,
      });
    const { operation } = zapier.app.triggers.user_list as ListTrigger;
    const pages = await Promise.all(
      [0, 1, 2].map(
        async (page) =>
          (await zapier.call(operation.perform, { authData, meta: { page } })) as readonly object[],
      ),
    );

    expect(pages.map(({ length }) => length)).toEqual([100, 5, 0]);
    expect(new Set(pages.flat().map((entry) => JSON.stringify(entry))).size).toBe(105);
    expect(pages[0]?.[0]).toEqual({
      id: expect.any(String),
      name: expect.stringMatching(/^User \d+ \(user\d+@example\.com\)$/),
    });
  });

  it.each(definition.triggers.map(({ key }) => key))(
    'shows an event of the form that the trigger %s has',
    async (key) => {
      await world.actions.create_user({ userName: 'ada@example.com' });
      const trigger = definition.triggers.find((one) => one.key === key);
      const { performList } = (zapier.app.triggers[key] as InstantTrigger).operation;
      const samples = (await zapier.call(performList, { authData })) as readonly object[];

      for (const sample of samples) expect(Object.keys(sample)).toEqual(trigger?.output.required);
    },
  );

  it('names the connection after the provider, and tests it', async () => {
    const { test } = zapier.app.authentication;
    const { host } = new URL(sandbox.scimBaseUrl);

    expect(await zapier.call(test, { authData })).toEqual({ host, provider: 'SCIM' });
    expect(await zapier.call(test, { authData: { ...authData, profile: 'workato' } })).toMatchObject({
      provider: 'Workato',
    });
    const wrong = zapier.call(test, { authData: { ...authData, token: 'wrong' } });
    await expect(wrong).rejects.toMatchObject({ name: 'ExpiredAuthError' });
    await expect(zapier.call(test, { authData: { token: 'x' } })).rejects.toThrow(
      /SCIM Base URL\\" is required/,
    );
  });
});
