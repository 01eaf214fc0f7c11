import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserReference } from '../../../runtime/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import { type FaultBench, openFaultBench } from '../../support/open-fault-bench.ts';

let bench: FaultBench;
let adaId: string;

beforeAll(async () => {
  bench = await openFaultBench();
  const { actions } = bench.direct;
  const shared = { value: 'team@example.com' };
  const ada = await actions.create_user({
    userName: 'ada@example.com',
    externalId: 'Ext-1',
    emails: [{ value: 'ada@example.com' }, shared],
  });
  adaId = ada.id;
  await actions.create_user({ userName: 'grace@example.com', externalId: 'twin', emails: [shared] });
  await actions.create_user({ userName: 'hedy@example.com', externalId: 'twin' });
});

afterAll(() => bench.close());

describe('a user', () => {
  it.each<[string, () => UserReference]>([
    ['id', () => ({ id: adaId })],
    ['userName', () => ({ userName: 'ada@example.com' })],
    ['userName in another case', () => ({ userName: 'ADA@example.com' })],
    ['externalId', () => ({ externalId: 'Ext-1' })],
    ['email', () => ({ email: 'ada@example.com' })],
  ])('is found by %s', async (_, user) => {
    expect(await bench.run('get_user', { user: user() })).toMatchObject({ id: adaId });
    expect(await bench.run('update_user', { user: user(), title: 'x' })).toMatchObject({ id: adaId });
  });

  it.each([
    ['id', { id: 'nobody' }],
    ['userName', { userName: 'nobody' }],
    ['externalId', { externalId: 'nobody' }],
    ['externalId in another case', { externalId: 'ext-1' }],
    ['email', { email: 'nobody' }],
  ])('is not found by %s', async (_, user) => {
    const error = await failureOf(bench.run('update_user', { user, title: 'x' }));

    expect(error.code).toBe('not_found');
  });

  it.each([
    ['externalId', { externalId: 'twin' }],
    ['email', { email: 'team@example.com' }],
  ])('is ambiguous by %s of two users: nothing changes, and both IDs are named', async (way, user) => {
    for (const [key, input] of [
      ['get_user', { user }],
      ['find_user', { user }],
      ['deactivate_user', { user }],
      ['delete_user', { user }],
    ] as const) {
      const error = await failureOf(bench.run(key, input));
      expect(error.code).toBe('conflict');
      expect(error.message).toContain(`2 users match ${way} "${Object.values(user)[0]}"`);
      expect(error.message).toMatch(/Identify one by ID: \S+, \S+\.$/);
    }
    expect((await bench.direct.actions.search_users({ active: false })).totalResults).toBe(0);
  });

  it('is read by ID without a lookup', async () => {
    const before = bench.proxy.seen.length;
    await bench.run('deactivate_user', { user: { id: adaId } });
    await bench.run('reactivate_user', { user: { id: adaId } });

    expect(bench.proxy.seen.slice(before).map(({ method }) => method)).toEqual(['PATCH', 'PATCH']);
  });

  it.each([
    ['no way', {}],
    ['two ways', { id: '1', userName: 'a' }],
    ['an unknown way', { name: 'a' }],
    ['an empty name', { userName: '' }],
    ['a text', 'ada@example.com'],
    ['null', null],
  ])('identified by %s is rejected before any request', async (_, user) => {
    const before = bench.proxy.seen.length;

    const error = await failureOf(bench.run('get_user', { user }));

    expect(error.code).toBe('invalid_input');
    expect(error.message).toContain(
      '`user` must be an object with exactly one of id, userName, externalId, email',
    );
    expect(bench.proxy.seen.length).toBe(before);
  });
});

describe('members', () => {
  it('that do not exist are all named, and none is added', async () => {
    const { id } = await bench.direct.actions.create_group({ displayName: 'Team' });
    const members = [{ userName: 'ada@example.com' }, { userName: 'nobody' }, { email: 'no@example.com' }];

    const error = await failureOf(bench.run('add_group_members', { group: { id }, members }));

    expect(error.message).toContain('No user matches userName "nobody", or email "no@example.com"');
    expect((await bench.direct.actions.get_group({ group: { id } })).members ?? []).toEqual([]);
  });

  it('are added in chunks of a hundred', async () => {
    const { id } = await bench.direct.actions.create_group({ displayName: 'Crowd' });
    const rows = Array.from({ length: 150 }, (_, index) => ({ userName: `crowd-${index}` }));
    const { results } = await bench.direct.actions.bulk_users({ action: 'create_user', rows });
    const members = results.flatMap((result) => (result.id === undefined ? [] : [{ id: result.id }]));

    expect(await bench.run('add_group_members', { group: { id }, members })).toMatchObject({ requests: 2 });
    expect((await bench.direct.actions.get_group({ group: { id } })).members).toHaveLength(150);
    expect(await bench.run('remove_group_members', { group: { id }, members })).toMatchObject({
      requests: 2,
    });
    expect((await bench.direct.actions.get_group({ group: { id } })).members ?? []).toEqual([]);
  });

  it('that fail halfway report how many were added', async () => {
    const { id } = await bench.direct.actions.create_group({ displayName: 'Half' });
    const members = Array.from({ length: 250 }, (_, index) => ({ id: `x${index}` }));
    let patches = 0;
    bench.setPlan(({ method }) => {
      if (method !== 'PATCH') return undefined;
      patches += 1;
      return { kind: 'answer', acts: false, status: patches === 2 ? 403 : 204 };
    });

    const error = await failureOf(bench.run('add_group_members', { group: { id }, members }));
    bench.setPlan(() => undefined);

    expect(error.code).toBe('forbidden');
    expect(error.message).toMatch(/^100 of 250 members were processed before this error: /);
    expect(error.nextStep).toContain('Try again with the same list');
  });
});
