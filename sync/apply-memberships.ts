import { changeMembers, chunkSize } from '../actions/change-members.ts';
import { createResource } from '../actions/create.ts';
import { removeResource } from '../actions/delete.ts';
import { readById } from '../actions/look-up.ts';
import { hidesMembers, memberIds } from '../actions/shown-members.ts';
import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import { fill } from '../schemas/fill.ts';
import { foldCase } from '../scim/fold-case.ts';
import type { ChangeResult } from './apply-result.ts';
import {
  type ApplyRun,
  asPlanned,
  contextOfCreation,
  failedResult,
  isFirstHere,
  refusedResult,
  whenDone,
} from './apply-run.ts';
import type { GroupChange, MembershipChange } from './plan.ts';
import { planTexts } from './plan-texts.ts';

/** Creates or deletes a group. @throws ConnectorError */
export async function applyGroupChange(run: ApplyRun, change: GroupChange): Promise<ChangeResult> {
  const definition = groupsOf(run);
  if (change.kind === 'delete_group') return deleteGroup(run, definition, change);
  const context = contextOfCreation(run, change.id);
  await run.record([{ type: 'sending', id: change.id, kind: change.kind, group: change.group }]);
  const given = [{ path: 'displayName', value: change.group.displayName }];
  const { resource, wasThere } = await createResource(context, definition, given);
  run.createdIds.set(change.id, resource.id);
  await run.record([{ type: 'done', id: change.id, createdId: resource.id }]);
  return wasThere && isFirstHere(run, change.id) ? asPlanned(change) : { change, outcome: 'changed' };
}

async function deleteGroup(
  run: ApplyRun,
  definition: ResourceDefinition,
  change: GroupChange,
): Promise<ChangeResult> {
  const group = await readById(run.context, definition, change.group.id ?? '');
  if (group === undefined) return whenDone(run, change);
  const { size = 0 } = memberIds(group) ?? {};
  if (size > 0)
    return refusedResult(
      run,
      change,
      fill(planTexts.groupHasMembers, { group: change.group.displayName, count: size }),
    );
  await run.record([{ type: 'sending', id: change.id, kind: change.kind, group: change.group }]);
  await removeResource(run.context, definition, { id: group.id });
  await run.record([{ type: 'done', id: change.id }]);
  return { change, outcome: 'changed' };
}

/**
 * Makes the changes of one group's memberships: all that join, or all that leave, in as few requests as possible. A group
 * can be large: it is read once before, and once after if the responses do not show its members.
 */
export async function applyMemberships(
  run: ApplyRun,
  changes: readonly MembershipChange[],
): Promise<readonly ChangeResult[]> {
  const [first] = changes;
  if (first === undefined) return [];
  const definition = groupsOf(run);
  const groupId = first.group.id ?? run.createdIds.get(first.group.createdBy ?? '');
  const known = changes.map((change) => ({
    change,
    userId: change.user.id ?? run.createdIds.get(change.user.createdBy ?? ''),
  }));
  const results: ChangeResult[] = known
    .filter(({ userId }) => groupId === undefined || userId === undefined)
    .map(({ change }) => ({ change, outcome: 'waiting', message: planTexts.userOrGroupNotCreated }));
  const members = known.flatMap(({ change, userId }) => (userId === undefined ? [] : [{ change, userId }]));
  if (groupId === undefined || members.length === 0) return results;
  const change = first.kind === 'join' ? 'add' : 'remove';
  try {
    const before = await membersOf(run, definition, groupId);
    const open = members.filter(
      ({ userId }) => before === undefined || hasMember(before, userId) !== (change === 'add'),
    );
    const wasSent = (id: string): boolean => run.journaled.get(id)?.sending !== undefined;
    const closed = members.filter((member) => !open.includes(member));
    await run.record(
      closed.filter((one) => wasSent(one.change.id)).map((one) => ({ type: 'done', id: one.change.id })),
    );
    for (const one of closed)
      results.push({ change: one.change, outcome: wasSent(one.change.id) ? 'changed' : 'unchanged' });
    if (open.length === 0) return results;
    await run.record(
      open.map((one) => ({
        type: 'sending',
        id: one.change.id,
        kind: one.change.kind,
        user: { ...one.change.user, id: one.userId },
        group: { ...one.change.group, id: groupId },
      })),
    );
    // Where members are not shown, each part is known only by its own response.
    const size = before === undefined ? chunkSize : open.length;
    await sendParts(run, { definition, groupId, change, results }, open, size);
    return results;
  } catch (error) {
    const reported = new Set(results.map((result) => result.change));
    for (const one of members)
      if (!reported.has(one.change)) results.push(await failedResult(run, one.change, error));
    return results;
  }
}

interface OpenMembership {
  readonly change: MembershipChange;
  readonly userId: string;
}

/** Where the members go, and what came of those that were sent. */
interface Sending {
  readonly definition: ResourceDefinition;
  readonly groupId: string;
  readonly change: 'add' | 'remove';
  readonly results: ChangeResult[];
}

async function sendParts(
  run: ApplyRun,
  sending: Sending,
  open: readonly OpenMembership[],
  size: number,
): Promise<void> {
  for (let from = 0; from < open.length; from += size)
    await sendPart(run, sending, open.slice(from, from + size));
}

async function sendPart(run: ApplyRun, sending: Sending, open: readonly OpenMembership[]): Promise<void> {
  const { definition, groupId, change, results } = sending;
  let error: unknown;
  try {
    const ids = open.map(({ userId }) => userId);
    const context = { ...run.context, onProgress: undefined };
    await changeMembers(context, definition, groupId, { change, ids, chunkSize });
  } catch (thrown) {
    if (!(thrown instanceof ConnectorError)) throw thrown;
    error = thrown;
  }
  // After an error, the group shows which of the changes were made.
  const after = error === undefined ? undefined : await membersOf(run, definition, groupId);
  const isMade = ({ userId }: OpenMembership): boolean =>
    error === undefined || (after !== undefined && hasMember(after, userId) === (change === 'add'));
  const made = open.filter(isMade);
  await run.record(made.map((one) => ({ type: 'done', id: one.change.id })));
  for (const one of made) results.push({ change: one.change, outcome: 'changed' });
  const others = open.filter((one) => !isMade(one));
  // One that fails must not stop the others, which are sent again in small parts.
  if (open.length > chunkSize) await sendParts(run, sending, others, chunkSize);
  else for (const one of others) results.push(await failedResult(run, one.change, error));
}

/** The members that a group shows; undefined if the provider shows none of any group, so that nothing is known. */
async function membersOf(
  { context }: ApplyRun,
  definition: ResourceDefinition,
  groupId: string,
): Promise<ReadonlySet<string> | undefined> {
  const group = await readById(context, definition, groupId);
  if (group === undefined) return undefined;
  const members = memberIds(group) ?? new Set();
  if (members.size === 0 && (await hidesMembers(context, definition, group))) return undefined;
  return new Set([...members, ...[...members].map(foldCase)]);
}

/** Whether a user is a member. Some providers show an ID in another case than in a list. */
function hasMember(members: ReadonlySet<string>, userId: string): boolean {
  return members.has(userId) || members.has(foldCase(userId));
}

function groupsOf({ groups }: ApplyRun): ResourceDefinition {
  if (groups !== undefined) return groups;
  throw new ConnectorError('unsupported', errorTexts.noGroupType);
}
