import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import { notFound } from '../connector/provider/look-up.ts';
import { resourcePath } from '../connector/provider/resource-path.ts';
import type { Resource } from '../connector/resource.ts';
import type { TraitName } from '../connector/traits.ts';
import { listSome } from '../schemas/list-some.ts';
import { foldCase } from '../scim/fold-case.ts';
import { type PatchOperation, patchBody } from '../scim/patch/patch-operation.ts';
import { itemPath } from '../scim/path.ts';
import { shownResource } from './confirm-change.ts';
import { readById } from './look-up.ts';
import type { ActionContext } from './operation.ts';
import { putPatched } from './put-patched.ts';
import { readUntil } from './read-until.ts';
import { explainMissing } from './send-versioned.ts';
import {
  foldedMemberIds,
  hasHiddenMember,
  hidesMembers,
  idOf,
  mayBeCut,
  memberIds,
  showsMore,
} from './shown-members.ts';

/** The largest number of members in one request, unless an action declares another. */
export const chunkSize = 100;

/** Members to add to a group, or to remove from it. */
export interface MemberChange {
  readonly change: 'add' | 'remove';
  /** The IDs of the members. */
  readonly ids: readonly string[];
  readonly chunkSize: number;
  /** The IDs of those who were members before, and must stay. */
  readonly kept?: Iterable<string>;
  /** Runs with the IDs of members who must stay, and did not; without it, that is an error. */
  readonly onLost?: (ids: readonly string[]) => void;
  /** The caller reads the group afterwards, so that a response that shows nothing needs no proof here. */
  readonly isReadAfterwards?: boolean;
}

/** Whether operations set the whole list of members, which some providers reject. */
export function setsMembers(operations: readonly PatchOperation[]): boolean {
  return operations.some(({ op, path }) => path === 'members' && op !== 'add');
}

/**
 * Adds members to a group or removes them, in chunks, and returns the number of requests. Membership is a set: adding a
 * member, or removing a non-member, changes nothing.
 *
 * When a provider rejects a chunk, the group is read: members for whom the change holds already are omitted, then the
 * chunk is halved, down to one member per request. The size that works is remembered for the connection.
 *
 * @throws ConnectorError that says how many members were done; `provider_fault` when a success is not shown.
 */
export async function changeMembers(
  context: ActionContext,
  definition: ResourceDefinition,
  groupId: string,
  { change, ids, chunkSize, kept = [], onLost, isReadAfterwards = false }: MemberChange,
): Promise<number> {
  let pending = ids;
  // Some providers replace all members by those of one request.
  const lasting = [...kept];
  let requests = 0;
  let isRead = false;
  let isByPut = change === 'remove' && context.habits.rejectsFilterPaths;
  const unproved: string[] = [];
  // RFC 7644 §3.5.2: 204 is a success. It shows nothing.
  const confirmed: string[] = [];
  while (pending.length > 0) {
    if (isByPut || context.habits.withoutPatch.has(definition.name)) {
      const operations = operationsFor(change, pending);
      const group = await putPatched(context, definition, { id: groupId }, { operations });
      // Without PATCH, only members that are shown can be removed.
      if (change === 'remove' && (await hidesMembers(context, definition, group)))
        throw new ConnectorError('unsupported', errorTexts.membersHidden);
      requests += 1;
      break;
    }
    const size = Math.min(chunkSize, context.habits.membersPerRequest ?? chunkSize);
    const chunk = pending.slice(0, size);
    try {
      requests += 1;
      const evidence = await sendChunk(context, definition, groupId, change, { chunk, lasting });
      if (evidence === 'none') unproved.push(...chunk);
      else if (evidence === 'status') confirmed.push(...chunk);
      if (change === 'add') lasting.push(...chunk);
      noticeLimit(context);
    } catch (error) {
      if (!isRejection(error)) throw halfDone(error, ids.length - pending.length, ids.length);
      if (error.code === 'unsupported') {
        // A provider may only lack the path that names one member, and still add members by PATCH.
        isByPut = true;
        if (change === 'add') context.habits.withoutPatch.add(definition.name);
        else context.habits.rejectsFilterPaths = true;
        context.habits.notice(change === 'add' ? 'no-patch' : 'patch-filter-paths-rejected', {
          status: error.status,
        });
        continue;
      }
      const open = isRead
        ? pending
        : await withoutHolding(context, definition, groupId, change, pending, error);
      isRead = true;
      if (open.length < pending.length)
        context.habits.notice(traitOfHolding(change, error), { status: error.status });
      else if (chunk.length === 1) {
        const explained = explainMissing(definition, groupId, error);
        throw halfDone(explained, ids.length - pending.length, ids.length);
      } else {
        context.habits.membersPerRequest = Math.ceil(chunk.length / 2);
      }
      pending = open;
      continue;
    }
    pending = pending.slice(chunk.length);
    context.onProgress?.({ done: ids.length - pending.length, total: ids.length });
  }
  if (unproved.length > 0 || (confirmed.length > 0 && !isReadAfterwards))
    await confirmMembers(context, definition, groupId, change, { unproved, confirmed, lasting, onLost });
  return requests;
}

/** What the responses to a change of members do not prove. */
interface Unconfirmed {
  readonly unproved: readonly string[];
  /** What a response confirmed by its status alone. */
  readonly confirmed: readonly string[];
  /** The IDs of those who must be members. */
  readonly lasting: readonly string[];
  readonly onLost: MemberChange['onLost'];
}

/** Reads the group, and compares it with what was changed. */
async function confirmMembers(
  context: ActionContext,
  definition: ResourceDefinition,
  groupId: string,
  change: MemberChange['change'],
  { unproved, confirmed, lasting, onLost }: Unconfirmed,
): Promise<void> {
  if (unproved.length === 0 && change === 'add' && context.habits.hidesMembers.has(definition.name)) return;
  const ids = [...unproved, ...confirmed];
  const read = (before: Resource | undefined): Promise<Resource | undefined> =>
    readById(context, definition, groupId).catch((error: unknown) => {
      // A provider that confirms a change by its status, and whose group cannot be read, is believed.
      if (unproved.length === 0 && error instanceof ConnectorError) return before;
      throw error;
    });
  const group = await readUntil<Resource | undefined>(context, read, (shown) => {
    const held = shown && foldedMemberIds(shown);
    return unproved.length > 0 || shown === undefined || ids.every((id) => isDone(held, change, id));
  });
  if (group === undefined) return;
  const isShown = await requireMembership(context, definition, group, change, ids);
  const lost = isShown ? await lostMembers(context, definition, group, lasting) : [];
  if (lost.length === 0) return;
  if (onLost === undefined) throw membersLost(lost);
  onLost(lost);
}

/** Who is no longer a member of a group that shows its members. */
async function lostMembers(
  context: ActionContext,
  definition: ResourceDefinition,
  group: Resource,
  ids: readonly string[],
): Promise<readonly string[]> {
  const held = foldedMemberIds(group);
  const lost = held === undefined ? [] : ids.filter((id) => !isDone(held, 'add', id));
  const [first] = lost;
  if (held === undefined || first === undefined) return [];
  return (await canBeHidden(context, definition, group, held.size, first)) ? [] : lost;
}

/** Whether a user can be a member of a group that shows others only. */
async function canBeHidden(
  context: ActionContext,
  definition: ResourceDefinition,
  group: Resource,
  shown: number,
  id: string,
): Promise<boolean> {
  if (await hasHiddenMember(context, definition, group, id)) return true;
  return mayBeCut(shown) && !(await showsMore(context, definition, shown));
}

/** The error for a change after which others are no longer members. */
export function membersLost(ids: readonly string[]): ConnectorError {
  return new ConnectorError('provider_fault', fillError(errorTexts.membersLost, { ids: listSome(ids) }));
}

/**
 * Sets the members of a group by their differences, at a provider that rejected the whole list. Returns the group as it
 * then is.
 *
 * @param rejection - of the whole list, if it was sent
 * @throws ConnectorError the rejection, when the group does not show its members.
 */
export async function setMembers(
  context: ActionContext,
  definition: ResourceDefinition,
  current: Resource,
  operations: readonly PatchOperation[],
  rejection: ConnectorError = notFound(definition, { id: current.id }),
): Promise<Resource> {
  const held = memberIds(current);
  if (held === undefined) throw rejection;
  context.habits.setsMembersByDifference = true;
  context.habits.notice('replace-members-rejected', { status: rejection.status });
  const wanted = operations
    .filter(({ path }) => path === 'members')
    .flatMap(({ value }) => (Array.isArray(value) ? value.map(idOf) : []));
  const heldFolded = new Set([...held].map(foldCase));
  const wantedFolded = new Set(wanted.map(foldCase));
  const missing = wanted.filter((id) => !heldFolded.has(foldCase(id)));
  const surplus = [...held].filter((id) => !wantedFolded.has(foldCase(id)));
  const how = { chunkSize, isReadAfterwards: true };
  await changeMembers(context, definition, current.id, { change: 'add', ids: missing, ...how });
  await changeMembers(context, definition, current.id, { change: 'remove', ids: surplus, ...how });
  const group = await readById(context, definition, current.id);
  if (group === undefined) throw rejection;
  const isShown = await requireMembership(context, definition, group, 'add', wanted);
  // Members whom a group does not show cannot be removed.
  if (held.size === 0 && !isShown) throw rejection;
  await requireMembership(context, definition, group, 'remove', surplus);
  return group;
}

/**
 * Sends a part of the change. @returns what shows that it was made: the response, its status alone, or nothing
 *
 * @throws ConnectorError `provider_fault` when the response shows another group.
 */
async function sendChunk(
  context: ActionContext,
  definition: ResourceDefinition,
  groupId: string,
  change: MemberChange['change'],
  { chunk, lasting }: { readonly chunk: readonly string[]; readonly lasting: readonly string[] },
): Promise<'response' | 'status' | 'none'> {
  const { status, body } = await context.client.send({
    method: 'PATCH',
    path: resourcePath(definition, groupId),
    body: patchBody(operationsFor(change, chunk)),
    idempotent: true,
    signal: context.signal,
  });
  if (status === 204) return 'status';
  const group = shownResource(context, definition, groupId, body);
  const held = group && foldedMemberIds(group);
  const isShown =
    held !== undefined &&
    chunk.every((id) => isDone(held, change, id)) &&
    lasting.every((id) => isDone(held, 'add', id));
  return isShown ? 'response' : 'none';
}

/**
 * Requires that a group shows what was added, and not what was removed.
 *
 * @returns false if the provider does not show the members, or not all of them, so that nothing can be compared.
 * @throws ConnectorError `provider_fault`
 */
export async function requireMembership(
  context: ActionContext,
  definition: ResourceDefinition,
  group: Resource,
  change: MemberChange['change'],
  ids: readonly string[],
): Promise<boolean> {
  const held = foldedMemberIds(group);
  if (held === undefined && change === 'remove') return false;
  if (change === 'add' && ids.length > 0 && (await hidesMembers(context, definition, group))) {
    context.habits.hidesMembers.add(definition.name);
    return false;
  }
  const wrong = ids.filter((id) => !isDone(held, change, id));
  const [first] = wrong;
  if (first === undefined) return true;
  if (change === 'add' && held !== undefined) {
    if (await canBeHidden(context, definition, group, held.size, first)) return false;
  }
  const text = change === 'add' ? errorTexts.membersNotAdded : errorTexts.membersNotRemoved;
  throw new ConnectorError('provider_fault', fillError(text, { ids: listSome(wrong) }));
}

/** The trait of a provider that rejects a change because it holds for some of the members already. */
function traitOfHolding(change: MemberChange['change'], { status }: ConnectorError): TraitName {
  if (change === 'remove') return status === 404 ? 'remove-non-member-404' : 'remove-non-member-rejected';
  return status === 409 ? 'add-member-conflict' : 'no-op-patch-rejected';
}

/** Logs the limit of members per request, once it is known: a request within it has been accepted. */
function noticeLimit({ habits }: ActionContext): void {
  const { membersPerRequest } = habits;
  if (membersPerRequest === undefined) return;
  habits.notice(membersPerRequest === 1 ? 'one-member-per-request' : 'max-100-operations', {
    membersPerRequest,
  });
}

/** @param held - the IDs of the members, in folded case */
function isDone(held: ReadonlySet<string> | undefined, change: MemberChange['change'], id: string): boolean {
  return held?.has(foldCase(id)) === true ? change === 'add' : change === 'remove';
}

async function withoutHolding(
  context: ActionContext,
  definition: ResourceDefinition,
  groupId: string,
  change: MemberChange['change'],
  ids: readonly string[],
  rejection: ConnectorError,
): Promise<readonly string[]> {
  const group = await readById(context, definition, groupId);
  if (group === undefined) throw rejection;
  const held = foldedMemberIds(group);
  const open = ids.filter((id) => !isDone(held, change, id));
  if (change === 'add' || open.length === ids.length) return held === undefined ? ids : open;
  // A member that is not shown may still be in the group, unless the provider says that it is not.
  if (!saysNoMember(rejection) && (await mayHide(context, definition, group))) throw rejection;
  return open;
}

/** Whether a rejection of a removal from a group that exists says that the member is not in it (RFC 7644 Table 9). */
function saysNoMember({ status, scimType }: ConnectorError): boolean {
  return status === 404 || scimType === 'noTarget';
}

/** Whether a group may have members that it does not show. */
async function mayHide(
  context: ActionContext,
  definition: ResourceDefinition,
  group: Resource,
): Promise<boolean> {
  const { size = 0 } = memberIds(group) ?? {};
  if (mayBeCut(size)) return !(await showsMore(context, definition, size));
  return size === 0 && hidesMembers(context, definition, group);
}

function operationsFor(change: MemberChange['change'], ids: readonly string[]): readonly PatchOperation[] {
  if (change === 'add') return [{ op: 'add', path: 'members', value: ids.map((value) => ({ value })) }];
  // RFC 7644 §3.5.2.2: a "remove" of bare `members` would empty the group, so each one is named in the path.
  return ids.map((id) => ({ op: 'remove', path: itemPath('members', id) }));
}

/** Whether a provider rejected a change for what it asks, so that nothing was done. */
export function isRejection(error: unknown): error is ConnectorError {
  return (
    error instanceof ConnectorError &&
    error.status !== undefined &&
    ['invalid_input', 'not_found', 'conflict', 'unsupported'].includes(error.code)
  );
}

function halfDone(error: unknown, done: number, total: number): unknown {
  if (!(error instanceof ConnectorError) || done === 0) return error;
  return new ConnectorError(error.code, {
    ...error,
    ...fillError(errorTexts.membersPartlyDone, { done, total, message: error.message }),
    cause: error,
  });
}
