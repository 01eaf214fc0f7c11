import { describe, expect, it } from 'vitest';
import type { ConnectorError } from '../../connector/errors.ts';
import { failureOf } from '../support/failure-of.ts';
import { createPollProvider, type PollProvider, type Said } from '../support/poll-provider.ts';

// What a provider, or something before it, says wrongly. After each, no one has been reported who did not leave, and
// when the truth is reported again, from the same state, everything that really happened is.

const page = (body: object): Said => ({ status: 200, body: JSON.stringify(body) });
const isList = (url: URL): boolean => url.pathname.endsWith('/Users');
const startIndex = (url: URL): number => Number(url.searchParams.get('startIndex') ?? 1);

interface BadResponse {
  readonly name: string;
  readonly said: NonNullable<PollProvider['lie']>;
  /** The code of the error, or undefined when the poll sees through it. */
  readonly code: ConnectorError['code'] | undefined;
}

const lies: readonly BadResponse[] = [
  {
    name: 'a 200 with an empty list',
    said: ({ url }) => (isList(url) ? page({ totalResults: 0, Resources: [] }) : undefined),
    code: 'mass_change_blocked',
  },
  {
    name: 'an empty list without a total',
    said: ({ url }) => (isList(url) ? page({ Resources: [] }) : undefined),
    code: 'mass_change_blocked',
  },
  {
    name: 'a page that ends early, and then nothing',
    said: ({ url }) =>
      isList(url) && startIndex(url) > 1 ? page({ totalResults: 300, Resources: [] }) : undefined,
    code: 'provider_fault',
  },
  {
    name: 'a total that shrinks to the first page',
    said: ({ url }) => {
      if (!isList(url)) return undefined;
      const Resources = Array.from({ length: 100 }, (_, index) => ({
        id: `${index + 1}`,
        userName: `user-${index + 1}`,
      }));
      return page({ totalResults: 100, Resources: startIndex(url) === 1 ? Resources : [] });
    },
    code: 'mass_change_blocked',
  },
  {
    name: 'the same page forever',
    said: ({ url }) =>
      isList(url) ? page({ totalResults: 300, Resources: [{ id: '1', userName: 'user-1' }] }) : undefined,
    code: 'provider_fault',
  },
  {
    name: 'a token that is revoked in mid-scan',
    said: ({ url }) => (startIndex(url) > 1 ? { status: 401, body: '' } : undefined),
    code: 'auth',
  },
  {
    name: "a proxy's page in mid-scan",
    said: ({ url }) =>
      startIndex(url) > 1
        ? { status: 200, body: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } }
        : undefined,
    code: 'provider_fault',
  },
  {
    name: 'a list that is cut in the middle of its JSON',
    said: ({ url }) =>
      startIndex(url) > 1 ? { status: 200, body: '{"totalResults":300,"Resources":[{"id":"10' } : undefined,
    code: 'provider_fault',
  },
  {
    name: 'a service that is gone',
    said: () => ({ status: 404, body: '{}' }),
    code: 'provider_fault',
  },
  {
    name: 'a list that leaves five people out, without a trace',
    said: ({ url }) => {
      if (!isList(url)) return undefined;
      const all = Array.from({ length: 295 }, (_, index) => ({
        id: `${index + 6}`,
        userName: `user-${index + 6}`,
        active: true,
      }));
      const from = startIndex(url) - 1;
      return page({ totalResults: 295, Resources: all.slice(from, from + 100) });
    },
    code: undefined,
  },
  {
    name: 'a list that does not say who is active',
    said: ({ url }) => {
      if (!isList(url)) return undefined;
      const all = Array.from({ length: 300 }, (_, index) => ({
        id: `${index + 1}`,
        userName: `user-${index + 1}`,
      }));
      const from = startIndex(url) - 1;
      return page({ totalResults: 300, Resources: all.slice(from, from + 100) });
    },
    code: undefined,
  },
];

describe.each(lies)('$name', ({ said, code }) => {
  it('reports no user, and loses no change', async () => {
    const provider = createPollProvider(300);
    const input = { pageSize: 100 };
    await provider.poll('provisioning_event', input);
    provider.lie = said;
    if (code === undefined) expect((await provider.poll('provisioning_event', input)).events).toEqual([]);
    else expect((await failureOf(provider.poll('provisioning_event', input))).code).toBe(code);
    provider.lie = undefined;
    expect((await provider.poll('provisioning_event', input)).events).toEqual([]);
    provider.change('7', { active: false });
    provider.remove('8');
    const { events } = await provider.poll('provisioning_event', input);
    expect(events.map(({ type, subject }) => `${type} ${subject.id} ${subject.userName}`).toSorted()).toEqual(
      ['deactivate 7 user-7', 'delete 8 user-8'],
    );
  });
});

describe('users that move between pages during a read', () => {
  it('are all read if one is deleted and another is created between two pages', async () => {
    const provider = createPollProvider(300);
    const input = { pageSize: 100 };
    await provider.poll('provisioning_event', input);
    let isDone = false;
    provider.lie = ({ url }) => {
      // Everyone behind the first moves up by one, so that number 101 stands on the page that was read already.
      if (startIndex(url) > 1 && !isDone) {
        isDone = true;
        provider.remove('1');
        provider.add('301');
      }
      return undefined;
    };
    const { events } = await provider.poll('provisioning_event', input);
    expect(events.map(({ type, subject }) => `${type} ${subject.id}`)).toEqual(['create 301']);
    expect(provider.platform.sent.at(-2)?.url).toMatch(/\/Users\/101$/);
    // Number 1 was read before it went.
    const next = await provider.poll('provisioning_event', input);
    expect(next.events.map(({ type, subject }) => `${type} ${subject.id}`)).toEqual(['delete 1']);
  });

  it('have all their changes read if one is deleted and another is created between two pages', async () => {
    const provider = createPollProvider(400);
    const input = { pageSize: 100 };
    await provider.poll('user_updated', input);
    for (let id = 1; id <= 250; id += 1) provider.change(`${id}`, { title: 'Countess' });
    let isDone = false;
    provider.lie = ({ url }) => {
      if (startIndex(url) > 1 && !isDone) {
        isDone = true;
        provider.remove('1');
        provider.change('399', { title: 'Countess' });
      }
      return undefined;
    };
    const { events } = await provider.poll('user_updated', input);
    provider.platform.advance(60_000);
    provider.change('400', { title: 'Countess' });
    const next = await provider.poll('user_updated', input);
    const found = [...events, ...next.events].map(({ subject }) => Number(subject.id));
    expect(found.toSorted((one, other) => one - other)).toEqual([
      ...Array.from({ length: 250 }, (_, index) => index + 1),
      399,
      400,
    ]);
    // Later than the look-back, within which changes are read again.
    provider.platform.advance(600_000);
    await provider.poll('user_updated', input);
    expect((await provider.poll('user_updated', input)).events).toEqual([]);
    expect(provider.requests()).toBe(1);
  });

  it('are not reported as new if the first read skipped them', async () => {
    const provider = createPollProvider(300);
    const input = { pageSize: 100 };
    let isDone = false;
    provider.lie = ({ url }) => {
      if (startIndex(url) > 1 && !isDone) {
        isDone = true;
        provider.remove('1');
        provider.add('301');
      }
      return undefined;
    };
    await provider.poll('user_provisioned', input);
    provider.add('302');
    const { events } = await provider.poll('user_provisioned', { ...input, strategy: 'snapshot' });
    expect(events.map(({ subject }) => subject.id)).toEqual(['302']);
  });
});

describe('the mass-change guard', () => {
  const leave = (provider: PollProvider, count: number): void => {
    for (let id = 1; id <= count; id += 1) {
      if (id % 2 === 0) provider.remove(`${id}`);
      else provider.change(`${id}`, { active: false });
    }
  };

  it('blocks a mass change, reports its size and how to approve it, and loses no event', async () => {
    const provider = createPollProvider(300);
    await provider.poll('user_deprovisioned');
    leave(provider, 31);
    const error = await failureOf(provider.poll('user_deprovisioned'));
    expect(error).toMatchObject({ code: 'mass_change_blocked' });
    expect(error.message).toBe(
      '31 of 300 users would be reported as deactivated or deleted within 24 hours, and the limit is 30. No events were reported and none are lost: the next poll checks again. Affected: user-1 (active → inactive), user-3 (active → inactive), user-5 (active → inactive), user-7 (active → inactive), user-9 (active → inactive), user-11 (active → inactive), user-13 (active → inactive), user-15 (active → inactive), user-17 (active → inactive), user-19 (active → inactive), and 21 more. Check at the provider whether this is correct. If it is, poll with `approve` set to "hold-6b3bd57cc40d79e7": it approves exactly these losses.',
    );
    expect((await failureOf(provider.poll('user_deprovisioned', { massChangeLimit: 30 }))).code).toBe(
      'mass_change_blocked',
    );
    const { events } = await provider.poll('user_deprovisioned', { massChangeLimit: 31 });
    expect(events).toHaveLength(31);
    expect((await provider.poll('user_deprovisioned')).events).toEqual([]);
  });

  it('reads no user by ID before the mass change is approved', async () => {
    const provider = createPollProvider(300);
    await provider.poll('user_deprovisioned');
    provider.people = provider.people.slice(0, 200);
    await failureOf(provider.poll('user_deprovisioned'));
    expect(provider.requests()).toBe(1);
  });

  it('allows half of a small directory to leave, 20 users of a larger one, and a tenth of a large one', async () => {
    for (const [known, most] of [
      [25, 13],
      [200, 20],
      [250, 25],
    ] as const) {
      const provider = createPollProvider(known);
      await provider.poll('user_deprovisioned');
      leave(provider, most);
      expect((await provider.poll('user_deprovisioned')).events, `${known}`).toHaveLength(most);
    }
  });

  it('counts only users that the trigger would report', async () => {
    const provider = createPollProvider(100);
    provider.change('1', { title: 'Countess' });
    await provider.poll('user_deprovisioned', { filter: 'title eq "Countess"' });
    for (let id = 1; id <= 40; id += 1) provider.change(`${id}`, { active: false });
    const { events } = await provider.poll('user_deprovisioned', { filter: 'title eq "Countess"' });
    expect(events.map(({ subject }) => subject.id)).toEqual(['1']);
  });

  it('does not block a trigger that reports no removals, and reads no removed user', async () => {
    const provider = createPollProvider(100);
    await provider.poll('user_provisioned', { strategy: 'snapshot' });
    provider.people = provider.people.slice(0, 10);
    provider.add('new');
    const { events } = await provider.poll('user_provisioned', { strategy: 'snapshot' });
    expect(events.map(({ subject }) => subject.id)).toEqual(['new']);
    expect(provider.requests()).toBe(1);
  });
});

describe('a small directory whose list is empty once', () => {
  it('is blocked, and the next poll reports the user that was deleted', async () => {
    const provider = createPollProvider(10);
    await provider.poll('user_deprovisioned');
    provider.remove('3');
    provider.lie = ({ url }) => (isList(url) ? page({ totalResults: 0 }) : undefined);
    expect((await failureOf(provider.poll('user_deprovisioned'))).code).toBe('mass_change_blocked');
    provider.lie = undefined;
    const { events } = await provider.poll('user_deprovisioned');
    expect(events.map(({ type, subject }) => `${type} ${subject.userName}`)).toEqual(['delete user-3']);
    expect((await provider.poll('user_deprovisioned')).events).toEqual([]);
  });

  it('reports no user if a proxy answers the reads by ID with web pages', async () => {
    const provider = createPollProvider(10);
    await provider.poll('user_deprovisioned');
    provider.remove('3');
    provider.lie = ({ url }) =>
      isList(url)
        ? undefined
        : { status: 404, body: '<html>Not found</html>', headers: { 'content-type': 'text/html' } };
    // The user stays open with a warning, and holds up no other.
    expect((await provider.poll('user_deprovisioned')).events).toEqual([]);
    expect(provider.platform.logged).toContainEqual(expect.objectContaining({ level: 'warn' }));
  });
});

describe('a response with missing or wrong values', () => {
  it.each(['0', 0, 'no', 'inactive'])(
    'reports no deactivation if "active" is %j, and logs it',
    async (active) => {
      const provider = createPollProvider(3);
      await provider.poll('user_deprovisioned');
      provider.change('2', { active });
      expect((await provider.poll('user_deprovisioned')).events).toEqual([]);
      expect(provider.platform.logged).toContainEqual({
        level: 'warn',
        event: 'active_value_invalid',
        resource: 'User',
        id: '2',
        active,
      });
      provider.change('2', { active: 'False' });
      expect((await provider.poll('user_deprovisioned')).events).toHaveLength(1);
    },
  );

  it('fails the poll if it shows another user for an ID', async () => {
    const provider = createPollProvider(3);
    await provider.poll('user_deprovisioned');
    const [first] = provider.people;
    provider.remove('3');
    provider.lie = ({ url }) => (isList(url) ? undefined : page(first ?? {}));
    const error = await failureOf(provider.poll('user_deprovisioned'));
    expect(error).toMatchObject({ code: 'provider_fault' });
    expect(error.message).toContain('returned 1 when asked for 3');
    provider.lie = undefined;
    expect((await provider.poll('user_deprovisioned')).events).toHaveLength(1);
  });

  it('reports no deletion of a user that cannot be read by ID', async () => {
    const provider = createPollProvider(1);
    provider.add('..');
    await provider.poll('user_deprovisioned');
    const [first] = provider.people;
    provider.lie = ({ url }) => (isList(url) ? page({ totalResults: 1, Resources: [first] }) : undefined);
    expect((await provider.poll('user_deprovisioned')).events).toEqual([]);
  });
});

describe('a filter on meta.lastModified', () => {
  it.each(['ignored', 'nobody', 'refused'] as const)(
    'is replaced by a comparison of all users if it is handled as "%s"',
    async (filter) => {
      const provider = createPollProvider(30);
      provider.filter = filter;
      await provider.poll('user_updated');
      provider.change('7', { title: 'Countess' });
      const { events } = await provider.poll('user_updated');
      expect(events).toMatchObject([{ subject: { id: '7' }, source: 'snapshot' }]);
      const chosen = provider.platform.logged.find(({ event }) => event === 'poll_strategy_chosen');
      expect(chosen).toMatchObject({ strategy: 'snapshot', canAskSince: false });
    },
  );

  it.each(['ignored', 'nobody', 'refused'] as const)(
    'loses no change if the provider starts to handle it as "%s"',
    async (filter) => {
      const provider = createPollProvider(30);
      await provider.poll('user_updated');
      provider.filter = filter;
      provider.change('7', { title: 'Countess' });
      const { events } = await provider.poll('user_updated');
      expect(events.map(({ subject }) => subject.id)).toEqual(['7']);
      expect((await provider.poll('user_updated')).events).toEqual([]);
    },
  );

  it('is unsupported for "changed_since" if the provider rejects it', async () => {
    const provider = createPollProvider(30);
    provider.filter = 'ignored';
    const error = await failureOf(provider.poll('user_updated', { strategy: 'changed_since' }));
    expect(error).toMatchObject({
      code: 'unsupported',
      nextStep: 'Set `strategy` to "snapshot" or "auto".',
    });
  });

  it('costs one request if nothing changed, and one for 100 changed users', async () => {
    const provider = createPollProvider(1000);
    // Without the full reads that come in between under the strategy "auto".
    const input = { strategy: 'changed_since' };
    await provider.poll('user_updated', input);
    provider.platform.advance(60_000);
    expect((await provider.poll('user_updated', input)).events).toEqual([]);
    expect(provider.requests()).toBe(1);
    for (let id = 1; id <= 100; id += 1) provider.change(`${id}`, { title: 'Countess' });
    expect((await provider.poll('user_updated', input)).events).toHaveLength(100);
    expect(provider.requests()).toBe(1);
  });
});

describe('a provider clock that jumps', () => {
  const changed = async (provider: PollProvider, id: string): Promise<void> => {
    provider.platform.advance(10_000);
    provider.change(id, { title: `at ${provider.clockAheadInMs}` });
    const { events } = await provider.poll('user_updated');
    expect(events.map(({ subject }) => subject.id)).toEqual([id]);
  };

  it('loses no change if it is set forward and back', async () => {
    const provider = createPollProvider(30);
    await provider.poll('user_updated');
    for (const ahead of [0, 3_600_000, 0, -7_200_000, 60_000, 0]) {
      provider.clockAheadInMs = ahead;
      await changed(provider, '7');
      await changed(provider, '8');
    }
  });

  it('loses no change if one response has a future date', async () => {
    const provider = createPollProvider(30);
    await provider.poll('user_updated');
    provider.clockAheadInMs = 86_400_000;
    provider.change('7', { title: 'of tomorrow' });
    provider.clockAheadInMs = 0;
    expect((await provider.poll('user_updated')).events.map(({ subject }) => subject.id)).toEqual(['7']);
    await changed(provider, '8');
    await changed(provider, '9');
  });

  it('needs no clock of the client', async () => {
    const provider = createPollProvider(30);
    provider.clockAheadInMs = -365 * 86_400_000;
    await provider.poll('user_updated');
    await changed(provider, '7');
    await changed(provider, '8');
  });
});
