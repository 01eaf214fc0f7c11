import type { ReportContent } from '../../cli/report/report-content.ts';
import type { ReportedUser } from '../../report/role-report.ts';

/** A value that breaks out of a page that does not escape it. */
export const hostileName =
  '</style></title></table><script>document.title = "run"</script><img src="x" onerror="document.title = \'run\'">';

const user = (id: string, roles: ReportedUser['roles'], more: Partial<ReportedUser> = {}): ReportedUser => ({
  id,
  userName: `${id}@example.com`,
  displayName: id,
  active: true,
  manager: '',
  groups: [],
  roles,
  ...more,
});

/** A report in which every text that a provider can choose is hostile. */
export function hostileReport(): ReportContent {
  const eve = user(
    'eve',
    { [hostileName]: [hostileName] },
    { displayName: hostileName, userName: hostileName, manager: hostileName, groups: [hostileName] },
  );
  const bob = user('bob', { dev: ['Admin'] }, { active: false });
  return {
    baseUrl: `https://scim.example.com/${hostileName}`,
    createdAt: '2026-01-02T03:04:05.000Z',
    report: {
      users: [eve, bob],
      groups: 1,
      environments: [
        {
          key: hostileName,
          title: hostileName,
          roles: [{ role: hostileName, active: 3, inactive: 1 }],
          withoutRole: 0,
        },
        { key: 'dev', title: 'DEV', roles: [{ role: 'Admin', active: 0, inactive: 1 }], withoutRole: 1 },
      ],
      inactiveWithRoles: [bob],
      ownersWithoutManager: [eve],
      inNoGroup: null,
      notes: [hostileName],
    },
    drift: {
      summary: hostileName,
      changes: [{ kind: 'update', name: hostileName, details: hostileName }],
      problems: [hostileName],
      notes: [hostileName],
    },
  };
}
