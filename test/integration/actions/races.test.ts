import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf } from '../../support/failure-of.ts';
import { type FaultBench, openFaultBench } from '../../support/open-fault-bench.ts';

let bench: FaultBench;
let id: string;
let version: string | undefined;

beforeEach(async () => {
  bench = await openFaultBench();
  const created = await bench.direct.actions.create_user({ userName: 'ada@example.com', title: 'Analyst' });
  id = created.id;
  version = created.meta?.version;
});

afterEach(() => bench.close());

const ada = { user: { userName: 'ada@example.com' } };

/** Lets another client change the user just before each of a number of changes arrives. */
function interfere(times: number): void {
  let left = times;
  bench.setPlan(async ({ method }) => {
    if ((method === 'PATCH' || method === 'PUT') && left > 0) {
      left -= 1;
      await bench.direct.actions.update_user({ user: { id }, nickName: `Ada ${left}` });
    }
    return undefined;
  });
}

const patches = (): number => bench.proxy.seen.filter(({ method }) => method === 'PATCH').length;

describe('a change after a change of another client', () => {
  it('is applied to the current version, so that neither is lost', async () => {
    interfere(2);

    await bench.run('update_user', { ...ada, title: 'Countess' });

    const read = await bench.direct.actions.get_user({ user: { id } });
    expect(read).toMatchObject({ title: 'Countess', nickName: 'Ada 0' });
    expect(patches()).toBe(3);
  });

  it('is a conflict after repeated races, and changes nothing', async () => {
    interfere(100);

    const error = await failureOf(bench.run('update_user', { ...ada, title: 'Countess' }));

    expect(error.code).toBe('conflict');
    expect(error.message).toContain('Another client keeps changing the same resource.');
    expect(patches()).toBe(4);
    expect(await bench.direct.actions.get_user({ user: { id } })).toMatchObject({ title: 'Analyst' });
  });
});

describe('a change with "ifVersion"', () => {
  it.each([
    ['update_user', { title: 'Countess' }],
    ['replace_user', { userName: 'ada@example.com', title: 'Countess' }],
    ['deactivate_user', {}],
    ['set_workato_role', { role: 'Admin' }],
  ])('%s succeeds if the version matches', async (key, change) => {
    const changed = await bench.run(key, { ...ada, ...change, ifVersion: version });

    expect((changed as { meta: { version: string } }).meta.version).not.toBe(version);
  });

  it.each([
    ['update_user', { title: 'Countess' }],
    ['replace_user', { userName: 'ada@example.com', title: 'Countess' }],
    ['deactivate_user', {}],
    ['set_workato_role', { role: 'Admin' }],
  ])('%s fails with precondition_failed if the version does not match', async (key, change) => {
    const now = await bench.direct.actions.update_user({ user: { id }, nickName: 'Ada' });

    const error = await failureOf(bench.run(key, { ...ada, ...change, ifVersion: version }));

    expect(error).toMatchObject({ code: 'precondition_failed' });
    expect(error.message).toContain('Read it again');
    expect(await bench.direct.actions.get_user({ user: { id } })).toEqual(now);
  });

  it('fails with precondition_failed in a row of bulk_users', async () => {
    const rows = [
      { ...ada, title: 'Countess', ifVersion: 'W/"stale"' },
      { ...ada, nickName: 'Ada' },
    ];

    expect(await bench.run('bulk_users', { action: 'update_user', rows })).toMatchObject({
      succeeded: 1,
      results: [{ ok: false, error: { code: 'precondition_failed' } }, { ok: true }],
    });
  });
});

describe('a deactivation that the provider answers with 200 and ignores', () => {
  const ignored = { kind: 'answer', acts: false, status: 200 } as const;

  it.each(['deactivate_user', 'bulk_users'])('is a provider_fault of %s', async (key) => {
    bench.setPlan(({ method }) =>
      method === 'PATCH' ? { ...ignored, body: JSON.stringify({ id, active: true }) } : undefined,
    );
    const row = { user: { id } };
    const input = key === 'bulk_users' ? { action: 'deactivate_user', rows: [row, row] } : row;

    const ended: unknown = await bench.run(key, input).catch((error: unknown) => error);

    const error = (ended as { results?: { error: unknown }[] }).results?.[1]?.error ?? ended;
    expect(error).toMatchObject({ code: 'provider_fault' });
    expect((error as Error).message).toContain('"active" is still true');
  });
});
