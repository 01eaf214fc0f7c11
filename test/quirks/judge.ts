import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../../schemas/is-record.ts';
import { roleUrn } from '../support/scim-urns.ts';
import type { QuirkBench, Truth } from './open-quirk-bench.ts';

/** All that a provider has at one time. */
export interface Snapshot {
  readonly users: readonly Truth[];
  readonly groups: readonly Truth[];
}

/** Why a report is not true; undefined when it is. */
export type Verdict = string | undefined;

/** Looks behind the quirks. */
export function takeSnapshot(bench: QuirkBench): Snapshot {
  return { users: bench.users(), groups: bench.groups() };
}

/** The user with a userName. */
export function userNamed({ users }: Snapshot, userName: string): Truth | undefined {
  return users.find((user) => user.userName === userName);
}

/** The group with a displayName. */
export function groupNamed({ groups }: Snapshot, displayName: string): Truth | undefined {
  return groups.find((group) => group.displayName === displayName);
}

/** The IDs of a group's members, sorted. */
export function memberIdsOf(group: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  const members = Array.isArray(group?.members) ? group.members : [];
  return members.map((member) => String(isRecord(member) ? member.value : member).toLowerCase()).sort();
}

/** The first of several verdicts that is not good. */
export function firstOf(...verdicts: readonly Verdict[]): Verdict {
  return verdicts.find((verdict) => verdict !== undefined);
}

/** Good when the condition holds. */
export function unless(holds: boolean, problem: string): Verdict {
  return holds ? undefined : problem;
}

const simple = ['userName', 'displayName', 'externalId', 'title', 'active'] as const;

/** Whether all that an output shows of a resource is so: an attribute may be missing, but not another one. */
export function showsTruth(output: unknown, truth: Truth | undefined): Verdict {
  if (truth === undefined) return 'shows a resource that is not there';
  if (!isRecord(output)) return `shows no resource: ${JSON.stringify(output)}`;
  if (output.id !== undefined && String(output.id).toLowerCase() !== truth.id.toLowerCase()) {
    return `shows the id ${output.id} of ${truth.id}`;
  }
  for (const name of simple) {
    if (output[name] !== undefined && output[name] !== (truth[name] ?? null)) {
      return `shows ${name} ${JSON.stringify(output[name])} where it is ${JSON.stringify(truth[name])}`;
    }
  }
  if (output[roleUrn] !== undefined && !isDeepStrictEqual(output[roleUrn], truth[roleUrn])) {
    return `shows the role ${JSON.stringify(output[roleUrn])} where it is ${JSON.stringify(truth[roleUrn])}`;
  }
  if (output.members !== undefined && !isDeepStrictEqual(memberIdsOf(output), memberIdsOf(truth))) {
    return `shows ${memberIdsOf(output).length} members where there are ${memberIdsOf(truth).length}`;
  }
  return undefined;
}

/** Whether nobody and nothing was changed but what a scenario is about. */
export function leavesOthers(before: Snapshot, after: Snapshot, about: ReadonlySet<string>): Verdict {
  const gone = new Set(before.users.map(({ id }) => id));
  for (const { id } of after.users) gone.delete(id);
  for (const old of [...before.users, ...before.groups]) {
    const name = String(old.userName ?? old.displayName);
    if (about.has(name)) continue;
    const now = [...after.users, ...after.groups].find(({ id }) => id === old.id);
    if (!isDeepStrictEqual(essential(now, gone), essential(old, gone))) return `${name} was changed, too`;
  }
  const names = new Set([...before.users, ...before.groups].map((one) => one.id));
  const added = [...after.users, ...after.groups].filter(({ id }) => !names.has(id));
  const stranger = added.find((one) => !about.has(String(one.userName ?? one.displayName)));
  return stranger && `${String(stranger.userName ?? stranger.displayName)} was made, too`;
}

// Groups lose the members who were deleted, and users the groups, which is part of the deletion.
function essential(resource: Truth | undefined, gone: ReadonlySet<string>): unknown {
  if (resource === undefined) return undefined;
  const { meta: _, groups: __, members, ...rest } = resource;
  const kept = memberIdsOf({ members }).filter((id) => !gone.has(id));
  return { ...rest, members: kept };
}
