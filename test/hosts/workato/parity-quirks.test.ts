import { afterAll, beforeAll, expect, it } from 'vitest';
import type { QuirkName } from '../../../sandbox/index.ts';
import { definition } from '../../support/open-test-session.ts';
import { type Run, runBoth, type Story } from './run-both.ts';
import { type RubyConnector, startRubyConnector } from './start-ruby-connector.ts';

let ruby: RubyConnector;

beforeAll(async () => {
  ruby = await startRubyConnector(definition);
});

afterAll(() => ruby.close());

/** The habits of how providers take changes and lookups. */
const quirks: readonly QuirkName[] = [
  'email-filter-rejected',
  'filters-ignored',
  'unknown-filter-empty',
  'empty-filter-404',
  'remove-non-member-rejected',
  'remove-non-member-404',
  'add-member-conflict',
  'one-member-per-request',
  'replace-members-rejected',
  'no-patch',
  'patch-ignored',
  'no-op-patch-rejected',
  'patch-returns-empty-object',
  'patch-returns-list',
  'patch-returns-stale',
  'patch-returns-no-content',
  'numeric-ids',
  'id-case-changes',
  'active-omitted-when-false',
  'no-created-stamp',
  'roles-hidden',
  'no-versions',
  'if-match-ignored',
  'if-match-rejected',
  'create-returns-empty-object',
  'create-returns-no-id',
  'conflict-400',
  'deactivate-deletes',
  'deactivate-ignored',
];

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
  for (const key of ['deactivate_user', 'deactivate_user', 'reactivate_user']) await run(key, { user });
  await run('create_user', ada);
  await run('delete_user', { user: { userName: 'grace@example.com' } });
  for (const _ of [1, 2]) await run('delete_user', { user });
};

/** A job on Workato detects again that there is no PATCH, which takes one request more than on Node. */
function withoutCounts(outcomes: unknown, quirk: QuirkName): unknown {
  const isCount = (name: string): boolean => quirk === 'no-patch' && name === 'requests';
  return JSON.parse(JSON.stringify(outcomes, (name, value) => (isCount(name) ? undefined : value)));
}

it.each(quirks)('behaves the same on Node and on Ruby with the quirk %s', async (quirk) => {
  const { node, ruby: other } = await runBoth(everydayWork, {
    ruby,
    definition,
    sandbox: { quirks: [quirk] },
  });

  expect(withoutCounts(other, quirk)).toEqual(withoutCounts(node, quirk));
  expect(node.some((outcome) => 'output' in outcome)).toBe(true);
});
