import { afterEach, describe, expect, it } from 'vitest';
import { failureOf } from '../support/failure-of.ts';
import type { Fault, SeenRequest } from '../support/fault.ts';
import { type FaultBench, type FaultBenchOptions, openFaultBench } from '../support/open-fault-bench.ts';

let bench: FaultBench | undefined;

afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function open(options: FaultBenchOptions = {}): Promise<FaultBench> {
  bench = await openFaultBench(options);
  return bench;
}

const ada = { userName: 'ada@example.com', title: 'Analyst' };
const hourInMs = 3_600_000;

/** Affects a number of the first matching requests. */
function first(count: number, fault: Fault, fits: (request: SeenRequest) => boolean) {
  let struck = 0;
  return (request: SeenRequest): Fault | undefined => {
    if (!fits(request) || struck === count) return undefined;
    struck += 1;
    return fault;
  };
}

const isPost = ({ method }: SeenRequest): boolean => method === 'POST';
const isPatch = ({ method }: SeenRequest): boolean => method === 'PATCH';
const lostAfter: Fault = { kind: 'reset', acts: true };
const lostBefore: Fault = { kind: 'reset', acts: false };

describe('create_user for an existing user name', () => {
  it.each([
    ['the request', lostBefore],
    ['the answer', lostAfter],
  ])('reports a conflict, not success, if %s is lost', async (_, fault) => {
    const { direct, run, setPlan, clock } = await open();
    const before = await direct.actions.create_user(ada);
    await clock.sleep(60_000);
    setPlan(first(1, fault, isPost));

    const error = await failureOf(run('create_user', { ...ada, title: 'Someone else' }));

    expect(error).toMatchObject({ code: 'conflict', status: 409, scimType: 'uniqueness' });
    expect(await direct.actions.get_user({ user: { id: before.id } })).toMatchObject({ title: 'Analyst' });
    expect((await direct.actions.search_users({ userName: ada.userName })).totalResults).toBe(1);
  });

  it('reports a conflict if the response is replaced by a web page', async () => {
    const { direct, run, setPlan, clock } = await open();
    await direct.actions.create_user(ada);
    await clock.sleep(60_000);
    setPlan(first(1, { kind: 'answer', acts: true, status: 200, body: '<html>' }, isPost));

    expect((await failureOf(run('create_user', ada))).code).toBe('provider_fault');
  });

  it.each([200, 201, 204])('does not treat an empty %i from an intermediary as success', async (status) => {
    const { direct, run, setPlan, clock } = await open();
    const before = await direct.actions.create_user(ada);
    await clock.sleep(60_000);
    setPlan(first(1, { kind: 'answer', acts: false, status }, isPost));

    const error = await failureOf(run('create_user', { ...ada, title: 'Someone else' }));

    expect(error.code).toBe('provider_fault');
    expect(error.message).not.toContain(before.id);
  });
});

describe('upsert_user for an existing user name', () => {
  it('updates the user even if the response to the change is lost', async () => {
    const { direct, run, setPlan } = await open();
    const before = await direct.actions.create_user(ada);
    setPlan(first(1, lostAfter, isPatch));

    expect(await run('upsert_user', { ...ada, title: 'Changed' })).toMatchObject({
      id: before.id,
      title: 'Changed',
    });
  });

  it('updates a user who was created between the lookup and the create', async () => {
    const { direct, run, setPlan, clock } = await open();
    let isMade = false;
    setPlan(({ method }) => {
      if (method !== 'POST' || isMade) return undefined;
      isMade = true;
      return { kind: 'answer', acts: true, status: 409, body: '{"status":"409","scimType":"uniqueness"}' };
    });
    await clock.sleep(1);

    expect(await run('upsert_user', { ...ada, title: 'Changed' })).toMatchObject({ title: 'Changed' });
    expect((await direct.actions.search_users({ userName: ada.userName })).totalResults).toBe(1);
  });
});

describe.each([
  ['an hour ahead', hourInMs],
  ['an hour behind', -hourInMs],
  ['right', 0],
])('a provider whose clock is %s', (_, clockAheadInMs) => {
  it('finds the user that a create with a lost response made', async () => {
    const { direct, run, setPlan } = await open({ clockAheadInMs });
    setPlan(first(1, lostAfter, isPost));

    const made = await run('create_user', ada);

    const { resources } = await direct.actions.search_users({ userName: ada.userName });
    expect(resources).toMatchObject([{ id: (made as { id: string }).id }]);
  });

  it('does not mistake a user created a minute ago for its own', async () => {
    const { direct, run, setPlan, clock } = await open({ clockAheadInMs });
    await direct.actions.create_user(ada);
    await clock.sleep(60_000);
    setPlan(first(1, lostAfter, isPost));

    expect((await failureOf(run('create_user', ada))).code).toBe('conflict');
  });

  it('waits until a Retry-After date of that clock', async () => {
    const { run, setPlan, clock } = await open({ clockAheadInMs });
    const inTenSeconds = (nowInMs: number) => ({ 'retry-after': new Date(nowInMs + 10_000).toUTCString() });
    setPlan(first(1, { kind: 'answer', acts: false, status: 429, headers: inTenSeconds }, isPost));

    await run('create_user', ada);

    expect(clock.slept).toEqual([10_000]);
  });
});

describe('a provider that sends no Date header', () => {
  it('finds the user that a create with a lost response made, if its clock is right', async () => {
    const { run, setPlan } = await open({ hasNoDate: true });
    setPlan(first(1, lostAfter, isPost));

    expect(await run('create_user', ada)).toMatchObject(ada);
  });
});

describe('a create with a lost response whose lookups also fail', () => {
  it('reports that the create may have succeeded, and makes no second user', async () => {
    const { direct, run, setPlan } = await open({ connection: { deadlineInMs: 20_000 } });
    let posts = 0;
    setPlan(({ method }) => {
      posts += method === 'POST' ? 1 : 0;
      return method === 'POST' ? lostAfter : { kind: 'answer', acts: false, status: 503 };
    });

    const error = await failureOf(run('create_user', ada));

    expect(error.code).toBe('unavailable');
    expect(error.message).toMatch(/The request may have succeeded. Check before you retry\.$/);
    expect(posts).toBe(1);
    expect((await direct.actions.search_users({ userName: ada.userName })).totalResults).toBe(1);
  });
});

describe('a change with ifVersion whose response is lost', () => {
  it('does not mistake its own change for the change of another client', async () => {
    const { direct, run, setPlan } = await open();
    const { id, meta } = await direct.actions.create_user(ada);
    setPlan(first(1, lostAfter, isPatch));

    const error = await failureOf(
      run('update_user', { user: { id }, title: 'Changed', ifVersion: meta?.version }),
    );

    expect(error).toMatchObject({ code: 'precondition_failed', attempts: 2 });
    expect(error.message).toContain('The request may have succeeded');
  });
});

describe('bulk_users with a lost response', () => {
  const rows = Array.from({ length: 20 }, (_, index) => ({ userName: `user-${index}@example.com` }));

  it.each([
    ['before the provider acted', lostBefore],
    ['after the provider acted', lostAfter],
  ])('creates every user once (%s)', async (_, fault) => {
    const { direct, run, setPlan } = await open();
    setPlan(first(1, fault, ({ path }) => path.endsWith('/Bulk')));

    const output = await run('bulk_users', { action: 'create_user', rows });

    expect(output).toMatchObject({ succeeded: 20, failed: 0 });
    expect((await direct.actions.search_users({ filter: 'userName sw "user-"' })).totalResults).toBe(20);
  });

  it('reports a conflict for the row whose user already existed', async () => {
    const { direct, run, setPlan, clock } = await open();
    await direct.actions.create_user({ userName: 'user-3@example.com' });
    await clock.sleep(60_000);
    setPlan(first(1, lostAfter, ({ path }) => path.endsWith('/Bulk')));

    const output = await run('bulk_users', { action: 'create_user', rows });

    expect(output).toMatchObject({ succeeded: 19, failed: 1 });
    expect((output as { results: unknown[] }).results[3]).toMatchObject({
      ok: false,
      error: { code: 'conflict' },
    });
  });

  it('treats a response without statuses as a lost one', async () => {
    const { direct, run, setPlan } = await open();
    const body = JSON.stringify({
      Operations: rows.map((_, row) => ({ method: 'POST', bulkId: `row${row}` })),
    });
    setPlan(
      first(1, { kind: 'answer', acts: false, status: 200, body }, ({ path }) => path.endsWith('/Bulk')),
    );

    expect(await run('bulk_users', { action: 'create_user', rows })).toMatchObject({
      succeeded: 20,
      failed: 0,
    });
    expect((await direct.actions.search_users({ filter: 'userName sw "user-"' })).totalResults).toBe(20);
  });
});
