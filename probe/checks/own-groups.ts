import { formatEqualities } from '../../connector/provider/equality-filter.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { asSpecified, deviates, deviatesSo, type Finding, notTried, undetermined } from '../check.ts';
import { readPage } from '../list-pages.ts';
import type { Answer } from '../probe-client.ts';
import { idOf, isSameButCase, itemsOf, memberIdsOf, type Shown, statusText } from '../read-answer.ts';
import {
  addMembers,
  type Made,
  movesStamp,
  type Operation,
  patch,
  readOwn,
  replace,
  showOwn,
  type WriteCheck,
  type WriteContext,
} from '../write-context.ts';

/** The number of operations that some providers limit a request to. */
const usualLimit = 100;

/** A group of the probe, and its members. */
export const ownGroupChecks: readonly WriteCheck[] = [
  {
    key: 'create_group',
    question: 'Can a group be created with a member, and shows it?',
    reference: 'RFC 7644 §3.3, RFC 7643 §4.2',
    run: createGroup,
  },
  {
    key: 'own_group_listed',
    question: 'Do lists show the members of this group?',
    reference: 'RFC 7643 §4.2',
    async run(context) {
      const { group, showsMembers } = context.made;
      if (group === undefined) return notTried(noGroup);
      if (showsMembers !== true) return undetermined('The group is not shown with its member by ID either.');
      const listed = await context.own.findListed(context.groups, group.name);
      if (listed === undefined) return undetermined('No list shows the group.');
      const members = memberIdsOf(listed);
      if (members === undefined) return deviates('No: lists omit `members`.', 'groups-list-without-members');
      return members.length === 0
        ? deviates('No: lists show none.', 'groups-list-empty-members')
        : asSpecified('Yes.');
    },
  },
  {
    key: 'patch_group',
    question: 'Does a PATCH rename a group?',
    reference: 'RFC 7644 §3.5.2',
    async run(context) {
      const { made, facts } = context;
      if (made.group === undefined) return notTried(noGroup);
      const displayName = `${made.group.name}x`;
      const answer = await patch(context, made.group, [replace('displayName', displayName)]);
      const shown = await showOwn(context, made.group);
      made.canPatchGroup = shown?.displayName === displayName;
      if (made.canPatchGroup) await patch(context, made.group, [replace('displayName', made.group.name)]);
      if (made.canPatchGroup) return asSpecified('Yes.');
      if (facts.tried.get('patch') === false) return notTried('The provider has no PATCH.');
      return answer.status >= 300
        ? deviatesSo(`No: it gets ${statusText(answer)}.`, 'Rename Group does not work.')
        : undetermined('It gets a success, and the group does not show the name.');
    },
  },
  {
    key: 'add_member',
    question: 'Does a PATCH add a member?',
    reference: 'RFC 7644 §3.5.2.1',
    run: addMember,
  },
  {
    key: 'remove_member',
    question: 'Does a PATCH with `members[value eq "…"]` remove a member?',
    reference: 'RFC 7644 §3.5.2.2',
    run: removeMember,
  },
  {
    key: 'remove_non_member',
    question: 'What does the removal of a user who is not a member get?',
    reference: 'RFC 7644 §3.5.2.2',
    async run(context) {
      const { group, other, removal } = context.made;
      if (group === undefined || other === undefined || removal === undefined) return notTried(noMembers);
      if (await isMember(context, group, other)) return undetermined('The user is still a member.');
      const answer = await withRename(context, group, [removal(other.id)]);
      if (answer.status < 300) return asSpecified('A success.');
      if (answer.status === 404) return deviates(`${statusText(answer)}.`, 'remove-non-member-404');
      return answer.status === 400 || answer.status === 409
        ? deviates(`${statusText(answer)}.`, 'remove-non-member-rejected')
        : undetermined(`${statusText(answer)}.`);
    },
  },
  {
    key: 'add_existing_member',
    question: 'What does the addition of a member get?',
    reference: 'RFC 7644 §3.5.2.1',
    async run(context) {
      const { group, user, removal } = context.made;
      if (group === undefined || user === undefined || removal === undefined) return notTried(noMembers);
      if (!(await isMember(context, group, user))) return undetermined('The user is not shown as a member.');
      const answer = await withRename(context, group, [addMembers(user.id)]);
      if (answer.status < 300) return asSpecified('A success.');
      return answer.status === 409 || answer.status === 400
        ? deviates(`${statusText(answer)}.`, 'add-member-conflict')
        : undetermined(`${statusText(answer)}.`);
    },
  },
  {
    key: 'several_members',
    question: 'Can one PATCH change several members?',
    reference: 'RFC 7644 §3.5.2',
    async run(context) {
      const { group, user, other, removal } = context.made;
      if (group === undefined || user === undefined || other === undefined || removal === undefined)
        return notTried(noMembers);
      const both = await patch(context, group, [removal(user.id), addMembers(other.id)]);
      if (both.status < 300) return asSpecified('Yes.');
      const one = await patch(context, group, [removal(user.id)]);
      const next = await patch(context, group, [addMembers(other.id)]);
      return both.status === 400 && one.status < 300 && next.status < 300
        ? deviates(
            `No: it gets ${statusText(both)}; one by one, they are accepted.`,
            'one-member-per-request',
          )
        : undetermined(`It gets ${statusText(both)}.`);
    },
  },
  {
    key: 'replace_members',
    question: 'Can a PATCH replace all members?',
    reference: 'RFC 7644 §3.5.2.3',
    async run(context) {
      const { group, user, removal } = context.made;
      if (group === undefined || user === undefined || removal === undefined) return notTried(noMembers);
      const answer = await patch(context, group, [replace('members', [{ value: user.id }])]);
      if (answer.status < 300) return asSpecified('Yes.');
      return answer.status === 400 || answer.status === 501
        ? deviates(`No: it gets ${statusText(answer)}.`, 'replace-members-rejected')
        : undetermined(`It gets ${statusText(answer)}.`);
    },
  },
  {
    key: 'many_operations',
    question: `Can a PATCH have more than ${usualLimit} operations?`,
    reference: 'RFC 7644 §3.5.2',
    async run(context) {
      const { group, canPatchGroup } = context.made;
      if (group === undefined || canPatchGroup !== true)
        return notTried('The probe has no group that it can PATCH.');
      const rename = (count: number): Promise<Answer> =>
        patch(
          context,
          group,
          Array.from({ length: count }, (_, at) =>
            replace('displayName', `${group.name}${(count + at) % 2}`),
          ),
        );
      const more = await rename(usualLimit + 1);
      if (more.status < 300) return asSpecified('Yes.');
      const fewer = await rename(usualLimit);
      return fewer.status < 300
        ? deviates(`No: it gets ${statusText(more)}.`, 'max-100-operations')
        : undetermined(`It gets ${statusText(more)}, and so do ${usualLimit} operations.`);
    },
  },
  {
    key: 'nested_groups',
    question: 'Do lists show members that are groups?',
    reference: 'RFC 7643 §4.2',
    async run(context) {
      const { own, groups, made } = context;
      if (made.group === undefined || made.user === undefined) return notTried(noGroup);
      const name = `${own.stem}-h`;
      const members = [{ value: made.user.id }, { value: made.group.id, type: 'Group' }];
      const { answer, own: outer } = await own.create(groups, name, { displayName: name, members });
      if (outer?.id === undefined) return notTried(`A group in a group gets ${statusText(answer)}.`);
      const byId = memberIdsOf((await showOwn(context, { ...outer, id: outer.id })) ?? {}) ?? [];
      const listed = memberIdsOf((await own.findListed(groups, name)) ?? {}) ?? [];
      const nested = made.group.id;
      const has = (ids: readonly string[], id: string): boolean => ids.some((one) => isSameButCase(one, id));
      if (!has(byId, nested)) return notTried('The group does not show the group in it.');
      if (!has(listed, made.user.id)) return undetermined('Lists show no members at all.');
      return has(listed, nested) ? asSpecified('Yes.') : deviates('No.', 'nested-groups-unlisted');
    },
  },
];

const noGroup = 'The probe has no group.';
const noMembers = 'The probe has no group whose members it can change and see.';

async function createGroup(context: WriteContext): Promise<Finding> {
  const { own, groups, made } = context;
  if (made.user === undefined) return notTried('The probe has no user.');
  if (context.facts.groups === undefined) return notTried('Groups cannot be listed.');
  const name = `${own.stem}-g`;
  const { answer, own: created } = await own.create(groups, name, {
    displayName: name,
    members: [{ value: made.user.id }],
  });
  if (created?.id === undefined)
    return deviatesSo(`No: it gets ${statusText(answer)}.`, 'Create Group does not work.');
  made.group = { ...created, id: created.id };
  const read = await readOwn(context, made.group);
  const shown = isRecord(read.body) && read.status < 300 ? memberIdsOf(read.body) : undefined;
  made.showsMembers = shown?.some((id) => isSameButCase(id, made.user?.id ?? '')) === true;
  if (made.showsMembers) return asSpecified('Yes.');
  if (read.status >= 300) return undetermined(`A GET by ID gets ${statusText(read)}.`);
  return (await isHiddenMember(context, made.group, made.user))
    ? deviates('Yes, but the group is shown without its member.', 'members-never-shown')
    : undetermined('Yes, but the group is shown without its member, who may not be one.');
}

/** Whether a user shows a group, or a filter finds it, although the group does not show the user. */
async function isHiddenMember(context: WriteContext, group: Made, user: Made): Promise<boolean> {
  const shown = await showOwn(context, user);
  const ownGroups = itemsOf(shown?.groups).filter(isRecord);
  if (ownGroups.some(({ value }) => isSameButCase(String(value), group.id))) return true;
  const filter = formatEqualities([{ path: 'members.value', value: user.id }]);
  const found = (await readPage(context.client, context.groups, { filter }))?.entries ?? [];
  return found.length === 1 && isSameButCase(idOf(found[0] ?? {}) ?? '', group.id);
}

async function isMember(context: WriteContext, group: Made, user: Made): Promise<boolean> {
  return hasMember((await showOwn(context, group)) ?? {}, user);
}

function hasMember(group: Shown, { id }: Made): boolean {
  return (memberIdsOf(group) ?? []).some((one) => isSameButCase(one, id));
}

async function addMember(context: WriteContext): Promise<Finding> {
  const { made, facts } = context;
  const { group, other, showsMembers } = made;
  if (group === undefined || other === undefined) return notTried(noGroup);
  if (facts.tried.get('patch') === false) return notTried('The provider has no PATCH.');
  let answer: Answer | undefined;
  const moved = await movesStamp(
    context,
    group,
    async () => {
      answer = await patch(context, group, [addMembers(other.id)]);
      return answer;
    },
    (shown) => hasMember(shown, other),
  );
  if (answer === undefined || answer.status >= 300)
    return deviatesSo(
      `No: it gets ${answer === undefined ? 'no answer' : statusText(answer)}.`,
      'Members are changed by PUT, or not at all.',
    );
  if (showsMembers !== true) return undetermined('It gets a success, but the group shows no members.');
  if (!(await isMember(context, group, other)))
    return deviates('No: it gets a success, and nothing changes.', 'patch-ignored');
  return moved === false
    ? deviates('Yes, but `meta.lastModified` stays.', 'last-modified-frozen')
    : asSpecified('Yes.');
}

async function removeMember(context: WriteContext): Promise<Finding> {
  const { made } = context;
  const { group, other } = made;
  if (group === undefined || other === undefined) return notTried(noGroup);
  if (!(await isMember(context, group, other))) return notTried('The group shows no member to remove.');
  const byPath = (id: string): Operation => ({ op: 'remove', path: `members[value eq "${id}"]` });
  const byValue = (id: string): Operation => ({ op: 'remove', path: 'members', value: [{ value: id }] });
  const first = await patch(context, group, [byPath(other.id)]);
  if (first.status < 300 && !(await isMember(context, group, other))) {
    made.removal = byPath;
    return asSpecified('Yes.');
  }
  const second = await patch(context, group, [byValue(other.id)]);
  if (second.status >= 300 || (await isMember(context, group, other)))
    return undetermined(`It gets ${statusText(first)}, and a removal by value ${statusText(second)}.`);
  made.removal = byValue;
  return first.status >= 400
    ? deviates(`No: it gets ${statusText(first)}. A removal by value works.`, 'patch-filter-paths-rejected')
    : undetermined('It gets a success, and nothing changes. A removal by value works.');
}

/** Sends operations together with a new name, so that the PATCH changes something in any case. */
function withRename(context: WriteContext, group: Made, operations: readonly Operation[]): Promise<Answer> {
  if (context.made.canPatchGroup !== true) return patch(context, group, operations);
  const suffix = Math.floor(context.platform.random() * 1e6);
  return patch(context, group, [...operations, replace('displayName', `${group.name}${suffix}`)]);
}
