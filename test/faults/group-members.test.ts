import { afterEach, expect, it } from 'vitest';
import { type ListServer, startListServer } from '../support/start-list-server.ts';

let server: ListServer | undefined;

afterEach(() => server?.close());

it('reads a group by ID if the list omits its members, and trusts that response', async () => {
  const group = { id: '1', displayName: 'Engineering' };
  let members: object[] | undefined = [{ value: 'ada' }, { value: 'bob' }];
  let isListed = true;
  server = await startListServer(({ line }) => {
    if (line === 'GET /ServiceProviderConfig') return 404;
    if (line === 'GET /Groups/1') return { ...group, members };
    return { totalResults: 1, Resources: [isListed ? { ...group, members } : group] };
  });
  const { poll } = server.connector.triggers.group_membership_changed;
  let { cursor } = await poll({});
  isListed = false;
  const silent = await poll({}, cursor);
  expect(silent.events).toEqual([]);
  ({ cursor } = silent);
  members = [{ value: 'bob' }];
  const left = await poll({}, cursor);
  expect(left.events.flatMap(({ changes }) => changes.map(({ path }) => path))).toEqual([
    'members[value eq "ada"]',
  ]);
  members = undefined;
  expect((await poll({}, left.cursor)).events).toHaveLength(1);
});
