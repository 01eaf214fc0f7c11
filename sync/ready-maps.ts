import type { ColumnMap } from './column-map.ts';

/** The identity providers whose exports can be read without a map of one's own. */
export type ReadyMapName = 'okta' | 'entra' | 'google';

/**
 * The columns of the exports of identity providers, by their headers. Columns that a map does not have are ignored.
 *
 * - Okta: the attributes of a user profile, as in its CSV template and in exports of users
 * - Entra: "Download users" in the admin center
 * - Google: "Download users" in the Admin console
 */
export const readyMaps: Readonly<Record<ReadyMapName, ColumnMap>> = Object.freeze({
  okta: {
    login: 'userName',
    id: 'externalId',
    email: 'emails',
    firstName: 'name.givenName',
    middleName: 'name.middleName',
    lastName: 'name.familyName',
    honorificPrefix: 'name.honorificPrefix',
    honorificSuffix: 'name.honorificSuffix',
    displayName: 'displayName',
    nickName: 'nickName',
    title: 'title',
    userType: 'userType',
    employeeNumber: 'employeeNumber',
    costCenter: 'costCenter',
    organization: 'organization',
    division: 'division',
    department: 'department',
    manager: 'manager',
    primaryPhone: 'phoneNumbers[type eq "work"].value',
    mobilePhone: 'phoneNumbers[type eq "mobile"].value',
    preferredLanguage: 'preferredLanguage',
    locale: 'locale',
    timezone: 'timezone',
    profileUrl: 'profileUrl',
    groups: 'groups',
    status: {
      attribute: 'active',
      values: {
        ACTIVE: true,
        PROVISIONED: true,
        STAGED: true,
        RECOVERY: true,
        PASSWORD_EXPIRED: true,
        LOCKED_OUT: true,
        SUSPENDED: false,
        DEPROVISIONED: false,
      },
    },
  },
  entra: {
    userPrincipalName: 'userName',
    id: 'externalId',
    objectId: 'externalId',
    mail: 'emails',
    givenName: 'name.givenName',
    surname: 'name.familyName',
    displayName: 'displayName',
    jobTitle: 'title',
    department: 'department',
    userType: 'userType',
    employeeId: 'employeeNumber',
    telephoneNumber: 'phoneNumbers[type eq "work"].value',
    mobile: 'phoneNumbers[type eq "mobile"].value',
    accountEnabled: 'active',
  },
  google: {
    'Email Address [Required]': 'userName',
    'First Name [Required]': 'name.givenName',
    'Last Name [Required]': 'name.familyName',
    'Employee ID': 'employeeNumber',
    'Employee Title': 'title',
    'Employee Type': 'userType',
    Department: 'department',
    'Cost Center': 'costCenter',
    'Manager Email': 'manager',
    'Work Phone': 'phoneNumbers[type eq "work"].value',
    'Mobile Phone': 'phoneNumbers[type eq "mobile"].value',
    'Status [READ ONLY]': {
      attribute: 'active',
      values: { Active: true, Suspended: false, Archived: false, Inactive: false },
    },
  },
});

/** The map of a sheet from a ready map: for each column what it means, or null. Headers are compared without case. */
export function fitReadyMap(map: ColumnMap, columns: readonly string[]): ColumnMap {
  const byName = new Map(Object.entries(map).map(([name, rule]) => [name.toLowerCase(), rule]));
  return Object.fromEntries(columns.map((name) => [name, byName.get(name.toLowerCase()) ?? null]));
}
