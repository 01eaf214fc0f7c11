import { changeMembers, chunkSize, membersLost } from '../actions/change-members.ts';
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
  wasSentBefore,
  whenDone,
  withDeadline,
} from './apply-run.ts';
import type { GroupChange, MembershipChange } from './plan.ts';
import { planTexts } from './plan-texts.ts';

/** Creates or deletes a group. @throws ConnectorError */
export async function applyGroupChange(run: ApplyRun, change: GroupChange): Promise<ChangeResult> {
  const definition = groupsOf(run);
  if (change.kind === 'delete_group') return deleteGroup(run, definition, change);
  const context = contextOfCreation(run, change.id);
  const isFirst = isFirstHere(run, change.id);
  await run.record([{ type: 'sending', id: change.id, kind: change.kind, group: change.group }]);
  const given = [{ path: 'displayName', value: change.group.displayName }];
  const { resource, wasThere } = await createResource(context, definition, given);
  run.createdIds.set(change.id, resource.id);
  await run.record([{ type: 'done', id: change.id, createdId: resource.id }]);
  return wasThere && isFirst ? asPlanned(change) : { change, outcome: 'changed' };
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
 *
 * @param finish - called with each result as soon as it is known
 * @throws what is no error of the provider, such as an abort: changes without a result may have been made
 */
export async function applyMemberships(
  run: ApplyRun,
  changes: readonly MembershipChange[],
  finish: (result: ChangeResult) => void,
): Promise<void> {
  const [first] = changes;
  if (first === undefined) return;
  const definition = groupsOf(run);
  const groupId = first.group.id ?? run.createdIds.get(first.group.createdBy ?? '');
  const members: OpenMembership[] = [];
  for (const one of changes) {
    const userId = one.user.id ?? run.createdIds.get(one.user.createdBy ?? '');
    if (groupId !== undefined && userId !== undefined) members.push({ change: one, userId });
    else finish({ change: one, outcome: 'waiting', message: planTexts.userOrGroupNotCreated });
  }
  if (groupId === undefined || members.length === 0) return;
  const change = first.kind === 'join' ? 'add' : 'remove';
  const finished = new Set<MembershipChange>();
  const finishOne = (one: MembershipChange, result: Omit<ChangeResult, 'change'>): void => {
    finished.add(one);
    finish({ change: one, ...result });
  };
  try {
    const before = await membersOf(run, definition, groupId);
    const isOpen = ({ userId }: OpenMembership): boolean =>
      before === undefined || hasMember(before, userId) !== (change === 'add');
    const open = members.filter(isOpen);
    const closed = members.filter((member) => !isOpen(member));
    const wasSent = ({ change: { id } }: OpenMembership): boolean => wasSentBefore(run, id);
    await run.record(closed.filter(wasSent).map((one) => ({ type: 'done', id: one.change.id })));
    for (const one of closed) finishOne(one.change, { outcome: wasSent(one) ? 'changed' : 'unchanged' });
    if (open.length === 0) return;
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
    const leaving = new Set(change === 'add' ? [] : open.map(({ userId }) => foldCase(userId)));
    const kept = [...(before ?? [])].filter(([folded]) => !leaving.has(folded)).map(([, id]) => id);
    await sendParts(run, { definition, groupId, change, kept, finish: finishOne }, open, size);
  } catch (error) {
    for (const one of members)
      if (!finished.has(one.change)) finishOne(one.change, await failedResult(run, one.change, error));
  }
}

interface OpenMembership {
  readonly change: MembershipChange;
  readonly userId: string;
}

/** Where the members go, and what hears of each that was sent. */
interface Sending {
  readonly definition: ResourceDefinition;
  readonly groupId: string;
  readonly change: 'add' | 'remove';
  /** The IDs of those who are members before and after. */
  readonly kept: readonly string[];
  readonly finish: (change: MembershipChange, result: Omit<ChangeResult, 'change'>) => void;
}

/** Each part has a deadline of its own. A provider that was not there for one part is not asked for the others. */
async function sendParts(
  run: ApplyRun,
  sending: Sending,
  open: readonly OpenMembership[],
  size: number,
): Promise<void> {
  let outage: ConnectorError | undefined;
  for (let from = 0; from < open.length; from += size) {
    const part = open.slice(from, from + size);
    if (outage === undefined) outage = await sendPart(withDeadline(run), sending, part);
    else await failAll(run, sending, part, outage);
  }
}

/** @returns the error of a provider that was not there for any of the members */
async function sendPart(
  run: ApplyRun,
  sending: Sending,
  open: readonly OpenMembership[],
): Promise<ConnectorError | undefined> {
  const { definition, groupId, change, kept, finish } = sending;
  let error: ConnectorError | undefined;
  let lost: readonly string[] = [];
  const onLost = (ids: readonly string[]): void => {
    lost = ids;
  };
  try {
    const ids = open.map(({ userId }) => userId);
    const context = { ...run.context, onProgress: undefined };
    await changeMembers(context, definition, groupId, { change, ids, chunkSize, kept, onLost });
  } catch (thrown) {
    if (!(thrown instanceof ConnectorError)) throw thrown;
    error = thrown;
  }
  // After an error, the group shows which of the changes were made.
  const after = error && (await membersOf(withDeadline(run), definition, groupId));
  const isMade = ({ userId }: OpenMembership): boolean =>
    error === undefined || (after !== undefined && hasMember(after, userId) === (change === 'add'));
  const made = open.filter(isMade);
  await run.record(made.map((one) => ({ type: 'done', id: one.change.id })));
  const failure = lost.length === 0 ? undefined : membersLost(lost);
  const result =
    failure === undefined
      ? { outcome: 'changed' as const }
      : { outcome: 'failed' as const, code: failure.code, message: failure.message };
  for (const one of made) finish(one.change, result);
  if (error === undefined) return undefined;
  const others = open.filter((one) => !isMade(one));
  const isAway = error.code === 'unavailable' || error.code === 'rate_limited';
  if (isAway && made.length > 0) {
    // There was not time enough for all of them.
    await sendParts(run, sending, others, others.length);
  } else if (!isAway && open.length > chunkSize) {
    // One that fails must not stop the others, which are sent again in small parts.
    await sendParts(run, sending, others, chunkSize);
  } else await failAll(run, sending, others, error);
  return isAway && made.length === 0 ? error : undefined;
}

async function failAll(
  run: ApplyRun,
  { finish }: Sending,
  members: readonly OpenMembership[],
  error: ConnectorError,
): Promise<void> {
  for (const { change } of members) finish(change, await failedResult(run, change, error));
}

/** The members that a group shows, by their IDs in folded case; undefined if the provider shows none of any group, so that nothing is known. */
async function membersOf(
  { context }: ApplyRun,
  definition: ResourceDefinition,
  groupId: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  const group = await readById(context, definition, groupId);
  if (group === undefined) return undefined;
  const members = memberIds(group) ?? new Set();
  if (members.size === 0 && (await hidesMembers(context, definition, group))) return undefined;
  return new Map([...members].map((id) => [foldCase(id), id]));
}

/** Whether a user is a member. Some providers show an ID in another case than in a list. */
function hasMember(members: ReadonlyMap<string, string>, userId: string): boolean {
  return members.has(foldCase(userId));
}

function groupsOf({ groups }: ApplyRun): ResourceDefinition {
  if (groups !== undefined) return groups;
  throw new ConnectorError('unsupported', errorTexts.noGroupType);
}
