import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../../connector/platform.ts';
import { createFakePlatform, json, list } from '../../support/fake-platform.ts';
import { openTestSession } from '../../support/open-test-session.ts';

interface User {
  readonly id: string;
  readonly userName: string;
  readonly title: string;
  readonly meta?: { readonly created: string };
}

/** How a provider runs one operation of a bulk request: it reports a success whatever it does. */
interface Habit {
  readonly isDone: boolean;
  readonly shows: 'nothing' | 'result' | 'old state';
  readonly hasLocation: boolean;
}

const habit: fc.Arbitrary<Habit> = fc.record({
  isDone: fc.boolean(),
  shows: fc.constantFrom('nothing', 'result', 'old state'),
  hasLocation: fc.boolean(),
});
const provider = fc.record({
  habits: fc.array(habit, { minLength: 2, maxLength: 6 }),
  hasBulkIds: fc.boolean(),
  /** What becomes of a change that is sent by itself. */
  singles: fc.constantFrom('made', 'rejected', 'ignored'),
  /** After this time, a read shows a change. */
  delayInMs: fc.constantFrom(0, 400),
});
type Provider = typeof provider extends fc.Arbitrary<infer Value> ? Value : never;

const namedUsers = ['a', 'b', 'c'].map((id): User => ({ id, userName: `${id}@example.com`, title: 'Clerk' }));

/** Runs rows at a provider. @returns the results of the rows, and the users at the end */
async function run(action: string, rows: readonly object[], { habits, ...how }: Provider) {
  const users = new Map(namedUsers.map((user) => [user.id, user]));
  const shown = new Map(users);
  const hidden = new Map<string, number>();
  let lastId = 0;
  const platform = createFakePlatform((request) => respond(request));

  function change(
    method: string,
    id: string,
    body: { Operations?: { value: string }[] } & object,
  ): User | undefined {
    const before = users.get(id);
    const [{ value: title } = { value: '' }] = body.Operations ?? [];
    if (method === 'POST') {
      lastId += 1;
      const meta = { created: new Date(platform.now()).toISOString() };
      const user = { ...(body as User), id: `new${lastId}`, meta };
      users.set(user.id, user);
      shown.set(user.id, user);
      return user;
    }
    if (method === 'DELETE') users.delete(id);
    else if (before !== undefined) users.set(id, { ...before, title });
    hidden.set(id, platform.now() + how.delayInMs);
    return users.get(id);
  }

  function visible(id: string): User | undefined {
    if (platform.now() < (hidden.get(id) ?? 0)) return shown.get(id);
    const user = users.get(id);
    if (user !== undefined) shown.set(id, user);
    return user;
  }

  function isTaken(method: string, { userName }: Partial<User>): boolean {
    return method === 'POST' && [...users.values()].some((user) => user.userName === userName);
  }

  function runBulk(
    operations: readonly { method: string; path: string; bulkId: string; data?: object }[],
  ): object {
    return {
      Operations: operations.map(({ method, path, bulkId, data = {} }, at) => {
        const { isDone, shows, hasLocation } = habits[at % habits.length] as Habit;
        const id = path.split('/')[2] ?? '';
        const name = how.hasBulkIds ? { bulkId } : {};
        if (isTaken(method, data)) return { ...name, status: '409' };
        const old = users.get(id);
        const result = isDone ? change(method, id, data) : old;
        const response = shows === 'result' ? result : old;
        return {
          ...name,
          status: method === 'POST' ? '201' : '200',
          ...(hasLocation && result !== undefined && { location: `/Users/${result.id}` }),
          ...(shows !== 'nothing' && response !== undefined && { response }),
        };
      }),
    };
  }

  function respond({ method, url, body: text }: HttpRequest): HttpResponse {
    const { pathname, searchParams } = new URL(url);
    const [kind, id = ''] = pathname.replace('/scim/v2/', '').split('/');
    const body = JSON.parse(String(text ?? '{}'));
    const date = new Date(platform.now()).toUTCString();
    if (kind === 'ServiceProviderConfig') return json({ bulk: { supported: true } });
    if (kind === 'Bulk') return json(runBulk(body.Operations));
    if (method === 'GET' && id === '') {
      const [, name] = /^userName eq "(.*)"$/.exec(searchParams.get('filter') ?? '') ?? [];
      const all = [...users.values()].filter(({ userName }) => name === undefined || userName === name);
      return { ...list(all), headers: { date } };
    }
    if (id !== '' && (method === 'GET' ? visible(id) : users.get(id)) === undefined) return json({}, 404);
    if (method === 'GET') return json(visible(id));
    if (how.singles === 'rejected') return json({}, 403);
    if (how.singles === 'ignored') return { status: 204, headers: {}, body: '' };
    if (isTaken(method, body)) return json({}, 409);
    const changed = change(method, id, body);
    return changed === undefined
      ? { status: 204, headers: {}, body: '' }
      : json(changed, method === 'POST' ? 201 : 200);
  }

  const output = await openTestSession(platform).runAction('bulk_users', { action, rows });
  const { results } = output as { results: readonly { ok: boolean; id?: string }[] };
  return { results, users: [...users.values()] };
}

const chosen = fc.array(fc.nat({ max: 2 }), { minLength: 2, maxLength: 6 });

it('bulk_users reports updated users only as the provider shows them, and updates all that it can', async () => {
  await fc.assert(
    fc.asyncProperty(chosen, provider, async (targets, how) => {
      const rows = targets.map((target, row) => ({
        user: { id: namedUsers[target]?.id },
        title: `Title ${row}`,
      }));
      const { results, users } = await run('update_user', rows, how);
      if (how.singles === 'made') expect(results.every(({ ok }) => ok)).toBe(true);
      for (const [target, { id }] of namedUsers.entries()) {
        const last = targets.findLastIndex((one, row) => one === target && results[row]?.ok === true);
        if (last >= 0) expect(users.find((user) => user.id === id)?.title).toBe(`Title ${last}`);
      }
    }),
  );
});

it('bulk_users reports deleted users only as the provider shows them, and deletes all that it can', async () => {
  await fc.assert(
    fc.asyncProperty(chosen, provider, async (targets, how) => {
      const ids = targets.map((target) => namedUsers[target]?.id ?? '');
      const { results, users } = await run(
        'delete_user',
        ids.map((id) => ({ user: { id } })),
        how,
      );
      if (how.singles === 'made') expect(results.every(({ ok }) => ok)).toBe(true);
      for (const [row, id] of ids.entries())
        if (results[row]?.ok === true) expect(users.map((user) => user.id)).not.toContain(id);
    }),
  );
});

it.each(['create_user', 'upsert_user'])(
  'bulk_users (%s) reports created users only as the provider shows them, and creates all that it can',
  async (action) => {
    await fc.assert(
      fc.asyncProperty(chosen, provider, async (names, how) => {
        const rows = [...new Set(names), 3].map((name) => ({ userName: `new-${name}@example.com` }));
        const { results, users } = await run(action, rows, how);
        if (how.singles === 'made') expect(results.every(({ ok }) => ok)).toBe(true);
        for (const [row, { userName }] of rows.entries()) {
          const found = users.filter((user) => user.userName === userName);
          expect(found.length).toBeLessThan(2);
          if (results[row]?.ok === true) expect(found.map(({ id }) => id)).toEqual([results[row].id]);
        }
      }),
    );
  },
);
