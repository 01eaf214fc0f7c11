import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorParts, errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import { mapConcurrently } from '../connector/map-concurrently.ts';
import { isSameId } from '../connector/provider/look-up.ts';
import type { Resource } from '../connector/resource.ts';
import { listSome } from '../schemas/list-some.ts';
import { changeMembers, chunkSize } from './change-members.ts';
import { findGroupsOf, type GroupOfUser, groupsUnproved } from './list-groups.ts';
import { readById } from './look-up.ts';
import type { ActionContext } from './operation.ts';
import { readUntil } from './read-until.ts';
import { memberIds } from './shown-members.ts';
import { partError } from './stopped-error.ts';

/** What became of the removals of a user. */
export interface LeftGroups {
  /** The groups that showed the user, and no longer do. */
  readonly left: readonly GroupOfUser[];
  /** Removals that the provider confirmed, from groups of which nothing shows whether they had the user. */
  readonly confirmed: { readonly count: number; readonly reason: string } | undefined;
  /** What is left to do. */
  readonly error: ConnectorError | undefined;
}

/**
 * Removes a user from every group that has the user as a direct member, or that may have without showing it. A group that
 * fails does not stop the others.
 *
 * @throws ConnectorError if the groups cannot be read
 */
export async function leaveGroups(
  context: ActionContext,
  users: ResourceDefinition,
  user: Resource,
  groups: ResourceDefinition,
): Promise<LeftGroups> {
  const reading = context.withDeadline();
  const { groups: inside, evidence, unproved } = await findGroupsOf(reading, users, user, groups);
  // The user leaves a group that contains another one by leaving that one.
  const direct = inside.filter(({ type }) => type !== 'indirect');
  const possible = unproved?.groups ?? [];
  const failures = new Map<string, ConnectorError | string>();
  let rejected: ConnectorError | undefined;
  const leave = async ({ value }: GroupOfUser): Promise<void> => {
    // A rejected token fails for every group: to continue could lock the account.
    // Each removal has a deadline of its own: a directory can have thousands of groups that show no members.
    const failure = rejected ?? (await tryRemove(context.withDeadline(), groups, value, user.id));
    if (failure === undefined) return;
    failures.set(value, failure);
    if (failure instanceof ConnectorError && failure.code === 'auth') rejected = failure;
  };
  for (const group of direct) await leave(group);
  await mapConcurrently(possible, context.client.connection.concurrency, leave);
  const isOut = ({ value }: GroupOfUser): boolean => !failures.has(value);
  let unread: ConnectorError | undefined;
  if (evidence === 'user' && rejected === undefined)
    try {
      for (const id of await stillShown(context.withDeadline(), users, user, direct.filter(isOut)))
        failures.set(id, errorParts.stillInGroup);
    } catch (error) {
      unread = partError(context, error);
    }
  const count = possible.filter(isOut).length;
  const isPartial = unproved !== undefined && unproved.unreadable > 0;
  return {
    left: direct.filter(isOut),
    confirmed: unproved === undefined || count === 0 ? undefined : { count, reason: unproved.reason },
    error:
      failures.size > 0
        ? notLeft(users, [...direct, ...possible], failures, rejected)
        : isPartial
          ? groupsUnproved(users, unproved)
          : unread,
  };
}

/** Removes a user from one group. @returns why the user may still be in it; undefined if nothing says so */
async function tryRemove(
  context: ActionContext,
  groups: ResourceDefinition,
  groupId: string,
  member: string,
): Promise<ConnectorError | string | undefined> {
  try {
    await changeMembers(context, groups, groupId, {
      change: 'remove',
      ids: [member],
      chunkSize,
      isReadAfterwards: true,
    });
    return (await showsMember(context, groups, groupId, member)) ? errorParts.stillInGroup : undefined;
  } catch (error) {
    return partError(context, error);
  }
}

async function showsMember(
  context: ActionContext,
  groups: ResourceDefinition,
  id: string,
  member: string,
): Promise<boolean> {
  const group = await readById(context, groups, id);
  return [...(memberIds(group ?? {}) ?? [])].some((one) => isSameId(one, member));
}

/** The groups that the user still shows, some time after leaving them. */
async function stillShown(
  context: ActionContext,
  users: ResourceDefinition,
  user: Resource,
  removed: readonly GroupOfUser[],
): Promise<readonly string[]> {
  if (removed.length === 0) return [];
  const shown = async (): Promise<readonly string[]> => {
    const current = await readById(context, users, user.id);
    const groups: readonly unknown[] = Array.isArray(current?.groups) ? current.groups : [];
    const isDirect = (value: string): boolean =>
      groups.some((group) => Object(group).value === value && Object(group).type !== 'indirect');
    return removed.map(({ value }) => value).filter(isDirect);
  };
  return readUntil(context, shown, (groups) => groups.length === 0);
}

function notLeft(
  { title }: ResourceDefinition,
  tried: readonly GroupOfUser[],
  failures: ReadonlyMap<string, ConnectorError | string>,
  rejected: ConnectorError | undefined,
): ConnectorError {
  const first = rejected ?? [...failures.values()].find((one) => one instanceof ConnectorError);
  const named = tried.flatMap(({ value, display = value }) => {
    const failure = failures.get(value);
    if (failure === undefined) return [];
    return [`${display} (${failure instanceof ConnectorError ? withoutDot(failure.what) : failure})`];
  });
  const text = fillError(errorTexts.groupsNotLeft, {
    resource: title.toLowerCase(),
    count: failures.size,
    total: tried.length,
    groups: listSome(named),
  });
  return new ConnectorError(first?.code ?? 'provider_fault', { ...first, ...text, cause: first });
}

function withoutDot(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
