import { afterAll, beforeAll, expect, it } from 'vitest';
import { type QuirkName, quirkNames } from '../../../sandbox/index.ts';
import { definition } from '../../support/open-test-session.ts';
import { type Outcome, type Run, runBoth, type Story } from './run-both.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

let ruby: RubyConnector;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});

afterAll(() => ruby.close());

const idIn = (outcome: Awaited<ReturnType<Run>>): string =>
  'output' in outcome ? String((outcome.output as { readonly id?: unknown } | null)?.id) : 'none';

/** What a recipe does with a user and a group, each change repeated. */
const everydayWork: Story = async (run) => {
  const ada = { userName: 'ada@example.com', externalId: 'ext-1', workato_role: 'Operator' };
  const emails = [{ value: 'ada@example.com', type: 'work', primary: true }];
  const adaId = idIn(await run('create_user', { ...ada, emails, title: 'Analyst' }));
  const graceId = idIn(await run('create_user', { userName: 'grace@example.com' }));
  const user = { id: adaId };
  for (const reference of [
    { userName: 'ADA@example.com' },
    { externalId: 'ext-1' },
    { email: 'ada@example.com' },
  ])
    await run('find_user', { user: reference });
  for (const absent of [{ userName: 'nobody' }, { externalId: 'nobody' }, { email: 'nobody@example.com' }]) {
    await run('find_user', { user: absent });
    await run('delete_user', { user: absent });
  }
  for (const role of ['Admin', 'Admin', 'Analyst']) await run('set_workato_role', { user, role });
  await run('update_user', { user, title: 'Countess', name: { familyName: 'King' } });
  await run('update_user', { user, title: 'x', ifVersion: 'W/"0"' });
  await run('replace_user', { user, ...ada, title: 'Countess' });
  await run('upsert_user', { ...ada, title: 'Analyst' });
  const members = [{ value: adaId }, { value: graceId }];
  const group = { id: idIn(await run('create_group', { displayName: 'Engineering', members })) };
  await run('add_group_members', { group, members: [user, { id: graceId }] });
  await run('remove_group_members', { group, members: [user] });
  await run('remove_group_members', { group, members: [user, { id: graceId }] });
  await run('update_group', { group, members });
  await run('update_group', { group, members: [{ value: graceId }] });
  await run('get_group', { group });
  await run('get_group_members', { group });
  await run('set_group_members', { group, members: [user, { userName: 'grace@example.com' }] });
  await run('set_group_members', { group, members: [{ id: graceId }] });
  await run('rename_user', { user: { id: graceId }, newUserName: 'ada@example.com' });
  await run('rename_user', { user: { id: graceId }, newUserName: 'hopper@example.com' });
  await run('rename_user', { user: { id: graceId }, newUserName: 'grace@example.com' });
  await run('get_user_groups', { user: { id: graceId } });
  await run('add_group_members', { group, members: [user] });
  await run('offboard_user', { user: { id: graceId } });
  await run('offboard_user', { user: { id: graceId } });
  for (const key of ['deactivate_user', 'deactivate_user', 'reactivate_user']) await run(key, { user });
  await run('create_user', ada);
  await run('delete_user', { user: { userName: 'grace@example.com' } });
  for (const _ of [1, 2]) await run('delete_user', { user });
};

/** Integers are exact in Ruby, however large: there, these IDs are usable. The test below covers them. */
const differing: ReadonlySet<QuirkName> = new Set(['numeric-ids-beyond-2-53']);

it.each(quirkNames.filter((quirk) => !differing.has(quirk)))(
  'behaves the same on Node and on Ruby with the quirk %s',
  async (quirk) => {
    // A change becomes visible while a busy machine runs the story of one side only, so that the clock stands still.
    const startedAt = new Date();
    const clock = quirk === 'late-visibility' ? { now: () => startedAt } : {};
    const { node, ruby: other } = await runBoth(everydayWork, {
      ruby,
      definition,
      isForgetful: true,
      sandbox: { quirks: [quirk], ...clock },
    });

    expect(other).toEqual(node);
    expect(node.some((outcome) => 'output' in outcome)).toBe(true);
  },
);

it('changes the right user on Ruby where numeric IDs exceed 2^53, and is rejected on Node', async () => {
  const story: Story = async (run) => {
    await run('create_user', { userName: 'ada@example.com' });
    await run('create_user', { userName: 'grace@example.com' });
    await run('update_user', { user: { userName: 'grace@example.com' }, title: 'Rear admiral' });
    await run('get_user', { user: { userName: 'ada@example.com' } });
    await run('get_user', { user: { userName: 'grace@example.com' } });
  };
  const sandbox = { quirks: ['numeric-ids-beyond-2-53'] as const };
  const { node, ruby: other } = await runBoth(story, { ruby, definition, sandbox });

  expect(node.every((outcome) => 'code' in outcome)).toBe(true);
  const [ada, grace, changed, , again] = other.map((outcome) => ('output' in outcome ? outcome.output : {}));
  expect(Number(idIn(other[0] as Outcome))).toBeGreaterThanOrEqual(2 ** 53);
  expect(idIn(other[0] as Outcome)).not.toBe(idIn(other[1] as Outcome));
  expect(changed).toMatchObject({ id: idIn(other[1] as Outcome), title: 'Rear admiral' });
  expect(other[3]).toEqual({ output: ada });
  expect(again).toEqual(changed);
  expect(grace).not.toHaveProperty('title');
});
