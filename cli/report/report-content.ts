import type { ReportedUser, RoleReport } from '../../report/role-report.ts';
import type { Drift } from './drift.ts';

/** A report, with what only the command knows. */
export interface ReportContent {
  readonly baseUrl: string;
  readonly createdAt: string;
  readonly report: RoleReport;
  /** With a desired state: how far the provider is from it. */
  readonly drift: Drift | undefined;
}

/** One finding of a report: a title, why it matters, and whom it is about; null if it is not known. */
export interface Finding {
  readonly key: string;
  readonly title: string;
  readonly meaning: string;
  readonly users: readonly ReportedUser[] | null;
}

/** What a report says of a directory without roles. */
export const noRoles = 'Nobody has a role that the provider shows.';

/** The findings of a report. */
export function findingsOf({
  inactiveWithRoles,
  ownersWithoutManager,
  inNoGroup,
}: RoleReport): readonly Finding[] {
  return [
    {
      key: 'inactive_with_roles',
      title: 'Inactive users with roles',
      meaning: 'They cannot sign in, and get their roles back if they are reactivated.',
      users: inactiveWithRoles,
    },
    {
      key: 'owner_without_manager',
      title: 'Owners without a manager',
      meaning: 'They decide about others, and nobody is on record who decides about them.',
      users: ownersWithoutManager,
    },
    {
      key: 'in_no_group',
      title: 'Active users in no group',
      meaning: 'Whatever is granted by groups does not reach them.',
      users: inNoGroup,
    },
  ];
}

/** The roles of a user in all environments: "Workato role (PROD): Admin". */
export function rolesText({ environments }: RoleReport, { roles }: ReportedUser): string {
  return environments
    .flatMap(({ key, title }) => (roles[key] === undefined ? [] : [`${title}: ${roles[key].join(', ')}`]))
    .join('; ');
}

/** The report as data. */
export function reportData({ baseUrl, createdAt, report, drift }: ReportContent): object {
  const { users, groups, environments, notes } = report;
  return {
    baseUrl,
    createdAt,
    counts: {
      users: users.length,
      active: users.filter(({ active }) => active).length,
      groups,
    },
    environments,
    findings: Object.fromEntries(
      findingsOf(report).map((finding) => [
        finding.key,
        finding.users?.map(({ userName }) => userName) ?? null,
      ]),
    ),
    users,
    ...(drift !== undefined && { drift }),
    notes,
  };
}
