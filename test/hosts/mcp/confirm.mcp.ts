import { beforeEach, describe, expect, it } from 'vitest';
import { createConnector, type User } from '../../../runtime/index.ts';
import { useSandbox } from '../../support/use-sandbox.ts';
import { type Answer, call, eras, openClient, textOf, yes } from './support/open-client.ts';
import { startUnorderedProvider } from './support/start-unordered-provider.ts';

const byName = { user: { userName: 'ada@example.com' } };
const running = useSandbox();
let ada: User;

beforeEach(async () => {
  ada = await running.connector.actions.create_user({
    userName: 'ada@example.com',
    active: true,
    workato_role: 'Admin',
  });
});

const readAda = (): Promise<User> => running.connector.actions.get_user({ user: { id: ada.id } });

/** An answer that also keeps the questions. */
function asking(answer: NonNullable<Answer>): { readonly asked: string[]; readonly answer: Answer } {
  const asked: string[] = [];
  return {
    asked,
    answer(message) {
      asked.push(message);
      return answer(message);
    },
  };
}

describe.each(eras)('a destructive call by a client of %s', (era) => {
  it('shows the difference to a person, and runs once the person has confirmed it', async () => {
    const { asked, answer } = asking(() => ({ action: 'accept', content: { confirm: true } }));
    await using open = await openClient(running, { era, answer });

    const result = await call(open.client, 'deactivate_user', byName);

    expect(result.isError).not.toBe(true);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('Deactivate user');
    expect(asked[0]).toContain('ada@example.com  active: true → false');
    expect(await readAda()).toMatchObject({ active: false });
  });

  it.each([
    { action: 'decline' },
    { action: 'cancel' },
    { action: 'accept', content: { confirm: false } },
    { action: 'accept', content: {} },
  ] as const)('changes nothing if the person answers %o', async (answer) => {
    await using open = await openClient(running, { era, answer: () => ({ ...answer }) });

    const result = await call(open.client, 'deactivate_user', byName);

    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain('Error: not_confirmed');
    expect(textOf(result)).toContain('Nothing was changed');
    expect(await readAda()).toMatchObject({ active: true });
  });

  it('is refused with what to do if the client cannot ask', async () => {
    await using open = await openClient(running, { era });

    const result = await call(open.client, 'delete_user', byName);

    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain('Error: not_confirmed');
    expect(textOf(result)).toContain('--allow-destructive');
    expect(await readAda()).toMatchObject({ id: ada.id });
  });

  it('runs without a person if the client cannot ask and the server was started with --allow-destructive', async () => {
    await using open = await openClient({ ...running, allowsDestructive: true }, { era });

    await call(open.client, 'deactivate_user', byName);

    expect(await readAda()).toMatchObject({ active: false });
  });

  it('asks a client that can ask, also with --allow-destructive', async () => {
    const { asked, answer } = asking(() => ({ action: 'decline' }));
    await using open = await openClient({ ...running, allowsDestructive: true }, { era, answer });

    await call(open.client, 'deactivate_user', byName);

    expect(asked).toHaveLength(1);
    expect(await readAda()).toMatchObject({ active: true });
  });

  it('asks again if the provider has changed since the person was asked', async () => {
    const { asked, answer } = asking(async () => {
      if (asked.length === 1)
        await running.connector.actions.set_workato_role({ ...byName, environment: 'dev', role: 'Analyst' });
      return { action: 'accept', content: { confirm: true } };
    });
    await using open = await openClient(running, { era, answer });

    await call(open.client, 'replace_user', { ...byName, userName: 'ada@example.com' });

    expect(asked).toHaveLength(2);
    expect(asked[0]).toContain('"Admin" → none');
    expect(asked[1]).toContain('"Analyst" → none');
  });

  it('does not ask if nothing would change', async () => {
    await running.connector.actions.deactivate_user(byName);
    await using open = await openClient(running, { era });

    expect((await call(open.client, 'deactivate_user', byName)).isError).not.toBe(true);
  });

  it('fails with the error of the action, without a question, if it would fail', async () => {
    const { asked, answer } = asking(() => ({ action: 'accept', content: { confirm: true } }));
    await using open = await openClient(running, { era, answer });

    const result = await call(open.client, 'deactivate_user', { user: { userName: 'nobody@example.com' } });

    expect(textOf(result)).toContain('Error: not_found');
    expect(asked).toEqual([]);
  });
});

describe('a call that is not declared as destructive', () => {
  it.each([
    ['update_user', { ...byName, active: false }],
    ['update_user', { ...byName, workato_role: null }],
    ['upsert_user', { userName: 'ada@example.com', active: false }],
    ['set_workato_role', { ...byName, environment: 'dev', role: 'NoAccess' }],
    ['bulk_users', { action: 'update_user', rows: [{ ...byName, active: false }] }],
    ['bulk_users', { action: 'deactivate_user', rows: [byName] }],
  ])('%s with %o is confirmed, because it removes access', async (name, input) => {
    await using open = await openClient(running);

    const result = await call(open.client, name, input);

    expect(textOf(result)).toContain('Error: not_confirmed');
    expect(await readAda()).toEqual(ada);
  });

  it.each([
    ['update_user', { ...byName, title: 'Countess' }],
    ['set_workato_role', { ...byName, environment: 'prod', role: 'Operator' }],
    ['create_user', { userName: 'grace@example.com', active: false }],
    ['bulk_users', { action: 'create_user', rows: [{ userName: 'grace@example.com' }] }],
    ['bulk_users', { action: 'update_user', rows: [{ ...byName, title: 'Countess' }] }],
  ])('%s with %o runs at once', async (name, input) => {
    await using open = await openClient(running);

    expect((await call(open.client, name, input)).isError).not.toBe(true);
  });

  it('is confirmed if it removes members from a group', async () => {
    const { id } = await running.connector.actions.create_group({ displayName: 'Engineering' });
    await running.connector.actions.add_group_members({ group: { id }, members: [{ id: ada.id }] });
    await using open = await openClient(running);

    const result = await call(open.client, 'update_group', { group: { id }, members: [] });

    expect(textOf(result)).toContain('Error: not_confirmed');
  });
});

describe('a plan', () => {
  const planOf = async (
    limit: number,
  ): Promise<{ readonly plan: string; readonly holds: readonly { readonly id: string }[] }> => {
    for (const name of ['b', 'c', 'd', 'e'])
      await running.connector.actions.create_user({
        userName: `${name}@example.com`,
        externalId: `hr-${name}`,
      });
    await using open = await openClient({ ...running, toolset: 'everyday' });
    const { structuredContent } = await call(open.client, 'plan_sync', {
      users: ['b', 'c', 'd'].map((name) => ({ userName: `${name}@example.com` })),
      ownedBy: 'externalId:hr-',
      safetyLimit: limit,
    });
    return structuredContent as unknown as Awaited<ReturnType<typeof planOf>>;
  };
  const activeUsers = async (): Promise<number> =>
    (await running.connector.actions.search_users({ active: true })).totalResults;

  it('is applied after a person has seen its changes', async () => {
    const { plan } = await planOf(10);
    const { asked, answer } = asking(() => ({ action: 'accept', content: { confirm: true } }));
    await using open = await openClient({ ...running, toolset: 'everyday' }, { answer });

    await call(open.client, 'apply_sync', { plan });

    expect(asked[0]).toContain('e@example.com  active: true → false');
    expect(await activeUsers()).toBe(4);
  });

  it('is confirmed once, and shows the changes in the order of the plan, in whatever order the provider answers', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@example.com`);
    const provider = await startUnorderedProvider(running.sandbox.scimBaseUrl);
    const connector = createConnector({ baseUrl: provider.baseUrl, token: running.sandbox.token });
    const { asked, answer } = asking(() => ({ action: 'accept', content: { confirm: true } }));
    await using open = await openClient({ connector }, { answer });
    const users = names.map((userName) => ({ userName }));
    const planned = await call(open.client, 'plan_sync', { users });
    const { plan } = planned.structuredContent as { readonly plan: string };

    const applied = await call(open.client, 'apply_sync', { plan });
    connector.close();
    await provider.close();

    expect(applied.structuredContent).toMatchObject({ counts: { changed: names.length } });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.match(/(?<=create )\S+(?= {2}userName)/g)).toEqual(names);
  });

  it('stays held by the safeguard, also if the person confirms the other changes', async () => {
    const { plan, holds } = await planOf(0);
    await using open = await openClient({ ...running, toolset: 'everyday' }, { answer: yes });

    const result = await call(open.client, 'apply_sync', { plan });

    expect(holds).toHaveLength(1);
    expect(textOf(result)).toContain('Error: mass_change_blocked');
    expect(await activeUsers()).toBe(5);
  });

  it('is not approved by an agent alone, not even with --allow-destructive', async () => {
    const { plan, holds } = await planOf(0);
    await using open = await openClient({ ...running, toolset: 'everyday', allowsDestructive: true });

    const result = await call(open.client, 'apply_sync', { plan, approve: holds.map(({ id }) => id) });

    expect(textOf(result)).toContain('Error: not_confirmed');
    expect(await activeUsers()).toBe(5);
  });

  it('is approved by a person who has seen the held changes', async () => {
    const { plan, holds } = await planOf(0);
    const { asked, answer } = asking(() => ({ action: 'accept', content: { confirm: true } }));
    await using open = await openClient({ ...running, toolset: 'everyday' }, { answer });

    await call(open.client, 'apply_sync', { plan, approve: holds.map(({ id }) => id) });

    expect(asked[0]).toContain('e@example.com  active: true → false');
    expect(await activeUsers()).toBe(4);
  });
});

describe('a preview', () => {
  it('returns the difference, and changes nothing', async () => {
    await using open = await openClient(running);

    const { structuredContent } = await call(open.client, 'preview_action', {
      action: 'deactivate_user',
      input: byName,
    });

    expect(structuredContent).toEqual(
      await running.connector.run('deactivate_user', byName, { dryRun: true }),
    );
    expect(await readAda()).toMatchObject({ active: true });
  });

  it('is offered only for the actions of the toolset', async () => {
    await using open = await openClient({ ...running, toolset: 'everyday' });

    const result = await call(open.client, 'preview_action', { action: 'delete_user', input: byName });

    expect(textOf(result)).toContain('Error: invalid_input');
  });
});
