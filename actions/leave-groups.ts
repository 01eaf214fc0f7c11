import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorParts, errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError } from '../connector/errors.ts';
import { isSameId } from '../connector/provider/look-up.ts';
import type { Resource } from '../connector/resource.ts';
import { changeMembers, chunkSize, memberIds } from './change-members.ts';
import { findGroupsOf, type GroupOfUser } from './list-groups.ts';
import { readById } from './look-up.ts';
import type { ActionContext } from './operation.ts';

/** The groups that a user has left, and the error of those that are left to do. */
export interface LeftGroups {
  readonly left: readonly GroupOfUser[];
  readonly error: ConnectorError | undefined;
}

/**
 * Removes a user from every group that has the user as a direct member. A group that fails does not stop the others.
 *
 * @throws ConnectorError if it is not proved which groups the user is in, or if the credentials are rejected
 */
export async function leaveGroups(
  context: ActionContext,
  users: ResourceDefinition,
  user: Resource,
  groups: ResourceDefinition,
): Promise<LeftGroups> {
  const { groups: inside, evidence } = await findGroupsOf(context, users, user, groups);
  // The user leaves a group that contains another one by leaving that one.
  const direct = inside.filter(({ type }) => type !== 'indirect');
  const failures = new Map<string, ConnectorError | string>();
  for (const { value } of direct) {
    try {
      await changeMembers(context, groups, value, { change: 'remove', ids: [user.id], chunkSize });
      if (await showsMember(context, groups, value, user.id)) failures.set(value, errorParts.stillInGroup);
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code === 'auth') throw error;
      failures.set(value, error);
    }
  }
  const removed = direct.filter(({ value }) => !failures.has(value));
  for (const id of evidence === 'user' ? await stillShown(context, users, user, removed) : [])
    failures.set(id, errorParts.stillInGroup);
  return {
    left: direct.filter(({ value }) => !failures.has(value)),
    error: failures.size === 0 ? undefined : notLeft(users, direct, failures),
  };
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

/** How long a provider that shows a user with the groups from before is given, in milliseconds. */
const settleTimeInMs = 500;

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
  if ((await shown()).length === 0) return [];
  await context.platform.sleep(settleTimeInMs, context.signal);
  return shown();
}

function notLeft(
  { title }: ResourceDefinition,
  direct: readonly GroupOfUser[],
  failures: ReadonlyMap<string, ConnectorError | string>,
): ConnectorError {
  const first = [...failures.values()].find((one) => one instanceof ConnectorError);
  const named = direct.flatMap(({ value, display = value }) => {
    const failure = failures.get(value);
    if (failure === undefined) return [];
    return [`${display} (${failure instanceof ConnectorError ? withoutDot(failure.what) : failure})`];
  });
  const text = fillError(errorTexts.groupsNotLeft, {
    resource: title.toLowerCase(),
    count: failures.size,
    total: direct.length,
    groups: `${named.slice(0, 10).join(', ')}${named.length > 10 ? ', …' : ''}`,
  });
  return new ConnectorError(first?.code ?? 'provider_fault', { ...first, ...text, cause: first });
}

function withoutDot(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
