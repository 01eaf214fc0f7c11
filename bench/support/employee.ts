import { createHash } from 'node:crypto';
import type { CreateUserInput } from '../../runtime/index.ts';

const givenNames =
  'Ada Grace Alan Barbara Edsger Donald Margaret Ken Dennis Radia Frances Niklaus Hedy Tim'.split(' ');
const syllables = 'ba ro mi ke lan ter son vi der gu mac hol stein berg wood field ley ton'.split(' ');
const departments = ['Engineering', 'Sales', 'Finance', 'Human resources', 'Legal'];
const titles = ['Analyst', 'Engineer', 'Manager', 'Director', 'Designer'];
const roles = ['Admin', 'Analyst', 'Operator'];

/** A realistic user: no two are alike, and the IDs are as random as an identity provider's. */
export function employee(number: number): CreateUserInput {
  const digest = createHash('sha256').update(`employee ${number}`).digest();
  const pick = <T>(list: readonly T[], byte: number): T => list[(digest[byte] ?? 0) % list.length] as T;
  const givenName = pick(givenNames, 0);
  const family = [1, 2, 3].map((byte) => pick(syllables, byte)).join('');
  const familyName = `${family.charAt(0).toUpperCase()}${family.slice(1)}`;
  const userName = `${givenName}.${familyName}${number}@example.com`.toLowerCase();
  return {
    userName,
    externalId: `00u${digest.subarray(8, 21).toString('base64url').slice(0, 17)}`,
    name: { givenName, familyName },
    displayName: `${givenName} ${familyName}`,
    active: (digest[4] ?? 0) > 25,
    emails: [{ value: userName, type: 'work', primary: true }],
    title: pick(titles, 5),
    department: pick(departments, 6),
    employeeNumber: `${100_000 + number}`,
    workato_role: pick(roles, 7),
  };
}
