import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ConnectorError } from '../../../connector/errors.ts';
import type { RunOptions } from '../../../runtime/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import { createFakePlatform, fakeEpochInMs } from '../../support/fake-platform.ts';
import type { Fault } from '../../support/fault.ts';
import { type MembershipHabits, membershipProvider } from '../../support/membership-provider.ts';
import { openFaultBench } from '../../support/open-fault-bench.ts';
import { openTestSession } from '../../support/open-test-session.ts';
import { pageOf } from '../../support/start-list-server.ts';
import { type RunningProvider, startProvider } from '../../support/start-provider.ts';

let provider: RunningProvider | undefined;

afterEach(() => provider?.close());

/** Starts a provider, and returns what offboards u1 there. */
async function startOffboarding(habits: MembershipHabits, onRequest: (request: string) => void = () => {}) {
  const respond = membershipProvider(habits);
  provider = await startProvider(({ method, url }) => {
    const request = `${method} ${url.pathname}`;
    onRequest(request);
    return respond(request, url.searchParams);
  });
  const { actions } = provider.connector;
  return {
    actions,
    offboard: (input: object = {}, options: RunOptions = {}) =>
      actions.offboard_user({ user: { id: 'u1' }, ...input }, options),
  };
}

/** Neither users, lists, nor groups show who is in what. */
const hidden: MembershipHabits = { filter: 'rejected', lists: 'hide', byId: 'hide' };
const removals = (): readonly string[] =>
  (provider?.requests ?? [])
    .filter(({ method, url }) => method === 'PATCH' && url.pathname.startsWith('/Groups'))
    .map(({ url }) => url.pathname);
const leaveStep = ({ steps }: { readonly steps: readonly object[] }): object | undefined => steps[1];
const stepsOf = ({ steps }: ConnectorError): readonly object[] => steps as readonly object[];

describe('offboard_user, where nothing shows who is in a group', () => {
  it.each([
    ['changes nothing', undefined],
    ['has no target', 'noTarget'],
    ['is not found', 'missing'],
  ] as const)(
    'reports what the provider confirmed and what is not proved, where a non-member %s, also again',
    async (_, nonMember) => {
      const { offboard } = await startOffboarding({ ...hidden, ...(nonMember && { nonMember }) });
      const expected = {
        step: 'leaveGroups',
        outcome: 'confirmed',
        groups: [],
        message:
          'The provider confirmed all removals (groups: 2), but shows nothing that proves which groups the user was in, or that the user is out: no group shows any members, so the provider may hide them.',
      };

      expect(leaveStep(await offboard())).toEqual(expected);
      expect(removals()).toEqual(['/Groups/g1', '/Groups/g2']);
      expect(leaveStep(await offboard())).toEqual(expected);
    },
  );

  it('does not mistake an unexplained rejection for the absence of a member', async () => {
    const { offboard } = await startOffboarding({ ...hidden, nonMember: 'rejected' });
    const error = await failureOf(offboard());

    expect(error.message).toContain('The user may still be in 1 of 2 groups: Two (');
    expect(stepsOf(error)).toMatchObject([
      { step: 'deactivate', outcome: 'done' },
      { step: 'leaveGroups', outcome: 'failed', groups: [] },
      { step: 'removeRoles', outcome: 'not_shown' },
    ]);
  });

  it('proves that the user is out by a filter that finds another member', async () => {
    const more = { id: 'g3', members: [{ value: 'u2' }] };
    const { actions, offboard } = await startOffboarding({
      filter: 'works',
      lists: 'hide',
      byId: 'hide',
      more,
    });
    await offboard({ leaveGroups: false });

    expect(await actions.get_user_groups({ user: { id: 'u3' } })).toEqual({
      id: 'u3',
      groups: [],
      evidence: 'filter',
    });
    expect(leaveStep(await offboard())).toMatchObject({ outcome: 'done', groups: [{ value: 'g1' }] });
    expect(leaveStep(await offboard())).toEqual({ step: 'leaveGroups', outcome: 'unchanged', groups: [] });
  });
});

describe('offboard_user', () => {
  it('does not mistake groups that it has emptied itself for ones that hide their members', async () => {
    const { offboard } = await startOffboarding({ filter: 'rejected' });
    expect(leaveStep(await offboard())).toMatchObject({ outcome: 'done', groups: [{ value: 'g1' }] });
    expect(leaveStep(await offboard())).toEqual({ step: 'leaveGroups', outcome: 'unchanged', groups: [] });
    expect(removals()).toEqual(['/Groups/g1']);
  });

  it('leaves more groups without members than fit into one deadline', async () => {
    const groups = Array.from({ length: 400 }, (_, at) => ({ id: `g${at}`, displayName: `Group ${at}` }));
    const user = { id: 'u1', userName: 'ada@example.com', active: false };
    const removed: string[] = [];
    const platform = createFakePlatform(({ method, url }, { advance }) => {
      const { pathname, searchParams } = new URL(url);
      const [kind, id] = pathname.replace('/scim/v2/', '').split('/');
      const all = kind === 'Users' ? [user] : groups;
      if (id === undefined && searchParams.has('filter')) return { status: 400, body: '{}' };
      advance(method === 'PATCH' ? 400 : 20);
      if (method === 'PATCH') removed.push(id ?? '');
      if (method === 'PATCH') return { status: 204 };
      const body =
        id === undefined ? pageOf(all, Object.fromEntries(searchParams)) : all.find((one) => one.id === id);
      return { status: body === undefined ? 404 : 200, body: JSON.stringify(body ?? {}) };
    });
    const session = openTestSession(platform, { deadlineInMs: 60_000 });
    const output = (await session.runAction('offboard_user', { user: { id: 'u1' } })) as {
      readonly steps: readonly object[];
    };
    expect(leaveStep(output)).toMatchObject({ outcome: 'confirmed', groups: [] });
    expect(removed.toSorted()).toEqual(groups.map(({ id }) => id).toSorted());
    expect(platform.now() - fakeEpochInMs).toBeGreaterThan(120_000);
  });

  it.each<[string, Fault]>([
    ['fails', { kind: 'answer', acts: false, status: 500, body: '{}' }],
    ['is rejected', { kind: 'answer', acts: false, status: 403, body: '{}' }],
    ['breaks off', { kind: 'reset', acts: false }],
  ])('says what is left if the removal from a group %s, and a repeat finishes', async (_, fault) => {
    const bench = await openFaultBench({ connection: { deadlineInMs: 5_000 } });
    onTestFinished(() => bench.close());
    const { actions } = bench.direct;
    const { id } = await actions.create_user({ userName: 'ada@example.com' });
    const names = ['One', 'Two', 'Three'];
    const ids = await Promise.all(
      names.map(async (displayName) => {
        const group = await actions.create_group({ displayName, members: [{ value: id }] });
        return group.id;
      }),
    );
    bench.setPlan(({ method, path }) =>
      method === 'PATCH' && path.endsWith(`/Groups/${ids[1]}`) ? fault : undefined,
    );
    const error = await failureOf(bench.run('offboard_user', { user: { id } }));
    expect(error.message).toContain('The user may still be in 1 of 3 groups: Two (');
    expect(stepsOf(error)).toMatchObject([
      { step: 'deactivate', outcome: 'done' },
      { step: 'leaveGroups', outcome: 'failed' },
      { step: 'removeRoles' },
    ]);
    expect(await actions.get_user({ user: { id } })).toMatchObject({
      active: false,
      groups: [{ display: 'Two' }],
    });

    bench.setPlan(() => undefined);
    const { steps } = (await bench.run('offboard_user', { user: { id } })) as { steps: object[] };
    expect(steps).toMatchObject([
      { outcome: 'unchanged' },
      { outcome: 'done', groups: [{ display: 'Two' }] },
      {},
    ]);
    expect((await actions.get_user({ user: { id } })).groups ?? []).toEqual([]);
  });
});

describe('offboard_user that fails in part', () => {
  const kept = [{ value: 'g1', display: 'One', type: 'direct' }];
  const crowd = { id: 'g3', members: Array.from({ length: 100 }, (_, at) => ({ value: `m${at}` })) };

  it('names the groups that are left to do, and those that are done, and finishes when it is repeated', async () => {
    const removal: Record<string, 'broken'> = { g3: 'broken' };
    const { offboard } = await startOffboarding({ more: crowd, removal });
    const error = await failureOf(offboard());

    expect(error).toMatchObject({ code: 'conflict', status: 409 });
    expect(error.message).toMatch(
      /^2 of 3 steps are done\. Not done: `leaveGroups`: The user may still be in 1 of 2 groups: g3 \(.*The group is locked/,
    );
    expect(stepsOf(error)[1]).toMatchObject({ outcome: 'failed', groups: kept });

    delete removal.g3;
    expect(await offboard()).toMatchObject({
      steps: [{ outcome: 'unchanged' }, { outcome: 'confirmed', groups: [] }, { outcome: 'not_shown' }],
    });
  });

  it('leaves the groups that it can read where another one cannot be read, and fails', async () => {
    const { offboard } = await startOffboarding({ unreadable: true });
    const error = await failureOf(offboard());

    expect(error.message).toContain('not all groups of the list can be read (unreadable: 1)');
    expect(stepsOf(error)[1]).toMatchObject({ outcome: 'failed', groups: kept });
    expect(removals()).toEqual(['/Groups/g1']);
  });

  it('stops at a rejected token, and names what was not run', async () => {
    const { offboard } = await startOffboarding({
      ...hidden,
      removal: { g1: 'unauthorized', g2: 'unauthorized' },
    });
    const error = await failureOf(offboard());

    expect(error.code).toBe('auth');
    expect(stepsOf(error)).toMatchObject([
      { step: 'deactivate', outcome: 'done' },
      { step: 'leaveGroups', outcome: 'failed' },
      {
        step: 'removeRoles',
        outcome: 'failed',
        message: 'This step was not run, because the provider rejected the credentials.',
      },
    ]);
  });

  it.each([
    ['a step', 'PATCH /Users/u1', ['failed', 'failed', 'failed'], []],
    ['a removal from a group', 'PATCH /Groups/g1', ['done', 'failed', 'failed'], ['/Groups/g1']],
  ])(
    'that is stopped during %s says what is done, begins nothing more, and can be repeated',
    async (_, at, outcomes, removed) => {
      const stop = new AbortController();
      const { offboard } = await startOffboarding({ ...hidden }, (request) => {
        if (request === at) stop.abort();
      });
      const error = await failureOf(offboard({}, { signal: stop.signal }));

      expect(error).toMatchObject({ code: 'unavailable', transient: true });
      expect(stepsOf(error).map((step) => Object(step).outcome)).toEqual(outcomes);
      expect(error.message).toContain('`removeRoles`: The run was stopped before this step');
      expect(removals()).toEqual(removed);
      expect(await offboard()).toMatchObject({ steps: [{}, { outcome: 'confirmed' }, {}] });
    },
  );

  it('does not report a group as left that still shows the user', async () => {
    const { offboard } = await startOffboarding({ removal: { g1: 'ignored' } });
    const error = await failureOf(offboard());

    expect(error).toMatchObject({ code: 'provider_fault' });
    expect(stepsOf(error)[1]).toMatchObject({ outcome: 'failed', groups: [] });
  });
});

describe('bulk_users that offboards', () => {
  it('reports each leaver by the number of the row, with the steps of one who is left, and finishes later', async () => {
    const removal: Record<string, 'broken'> = { g1: 'broken' };
    const { actions } = await startOffboarding({ removal });
    const rows = [{ id: 'u1' }, { id: 'nobody' }, { id: 'u2' }];
    const offboardAll = () => actions.bulk_users({ action: 'offboard_user', rows });

    const { succeeded, results } = await offboardAll();
    expect(succeeded).toBe(1);
    expect(results).toMatchObject([
      {
        row: 1,
        user: 'u1',
        ok: false,
        error: {
          code: 'conflict',
          steps: [{ outcome: 'done' }, { outcome: 'failed', groups: [] }, { outcome: 'not_shown' }],
        },
      },
      { row: 2, user: 'nobody', ok: false, error: { code: 'not_found' } },
      {
        row: 3,
        user: 'u2',
        ok: true,
        output: { steps: [{ outcome: 'done' }, { outcome: 'unchanged' }, {}] },
      },
    ]);

    delete removal.g1;
    const again = await offboardAll();
    expect(again.results[0]).toMatchObject({
      ok: true,
      output: { steps: [{ outcome: 'unchanged' }, { outcome: 'done', groups: [{ value: 'g1' }] }, {}] },
    });
  });
});

describe('remove_group_members, where nothing shows who is in a group', () => {
  it('does not mistake an unexplained rejection for the absence of a member', async () => {
    const { actions } = await startOffboarding({ ...hidden, nonMember: 'rejected' });
    const input = { group: { id: 'g2' }, members: [{ id: 'u1' }] };

    expect(await failureOf(actions.remove_group_members(input))).toMatchObject({
      code: 'invalid_input',
    });
  });
});
