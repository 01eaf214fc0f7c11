import { describe, expect, it } from 'vitest';
import { failureOf } from '../../../support/failure-of.ts';
import { definition } from '../../../support/open-test-session.ts';
import { createPollProvider } from '../../../support/poll-provider.ts';

describe('more events than the limit of one poll', () => {
  it('are returned by the next polls, each once, from the beginning', async () => {
    const provider = createPollProvider(10_500);
    const input = { startFrom: 'beginning' };
    const first = await provider.poll('user_provisioned', input);
    expect([first.events.length, first.more]).toEqual([10_000, true]);
    const second = await provider.poll('user_provisioned', input);
    expect([second.events.length, second.more]).toEqual([500, false]);
    const ids = [...first.events, ...second.events].map(({ subject }) => subject.id);
    expect(new Set(ids).size).toBe(10_500);
    expect((await provider.poll('user_provisioned', input)).events).toEqual([]);
  });

  it('are returned by the next polls with the strategy "changed_since"', async () => {
    const provider = createPollProvider(10_500);
    await provider.poll('user_updated');
    for (const { id } of provider.people.slice(0, 5)) provider.change(id, { title: 'x' });
    provider.people = provider.people.map((person) => ({
      ...person,
      title: 'Countess',
      meta: { ...person.meta, lastModified: new Date(provider.platform.now()).toISOString() },
    }));
    const polls = [
      await provider.poll('user_updated'),
      await provider.poll('user_updated'),
      await provider.poll('user_updated'),
    ];
    expect(polls.map(({ events, more }) => [events.length, more])).toEqual([
      [10_000, true],
      [500, false],
      [0, false],
    ]);
  });
});

describe.each(['index', 'cursor'] as const)('a list that is paged by %s', (paging) => {
  it.each(['snapshot', 'changed_since'] as const)('is polled by %s', async (strategy) => {
    const provider = createPollProvider(250);
    provider.paging = paging;
    const input = { strategy, pageSize: 100 };
    await provider.poll('provisioning_event', input);
    for (let id = 1; id <= 120; id += 1) provider.change(`${id * 2}`, { title: 'Countess' });
    const { events } = await provider.poll('provisioning_event', input);
    expect(events.map(({ subject }) => Number(subject.id)).toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 120 }, (_, index) => (index + 1) * 2),
    );
    expect((await provider.poll('provisioning_event', input)).events).toEqual([]);
  });
});

describe('a host that stores only a cursor', () => {
  it('gets an error if the directory is too large for the cursor, and no event is lost', async () => {
    const provider = createPollProvider(300);
    const error = await failureOf(provider.poll('user_updated', {}, { cursorLimit: 5_000 }));
    expect(error.code).toBe('unsupported');
    expect(error.message).toMatch(
      /^The state of 300 users and groups takes \d+ characters, but this host can store only 5000\. Poll with a host that has a store/,
    );
  });

  it('gets the same events as a host with a store', async () => {
    const stored = createPollProvider(3000);
    const inline = createPollProvider(3000);
    const kept = new Map<string, string>();
    const pages = { read: async (name: string) => kept.get(name) };
    for (let round = 0; round < 4; round += 1) {
      for (const provider of [stored, inline]) {
        if (round === 0) break;
        provider.change(`${round * 7}`, { active: false });
        provider.remove(`${round * 11}`);
        provider.add(`new-${round}`);
      }
      const one = await stored.poll('provisioning_event', {}, { pages });
      const other = await inline.poll('provisioning_event');
      for (const [name, page] of one.pages) {
        if (page === null) kept.delete(name);
        else kept.set(name, page);
      }
      expect(JSON.stringify(one.cursor).length).toBeLessThan(4000);
      expect(other.pages.size).toBe(0);
      expect(one.events).toEqual(other.events);
      expect(one.events).toHaveLength(round === 0 ? 0 : 3);
    }
    expect(kept.size).toBe(4);
  });
});

it('skips a resource type that the provider does not have', async () => {
  const provider = createPollProvider(3);
  await provider.poll('provisioning_event');
  provider.change('1', { active: false });
  expect((await provider.poll('provisioning_event')).events).toHaveLength(1);
  expect(provider.platform.logged.filter(({ event }) => event === 'resource_type_unsupported')).toEqual([
    { level: 'warn', event: 'resource_type_unsupported', resource: 'Group' },
  ]);
  expect((await failureOf(provider.poll('group_created'))).code).toBe('provider_fault');
});

it('fails if the provider has none of the resource types that a trigger is about', async () => {
  const provider = createPollProvider(3);
  provider.lie = ({ url }) => (url.pathname.endsWith('/Users') ? { status: 404, body: '{}' } : undefined);
  expect((await failureOf(provider.poll('provisioning_event'))).code).toBe('provider_fault');
});

it.each(['user_updated', 'provisioning_event'])(
  '%s fails if the input asks for a filter that the provider does not understand',
  async (key) => {
    const provider = createPollProvider(3);
    provider.filter = 'ignored';
    expect((await failureOf(provider.poll(key, { strategy: 'changed_since' }))).code).toBe('unsupported');
  },
);

it.each(definition.triggers.map(({ key }) => key))(
  '%s accepts its sample input, and rejects unknown fields',
  async (key) => {
    const { detect, sampleInput } = definition.triggers.find((trigger) => trigger.key === key) ?? {};
    if (detect?.resources.includes('User') === true) {
      const provider = createPollProvider(3);
      expect((await provider.poll(key, sampleInput)).events).toEqual([]);
    }
    const error = await failureOf(createPollProvider(3).poll(key, { strategi: 'auto' }));
    expect(error.problems).toEqual([
      { path: 'strategi', message: 'is not a known field (did you mean "strategy"?)' },
    ]);
  },
);
