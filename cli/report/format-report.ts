import { recordStyle, toCell } from '../../report/sheet-cell.ts';
import { table } from '../table.ts';
import { bold, type Terminal } from '../terminal.ts';
import { findingsOf, noRoles, type ReportContent, rolesText } from './report-content.ts';

/** More users of one finding are in the other formats. */
const mostUsers = 20;

/** A report as a person reads it on a terminal. */
export function formatReport(
  content: ReportContent,
  { columns }: Pick<Terminal, 'columns'>,
): readonly string[] {
  const { baseUrl, report, drift } = content;
  const { users, groups, environments, notes } = report;
  const active = users.filter((user) => user.active).length;
  return [
    bold(
      `${baseUrl}: ${users.length} users, ${active} of them active, ${groups ?? 'an unknown number of'} groups`,
    ),
    ...(environments.every(({ roles }) => roles.length === 0) ? ['', noRoles] : []),
    ...environments.flatMap(({ title, roles, withoutRole }) =>
      roles.length === 0
        ? []
        : [
            '',
            ...table(
              [title, 'active', 'inactive'],
              [
                ...roles.map((one) => [one.role, String(one.active), String(one.inactive)]),
                ['(no role)', String(withoutRole), ''],
              ],
              columns,
            ),
          ],
    ),
    ...findingsOf(report).flatMap(({ title, users: found }) => [
      '',
      bold(`${title}: ${found === null ? 'not known' : found.length}`),
      ...table(
        ['', ''],
        (found ?? []).slice(0, mostUsers).map((user) => [`  ${user.userName}`, rolesText(report, user)]),
        columns,
      ).slice(1),
      ...((found?.length ?? 0) > mostUsers ? [`  … and ${(found?.length ?? 0) - mostUsers} more`] : []),
    ]),
    ...(drift === undefined
      ? []
      : [
          '',
          bold('Drift'),
          `  ${drift.summary}`,
          ...table(
            ['', '', ''],
            drift.changes.slice(0, mostUsers).map(({ kind, name, details }) => [`  ${kind}`, name, details]),
            columns,
          ).slice(1),
          ...(drift.changes.length > mostUsers ? [`  … and ${drift.changes.length - mostUsers} more`] : []),
          ...[...drift.problems, ...drift.notes].map((line) => `  ${line}`),
        ]),
    ...(notes.length === 0 ? [] : ['', bold('Notes'), ...notes.map((note) => `  ${note}`)]),
  ];
}

/** A report as a sheet: a row for each user, with a column for each environment. */
export async function formatReportCsv({ report }: ReportContent): Promise<string> {
  const { stringify } = await import('csv-stringify/sync');
  const { users, environments } = report;
  const findings = findingsOf(report).map(({ key, users: found }) => ({
    key,
    ids: new Set((found ?? []).map(({ id }) => id)),
  }));
  const heads = [
    'id',
    'userName',
    'displayName',
    'active',
    'manager',
    'groups',
    ...environments.map(({ key }) => key),
    'findings',
  ];
  const rows = users.map((user) =>
    [
      [user.id],
      [user.userName],
      [user.displayName],
      [user.active],
      [user.manager],
      user.groups,
      ...environments.map(({ key }) => user.roles[key] ?? []),
      findings.flatMap(({ key, ids }) => (ids.has(user.id) ? [key] : [])),
    ].map(toCell),
  );
  return stringify([heads, ...rows], recordStyle);
}
