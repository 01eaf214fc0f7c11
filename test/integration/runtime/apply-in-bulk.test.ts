import { afterEach, describe, expect, it } from 'vitest';
import type { QuirkName } from '../../../sandbox/index.ts';
import type { ApplyJournal, JournalRecord } from '../../../sync/journal.ts';
import type { Plan } from '../../../sync/plan.ts';
import type { Fault } from '../../support/fault.ts';
import { type FaultBench, type FaultBenchOptions, openFaultBench } from '../../support/open-fault-bench.ts';

let bench: FaultBench | undefined;

afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function open(options: FaultBenchOptions = {}): Promise<FaultBench> {
  bench = await openFaultBench(options);
  return bench;
}

const count = 120;
const rows = Array.from({ length: count }, (_, index) => ({
  userName: `user-${index}@example.com`,
  externalId: `hr-${index}`,
  title: 'Analyst',
}));

const planFor = ({ plan }: FaultBench, users: readonly object[] = rows): Promise<Plan> =>
  plan({ source: 'people', rows: users as Record<string, unknown>[] }, {});

function openJournal(records: JournalRecord[] = []): ApplyJournal & { readonly records: JournalRecord[] } {
  return { records, append: async (more) => void records.push(...more) };
}

const posts = ({ proxy }: FaultBench, end: string): number =>
  proxy.seen.filter(({ method, path }) => method === 'POST' && path.endsWith(end)).length;
const reads = ({ proxy }: FaultBench): number =>
  proxy.seen.filter(({ method, path }) => method === 'GET' && path.includes('/Users')).length;
const namesAt = async ({ direct }: FaultBench): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const { userName } of direct.stream.search_users({ filter: 'userName sw "user-"' }))
    names.push(String(userName));
  return names.toSorted();
};
const everyone = rows.map(({ userName }) => userName).toSorted();
const refusals = ({ logged }: FaultBench): number =>
  logged.filter(({ event }) => event === 'bulk_refused').length;
const idsOf = (records: readonly JournalRecord[], type: JournalRecord['type']): readonly string[] =>
  records.flatMap((one) => (one.type === type && 'id' in one ? [one.id] : [])).toSorted();

describe('apply with a journal', () => {
  it('creates many users by /Bulk, and confirms them by one reading of the list', async () => {
    const opened = await open();
    const plan = await planFor(opened);
    const before = opened.proxy.seen.length;
    const journal = openJournal();
    const { counts, results } = await opened.apply(plan, { journal });

    expect(counts).toMatchObject({ changed: count });
    expect(results.map(({ change }) => change)).toEqual(plan.changes);
    expect(await namesAt(opened)).toEqual(everyone);
    expect([posts(opened, '/Bulk'), posts(opened, '/Users')]).toEqual([3, 0]);
    // The configuration, three bulk requests, and the list.
    expect(opened.proxy.seen.length - before).toBeLessThanOrEqual(6);
    const ids = plan.changes.map(({ id }) => id).toSorted();
    expect(idsOf(journal.records, 'sending')).toEqual(ids);
    expect(idsOf(journal.records, 'done')).toEqual(ids);
    const done = journal.records.flatMap((one) => (one.type === 'done' ? [one] : []));
    expect(done.every(({ createdId, after }) => createdId !== undefined && after === undefined)).toBe(true);
    expect((await planFor(opened)).changes).toEqual([]);
  });

  it('has each creation in the journal before it is sent', async () => {
    const opened = await open();
    const plan = await planFor(opened);
    const journal = openJournal();
    const recorded: number[] = [];
    opened.setPlan(({ path }) => {
      if (path.endsWith('/Bulk')) recorded.push(idsOf(journal.records, 'sending').length);
      return undefined;
    });
    await opened.apply(plan, { journal });
    expect(recorded.toSorted((one, other) => one - other)[0]).toBe(50);
    expect(Math.max(...recorded)).toBe(count);
  });

  it.each<[string, Fault]>([
    ['is lost after it was processed', { kind: 'reset', acts: true }],
    ['is lost before it was processed', { kind: 'reset', acts: false }],
    ['is cut', { kind: 'cut', acts: true, how: 'json' }],
    ['is a page', { kind: 'answer', acts: true, status: 200, body: '<html>' }],
    ['says that there is no bulk', { kind: 'answer', acts: false, status: 501, body: '{}' }],
    ['says that there is no such path', { kind: 'answer', acts: false, status: 404, body: '{}' }],
    ['says that it is too large', { kind: 'answer', acts: false, status: 413, body: '{}' }],
    ['fails after it was processed', { kind: 'answer', acts: true, status: 500, body: '{}' }],
  ])('creates each user once if the answer of /Bulk %s, and reports it once', async (_, fault) => {
    const opened = await open({ connection: { deadlineInMs: 5_000 } });
    const plan = await planFor(opened);
    opened.setPlan(({ path }) => (path.endsWith('/Bulk') ? fault : undefined));
    const journal = openJournal();
    const { counts } = await opened.apply(plan, { journal });
    expect(counts).toMatchObject({ changed: count });
    expect(await namesAt(opened)).toEqual(everyone);
    expect(idsOf(journal.records, 'done')).toEqual(plan.changes.map(({ id }) => id).toSorted());
    expect(refusals(opened)).toBe(1);
    expect(posts(opened, '/Users')).toBeGreaterThanOrEqual(count - 50);
  });

  it.each<QuirkName>(['bulk-stops-at-first-error', 'bulk-statuses-as-objects'])(
    'reports a rejected creation as its own, and makes the others (%s)',
    async (quirk) => {
      const opened = await open({ sandbox: { quirks: [quirk] } });
      const plan = await planFor(opened);
      await opened.direct.actions.create_user({ userName: 'user-3@example.com', title: 'Another person' });
      const { counts, results } = await opened.apply(plan, { journal: openJournal() });
      expect(counts).toMatchObject({ changed: count - 1, refused: 1 });
      expect(results[3]).toMatchObject({
        outcome: 'refused',
        change: { user: { userName: 'user-3@example.com' } },
      });
      const { resources } = await opened.direct.actions.search_users({ userName: 'user-3@example.com' });
      expect(resources.map(({ title }) => title)).toEqual(['Another person']);
      expect(await namesAt(opened)).toEqual(everyone);
    },
  );

  it('reads each created user by ID if the list cannot be read', async () => {
    const opened = await open();
    const plan = await planFor(opened);
    const forbidden: Fault = { kind: 'answer', acts: false, status: 403, body: '{}' };
    opened.setPlan(({ method, path }) =>
      method === 'GET' && /\/Users(\?|$)/.test(path) ? forbidden : undefined,
    );
    const { counts } = await opened.apply(plan, { journal: openJournal() });
    expect(counts).toMatchObject({ changed: count });
    expect(posts(opened, '/Users')).toBe(0);
    expect(reads(opened)).toBeGreaterThan(count);
  });

  it('does not count a user as created whom the provider does not show', async () => {
    const opened = await open();
    const plan = await planFor(opened);
    const claimed = plan.changes.slice(0, 50).map((_, index) => ({
      method: 'POST',
      bulkId: `row${index}`,
      location: `https://scim.example.com/Users/nobody-${index}`,
      status: '201',
    }));
    const body = JSON.stringify({ Operations: claimed });
    let isFirst = true;
    opened.setPlan(({ path }) => {
      if (!path.endsWith('/Bulk') || !isFirst) return undefined;
      isFirst = false;
      return { kind: 'answer', acts: false, status: 200, body };
    });
    const { counts } = await opened.apply(plan, { journal: openJournal() });
    expect(counts).toMatchObject({ changed: count - 50, failed: 50 });
    expect((await namesAt(opened)).length).toBe(count - 50);
  });

  it('finds out what a stopped run has sent, and creates each user once', async () => {
    const opened = await open();
    const plan = await planFor(opened);
    const journal = openJournal();
    const stop = new AbortController();
    let requests = 0;
    opened.setPlan(({ path }) => {
      if (!path.endsWith('/Bulk')) return undefined;
      requests += 1;
      if (requests === 2) setImmediate(() => stop.abort());
      return requests === 2 ? { kind: 'silent', acts: true } : undefined;
    });
    const stopped = await opened.apply(plan, { journal }, { signal: stop.signal });
    const maybeMade = stopped.results.filter(({ maybeMade }) => maybeMade).map(({ change }) => change.id);
    expect(stopped.counts).toMatchObject({ changed: 0, stopped: count });
    expect(maybeMade.toSorted()).toEqual(idsOf(journal.records, 'sending'));
    expect(idsOf(journal.records, 'done')).toEqual([]);
    opened.setPlan(() => undefined);
    const { counts } = await opened.apply(plan, { journal });
    expect(counts).toMatchObject({ changed: count });
    expect(await namesAt(opened)).toEqual(everyone);
    expect(idsOf(journal.records, 'done')).toEqual(plan.changes.map(({ id }) => id).toSorted());
  });

  it.each<[string, FaultBenchOptions, number]>([
    ['the provider has no bulk', { sandbox: { quirks: ['no-bulk'] } }, count],
    ['there are few users to create', {}, 20],
  ])('creates users one by one if %s', async (_, options, some) => {
    const opened = await open(options);
    const plan = await planFor(opened, rows.slice(0, some));
    const { counts } = await opened.apply(plan, { journal: openJournal() });
    expect(counts).toMatchObject({ changed: some });
    expect([posts(opened, '/Bulk'), posts(opened, '/Users')]).toEqual([0, some]);
    expect(refusals(opened)).toBe(0);
  });
});

it('apply without a journal sends no bulk request, because each user has to be looked for first', async () => {
  const opened = await open();
  const { counts } = await opened.apply(await planFor(opened), {});
  expect(counts).toMatchObject({ changed: count });
  expect(posts(opened, '/Bulk')).toBe(0);
});

it('a stopped apply reports the deactivation that it may have made, and counts its loss', async () => {
  const opened = await open();
  await opened.direct.actions.create_user({ userName: 'ada@example.com', externalId: 'hr-1' });
  await opened.direct.actions.create_user({ userName: 'bob@example.com', externalId: 'hr-2' });
  const plan = await opened.plan(
    { source: 'people', rows: [{ userName: 'ada@example.com', externalId: 'hr-1' }] },
    { ownedBy: { externalIdPrefix: 'hr-' } },
  );
  expect(plan.changes).toMatchObject([{ kind: 'deactivate' }]);
  const stop = new AbortController();
  opened.setPlan(({ method }) => {
    if (method === 'GET') return undefined;
    setImmediate(() => stop.abort());
    return { kind: 'silent', acts: true };
  });
  const { counts, results, losses } = await opened.apply(
    plan,
    { journal: openJournal() },
    { signal: stop.signal },
  );
  expect(counts).toMatchObject({ changed: 0, stopped: 1 });
  expect(results.map(({ maybeMade }) => maybeMade)).toEqual([true]);
  expect(losses).toEqual({ users: 1 });
});
