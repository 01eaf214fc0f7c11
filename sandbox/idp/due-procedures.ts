import type { GroupEntry, PersonEntry } from './directory.ts';
import type { Flavor, Procedure } from './flavor.ts';
import { membersToBe } from './template-values.ts';

/** The procedure that a person needs at the service; undefined if none. */
export function procedureFor(person: PersonEntry, flavor: Flavor): Procedure | undefined {
  const { isAssigned, isDeleted, atService } = person;
  const isDone = atService === 'inactive' && !Object.hasOwn(flavor.requests, 'deleteUser');
  if (isDeleted) return atService === 'nothing' || isDone ? undefined : 'deleteUser';
  if (isAssigned) return atService === 'active' ? 'changeUser' : 'assignUser';
  return atService === 'active' || atService === 'unsure' ? 'unassignUser' : undefined;
}

/** The procedures that a group needs at the service, in this order. */
export function proceduresFor(
  group: GroupEntry,
  people: ReadonlyMap<string, PersonEntry>,
): readonly Procedure[] {
  if (!group.isPushed) return [];
  if (group.isDeleted) return group.scimId === undefined ? [] : ['deleteGroup'];
  if (group.scimId === undefined) return ['pushGroup'];
  const wanted = membersToBe(group, people);
  const isSame =
    wanted.length === group.membersAtService.size &&
    wanted.every(({ value }) => group.membersAtService.has(value));
  return [
    ...(group.nameAtService === group.displayName ? [] : (['renameGroup'] as const)),
    ...(isSame ? [] : (['changeMembers'] as const)),
  ];
}
