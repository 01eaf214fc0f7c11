import type { ReportedUser, RoleReport } from '../../report/role-report.ts';

/** A report of roles for a model: counts, and the first users of each list that a person should look at. */
export interface RoleSummary extends Pick<RoleReport, 'groups' | 'environments' | 'notes'> {
  readonly users: number;
  readonly inactiveWithRoles: UserList;
  readonly ownersWithoutManager: UserList;
  /** Null if the provider does not show who is in a group. */
  readonly inNoGroup: UserList | null;
}

export interface UserList {
  readonly total: number;
  readonly users: readonly Pick<ReportedUser, 'id' | 'userName' | 'roles'>[];
}

/** Shortens a report. @param limit - the maximum number of users in each list */
export function summarizeRoles(report: RoleReport, limit: number): RoleSummary {
  const { users, groups, environments, notes } = report;
  const { inactiveWithRoles, ownersWithoutManager, inNoGroup } = report;
  return {
    users: users.length,
    groups,
    environments,
    inactiveWithRoles: firstUsers(inactiveWithRoles, limit),
    ownersWithoutManager: firstUsers(ownersWithoutManager, limit),
    inNoGroup: inNoGroup === null ? null : firstUsers(inNoGroup, limit),
    notes,
  };
}

function firstUsers(users: readonly ReportedUser[], limit: number): UserList {
  return {
    total: users.length,
    users: users.slice(0, limit).map(({ id, userName, roles }) => ({ id, userName, roles })),
  };
}
