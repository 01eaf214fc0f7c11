import { expect, it } from 'vitest';
import type { Resource } from '../../../../connector/resource.ts';
import type { ByIdReader } from '../../../../triggers/poll/by-id-reader.ts';
import { GroupMembers } from '../../../../triggers/poll/group-members.ts';

/** Lists show no members. Only the last of these groups has one, and it was changed first. */
const listed = Array.from({ length: 30 }, (_, index) => ({
  id: `g${index}`,
  meta: { lastModified: new Date(Date.UTC(2026, 0, 30 - index)).toISOString() },
})) as unknown as readonly Resource[];

function completeWith(preset: { readsMembersById?: true }): Promise<readonly Resource[]> {
  const read = async (id: string) => ({
    kind: 'found' as const,
    resource: { id, members: id === 'g29' ? [{ value: 'ada' }] : [] } as unknown as Resource,
  });
  const byId = { read, readAll: (ids: readonly string[]) => Promise.all(ids.map(read)) };
  const members = new GroupMembers(
    byId as unknown as ByIdReader,
    () => undefined,
    undefined,
    () => undefined,
    preset,
  );
  return members.complete(listed);
}

const membersOf = (groups: readonly Resource[]): readonly unknown[] =>
  groups.flatMap((group) => group.members ?? []);

it('sees members beyond the groups that it would probe, where the profile says that lists hide them', async () => {
  expect(membersOf(await completeWith({}))).toEqual([]);
  expect(membersOf(await completeWith({ readsMembersById: true }))).toEqual([{ value: 'ada' }]);
});
