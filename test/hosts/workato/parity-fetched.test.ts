import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProvisioningEvent } from '../../../connector/event.ts';
import { lossesOfEvent, type RecentLosses } from '../../../connector/safeguard/safeguard.ts';
import { guardFetched } from '../../../hosts/n8n/runtime/guard-events.ts';
import { ConnectorError } from '../../../runtime/index.ts';
import { createNodePlatform, type NodePlatform } from '../../../runtime/node/node-platform.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/index.ts';
import type { PullReceiver } from '../../../triggers/sources/source.ts';
import { listen, type TestServer } from '../../support/listen.ts';
import { definition } from '../../support/open-test-session.ts';
import { openPull } from '../../support/webhook/open-source.ts';
import { createWorkosApi, type WorkosApi, type WorkosEvent } from '../../support/webhook/workos-api.ts';
import { asJobError, type JobError, readJobError } from './job-error.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';
import { withEventPills } from './with-event-pills.ts';

const apiKey = 'sk_the_key_of_the_environment';
const scimToken = 'the-token-of-the-scim-provider';
const startAt = '2020-01-01T00:00:00Z';
const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

type Type = 'workato_activity_log' | 'workos_events';
type Values = Readonly<Record<string, unknown>>;

const lossesIn = (event: ProvisioningEvent) => {
  const resource = definition.resources[event.resource];
  return resource === undefined ? [] : lossesOfEvent(resource, event);
};

interface Polled {
  readonly events: readonly { readonly dedupeKey: string }[];
  readonly cursor: unknown;
  readonly more: boolean;
}

const secrets = { workato_activity_log: 'apiToken', workos_events: 'apiKey' } as const;

let ruby: RubyConnector;
let platform: NodePlatform;
beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});
afterAll(() => ruby.close());
beforeEach(async () => {
  await ruby.ask({ do: 'reset' });
  platform = createNodePlatform();
});
afterEach(() => platform.close());

function openNode(type: Type, settings: Readonly<Record<string, unknown>>): PullReceiver {
  return openPull(type, { ...platform, sleep: async () => undefined }, settings);
}

async function pollNode(receiver: PullReceiver, cursor: unknown): Promise<Polled | object> {
  try {
    const polled = await receiver.poll(cursor);
    return { ...polled, events: withEventPills(polled.events) };
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return asJobError(error, definition, 'triggers');
  }
}

async function pollRuby(
  type: Type,
  settings: Readonly<Record<string, unknown>>,
  closure: unknown,
): Promise<Polled | object> {
  const { [secrets[type]]: secret, ...input } = settings;
  const { value, error } = await ruby.ask({
    do: 'poll',
    key: 'fetched_event',
    input: { source: type, ...input },
    closure,
    settings: {
      baseUrl: 'https://scim.example.com',
      token: scimToken,
      ...(secret !== undefined && { [`${type}_${secrets[type]}`]: secret }),
    },
  });
  if (error !== undefined) return readJobError(error);
  const polled = value as { events: Polled['events']; next_poll: object; can_poll_more: boolean };
  for (const event of polled.events)
    expect(await ruby.value({ do: 'dedup', key: 'fetched_event', event })).toBe(event.dedupeKey);
  return { events: polled.events, cursor: polled.next_poll, more: polled.can_poll_more };
}

/** A closure as Node has it: a hash, without what the safeguard counts, which a store has there. */
function withoutLosses(outcome: unknown): unknown {
  const { cursor, ...rest } = outcome as { readonly cursor: { readonly state: string } };
  const { losses: _, ...own } = JSON.parse(cursor.state);
  return { ...rest, cursor: own };
}

/** What a poll returned on Node, without what only the log needs, which Workato has no place for. */
function withoutCompletion({ cursor, ...rest }: Polled): unknown {
  const { completeAtInMs: _, ...own } = cursor as { readonly completeAtInMs?: number };
  return { ...rest, cursor: own };
}

/** Polls on both sides until there is no more: the events are the same. */
async function pollBoth(type: Type, settings: Readonly<Record<string, unknown>>) {
  const receiver = openNode(type, settings);
  const sides = [
    (cursor: unknown) => pollNode(receiver, cursor),
    (cursor: unknown) => pollRuby(type, settings, cursor),
  ];
  const [node, onRuby] = await Promise.all(
    sides.map(async (poll) => {
      const events: unknown[] = [];
      let cursor: unknown;
      for (;;) {
        const polled = await poll(cursor);
        if (!('events' in polled)) return polled;
        events.push(...polled.events);
        ({ cursor } = polled);
        if (!polled.more) return { events, cursor: cursor as { readonly seen: readonly unknown[] } };
      }
    }),
  );
  return { node, ruby: onRuby };
}

const eventsOf = (outcome: unknown) => (outcome as { readonly events: readonly unknown[] }).events;

describe('the Workato activity log on Node and on Ruby', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox({ limits: { apiRequestsPerMinute: null }, mode: 'hybrid' });
  });
  afterEach(() => sandbox.close());

  const settings = () => ({ apiUrl: sandbox.apiUrl, apiToken: sandbox.adminToken, startAt });
  const scim = async (method: string, path: string, body?: object): Promise<{ readonly id: string }> => {
    const headers = { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/scim+json' };
    const response = await fetch(`${sandbox.scimBaseUrl}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return response.status === 204 ? { id: '' } : ((await response.json()) as { readonly id: string });
  };

  it('has the same events', async () => {
    const { id } = await scim('POST', '/Users', { schemas: [userUrn], userName: 'ada@example.com' });
    const patch = (...Operations: readonly object[]) =>
      scim('PATCH', `/Users/${id}`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations,
      });
    await patch({ op: 'replace', path: 'title', value: 'Lead' });
    await patch({ op: 'replace', path: 'active', value: false });
    await patch({ op: 'replace', path: 'active', value: true });
    const group = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Crew' };
    await scim('POST', '/Groups', { ...group, members: [{ value: id }] });
    await scim('DELETE', `/Users/${id}`);
    const both = await pollBoth('workato_activity_log', settings());
    expect(eventsOf(both.node).length).toBeGreaterThan(5);
    expect(withoutLosses(both.ruby)).toEqual(withoutCompletion(both.node as Polled));
  });

  it('starts now by default', async () => {
    await scim('POST', '/Users', { schemas: [userUrn], userName: 'before@example.com' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const now = { apiUrl: sandbox.apiUrl, apiToken: sandbox.adminToken };
    const first = (await pollRuby('workato_activity_log', now, null)) as Polled;
    expect(first.events).toEqual([]);
    await scim('POST', '/Users', { schemas: [userUrn], userName: 'after@example.com' });
    const second = (await pollRuby('workato_activity_log', now, first.cursor)) as Polled;
    expect(second.events).toMatchObject([{ type: 'create', subject: { userName: 'after@example.com' } }]);
  });
});

describe('WorkOS events on Node and on Ruby', () => {
  let api: WorkosApi;
  let server: TestServer;
  const seen: (string | undefined)[] = [];
  beforeEach(async () => {
    seen.length = 0;
    api = createWorkosApi(apiKey);
    server = await listen((request, response) => {
      seen.push(request.headers.authorization);
      api.serve(request, response);
    });
  });
  afterEach(() => server.close());

  const settings = () => ({ apiUrl: server.origin, apiKey, startAt: api.events[0]?.created_at ?? startAt });
  const at = Date.now() - 3_600_000;
  let count = 0;
  const event = (name: string, data: object): WorkosEvent => {
    count += 1;
    return { id: `event_${count}`, event: name, created_at: new Date(at + count).toISOString(), data };
  };

  const user = {
    id: 'directory_user_1',
    idp_id: '00u1',
    email: 'blair@example.com',
    first_name: 'Blair',
    last_name: 'Lunchford',
    state: 'active',
    role: { slug: 'member' },
    custom_attributes: { department_name: 'Success', job_title: 'Engineer', employee_type: '' },
    raw_attributes: {
      schemas: [userUrn, enterprise],
      userName: 'blair@example.com',
      name: { middleName: 'Elizabeth' },
      groups: [],
      active: 'True',
      displayName: 'Blair Lunchford',
      [enterprise]: { division: 'Engineering' },
    },
  };
  const crew = { id: 'directory_group_1', idp_id: '00g1', name: 'Crew', raw_attributes: {} };

  it('come in batches of the given size, each with a key of its own', async () => {
    for (const nth of [1, 2, 3])
      api.events.push(event('dsync.user.created', { ...user, id: `directory_user_${nth}` }));
    const single = (await pollRuby('workos_events', settings(), null)) as Polled;
    const { apiKey: secret, ...input } = settings();
    const polled = await ruby.value({
      do: 'invoke',
      of: 'triggers',
      key: 'fetched_event_batch',
      input: { source: 'workos_events', batch_size: '2', ...input },
      settings: { baseUrl: 'https://scim.example.com', token: scimToken, workos_events_apiKey: secret },
    });
    const { events } = polled as {
      readonly events: readonly { events: Polled['events']; count: number; dedupeKey: string }[];
    };
    // Workato makes jobs of a poll from its end: the SDK reverses the list.
    expect(events.map((batch) => batch.count)).toEqual([2, 1]);
    expect(events.flatMap((batch) => batch.events.map(({ dedupeKey }) => dedupeKey))).toEqual(
      single.events.map(({ dedupeKey }) => dedupeKey),
    );
    expect(new Set(events.map(({ dedupeKey }) => dedupeKey)).size).toBe(2);
  });

  it('are the same', async () => {
    const updated = (now: object, previous_attributes?: object): WorkosEvent =>
      event('dsync.user.updated', { ...user, ...now, ...(previous_attributes && { previous_attributes }) });
    api.events.push(
      event('dsync.user.created', user),
      event('dsync.user.created', { id: 'directory_user_2', emails: [], raw_attributes: null }),
      event('dsync.user.created', {
        id: 'directory_user_3',
        username: 'cyd',
        emails: [{ value: 'a@example.com' }, { value: 'b@example.com', primary: true }],
        roles: ['admin', { slug: 'member' }, { slug: '' }, null],
        state: 'inactive',
      }),
      updated({ state: 'inactive' }, { state: 'active' }),
      updated({ state: 'active', last_name: 'Jones' }, { state: 'inactive', last_name: 'Lunchford' }),
      updated(
        { custom_attributes: { department_name: 'Sales' } },
        { custom_attributes: { department_name: 'Success' } },
      ),
      updated({ role: { slug: 'admin' } }, { role: { slug: 'member' } }),
      updated({ idp_color: 'red' }, { idp_color: 'blue' }),
      updated({}, {}),
      updated({}),
      updated({ state: 'suspended' }),
      event('dsync.user.deleted', user),
      event('dsync.group.created', crew),
      event('dsync.group.updated', { ...crew, previous_attributes: { name: 'Gang' } }),
      event('dsync.group.user_added', { group: crew, user }),
      event('dsync.group.user_removed', { group: crew, user: { id: 'directory_user_9' } }),
      event('dsync.group.deleted', crew),
      event('dsync.deleted', { id: 'directory_1' }),
      // What cannot be read blocks nothing.
      event('dsync.user.created', { name: 'without an ID' }),
      event('dsync.group.user_added', { group: crew }),
      { ...event('dsync.user.created', { ...user, id: 'directory_user_8' }), id: '' },
      event('dsync.user.created', { ...user, id: 'directory_user_7' }),
    );
    const both = await pollBoth('workos_events', settings());
    expect(eventsOf(both.node).length).toBeGreaterThan(17);
    expect(eventsOf(both.node).at(-1)).toMatchObject({ subject: { id: 'directory_user_7' } });
    expect(withoutLosses(both.ruby)).toEqual(withoutCompletion(both.node as Polled));
  });

  it('continue a backlog with one closure after the other, and are reported once', async () => {
    for (let nth = 0; nth < 620; nth += 1)
      api.events.push(event('dsync.user.created', { ...user, id: `directory_user_${nth}` }));
    const polls: Polled[] = [];
    for (let closure: unknown = null; polls.at(-1)?.more !== false; closure = polls.at(-1)?.cursor)
      polls.push((await pollRuby('workos_events', settings(), closure)) as Polled);
    expect(polls.map(({ events }) => events.length)).toEqual([500, 120]);
    expect(new Set(polls.flatMap(({ events }) => events.map(({ dedupeKey }) => dedupeKey))).size).toBe(620);
  });

  describe('that take too much away', () => {
    const deletions = (from: number, to: number): void => {
      for (let nth = from; nth <= to; nth += 1)
        api.events.push(
          event('dsync.user.deleted', {
            ...user,
            id: `directory_user_${nth}`,
            raw_attributes: { ...user.raw_attributes, userName: `${nth}@example.com` },
          }),
        );
    };

    /** What the node of n8n does with the same events. */
    async function guardNode(recent: RecentLosses | undefined, input: Values): Promise<unknown> {
      const { events } = await openNode('workos_events', settings()).poll(undefined);
      const limits = { number: input.massChangeLimit as number | undefined };
      const guard = { limits, lossesOf: lossesIn, approve: input.approve, nowInMs: Date.now() };
      try {
        return guardFetched(events, recent, guard);
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        return asJobError(error, definition, 'triggers');
      }
    }

    it('are held, named, and approved as in n8n', async () => {
      deletions(1, 11);
      const held = await pollRuby('workos_events', settings(), null);
      expect(held).toMatchObject({
        code: 'mass_change_blocked',
        message: expect.stringMatching(
          /^11 users would be reported as deactivated or deleted within 24 hours, and the limit is 10\. No events were reported and none are lost: .*1@example\.com \(known → deleted\), .*"Approved hold" set to "hold-/,
        ),
      });
      expect(held).toEqual(await guardNode(undefined, {}));
      const [approve] = /hold-[0-9a-f]{16}/.exec((held as JobError).message) ?? [];
      for (const input of [{ approve }, { massChangeLimit: 11 }]) {
        const { events, cursor } = (await pollRuby(
          'workos_events',
          { ...settings(), ...input },
          null,
        )) as Polled;
        expect(events).toHaveLength(11);
        const { losses = {} } = JSON.parse((cursor as { readonly state: string }).state);
        expect(losses).toEqual(await guardNode(undefined, input));
      }
    });

    it('are counted for a day, and those of other kinds are not', async () => {
      deletions(1, 10);
      const first = (await pollRuby('workos_events', settings(), null)) as Polled;
      expect(first.events).toHaveLength(10);
      for (let nth = 0; nth < 12; nth += 1)
        api.events.push(event('dsync.user.created', { ...user, id: `directory_user_n${nth}` }));
      const second = (await pollRuby('workos_events', settings(), first.cursor)) as Polled;
      expect(second.events).toHaveLength(12);
      deletions(11, 11);
      for (let poll = 0; poll < 2; poll += 1)
        expect(await pollRuby('workos_events', settings(), second.cursor)).toMatchObject({
          message: expect.stringContaining(
            '11 users would be reported as deactivated or deleted within 24 hours (10 of them were reported before)',
          ),
        });
    });
  });

  it('are requested with the key, and never with the token of the SCIM provider', async () => {
    api.events.push(event('dsync.user.created', user));
    await pollRuby('workos_events', settings(), null);
    expect(new Set(seen)).toEqual(new Set([`Bearer ${apiKey}`]));
  });

  it('that became visible late are reported once', async () => {
    const first = event('dsync.user.created', user);
    const late = event('dsync.user.deleted', user);
    const third = event('dsync.group.created', crew);
    api.events.push(first, third);
    const one = (await pollRuby('workos_events', settings(), null)) as Polled;
    api.events.splice(1, 0, late);
    const two = (await pollRuby('workos_events', settings(), one.cursor)) as Polled;
    const three = (await pollRuby('workos_events', settings(), two.cursor)) as Polled;
    expect([one, two, three].map(({ events }) => events.length)).toEqual([2, 1, 0]);
    expect(two.events).toMatchObject([{ type: 'delete', id: late.id }]);
  });
});

describe.each(['workato_activity_log', 'workos_events'] as const)('a response to %s', (type) => {
  let server: TestServer;
  let answer: { status: number; headers?: Record<string, string>; body?: string };
  beforeEach(async () => {
    server = await listen((_, response) => {
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  afterEach(() => server.close());

  it.each<[what: string, answer: typeof answer]>([
    ['a wrong token', { status: 401, body: '{"message":"Unauthorized"}' }],
    ['a missing permission', { status: 403 }],
    ['another path', { status: 404, body: '{}' }],
    ['a web page with 404', { status: 404, body: '<html>' }],
    ['too many requests', { status: 429, headers: { 'retry-after': '30', 'x-request-id': 'r1' } }],
    ['too many requests, and no time', { status: 429 }],
    ['out of service', { status: 503, headers: { 'retry-after': '7200' } }],
    ['an invalid query', { status: 422, body: '{}' }],
    ['a redirect', { status: 302, headers: { location: 'https://evil.example/' } }],
    ['a redirect that the SDK would follow', { status: 303, headers: { location: 'https://evil.example/' } }],
    ['a web page', { status: 200, body: '<html>Sign in</html>' }],
    ['nothing', { status: 200 }],
    ['no list', { status: 200, body: '{"data":{}}' }],
    ['an entry without an ID', { status: 200, body: '{"data":[{}]}' }],
    ['the same page again', { status: 200, body: '{"data":[{"id":"a"}],"list_metadata":{"after":"a"}}' }],
  ])('with %s fails both with the same error', async (_, given) => {
    answer = given;
    const settings = { apiUrl: server.origin, [secrets[type]]: 'secret-of-the-api', startAt };
    const both = await pollBoth(type, settings);
    expect(both.node).toHaveProperty('code');
    expect(both.ruby).toEqual(both.node);
    expect(JSON.stringify(both)).not.toContain('secret-of-the-api');
  });

  it.each(['http://api.example.com', 'api', 'https://a:b@api.example.com'])(
    'is not requested from an address where the secret is not safe: %s',
    async (apiUrl) => {
      const outcome = await pollRuby(type, { apiUrl, [secrets[type]]: 'secret-of-the-api' }, null);
      expect(outcome).toMatchObject({ code: 'invalid_input', message: expect.stringContaining('API URL') });
      expect(() => openNode(type, { apiUrl, [secrets[type]]: 's' })).toThrow('apiUrl');
    },
  );

  it('does not take the secret to another host', async () => {
    const visits: (string | undefined)[] = [];
    const stranger = await listen((request, response) => {
      visits.push(request.headers.authorization);
      response.end('{"data":[]}');
    });
    for (const status of [301, 302, 303, 307, 308]) {
      answer = { status, headers: { location: `${stranger.origin}/events` } };
      const settings = { apiUrl: server.origin, [secrets[type]]: 'secret-of-the-api' };
      expect(await pollRuby(type, settings, null)).toMatchObject({ code: 'provider_fault' });
    }
    await stranger.close();
    expect(visits).toEqual([]);
  });

  it('needs the secret in the connection', async () => {
    const outcome = await pollRuby(type, { apiUrl: server.origin }, null);
    expect(outcome).toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(/: API (token|key)" is required/),
    });
  });

  it.each([{ version: 2 }, { version: 1, startAtInMs: 'x', newestAtInMs: 1, seen: [] }])(
    'is not requested with an invalid closure: %j',
    async (closure) => {
      const settings = { apiUrl: server.origin, [secrets[type]]: 's' };
      expect(await pollRuby(type, settings, closure)).toMatchObject({ code: 'invalid_input' });
    },
  );
});
