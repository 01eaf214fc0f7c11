import { enterpriseUrn, makeService } from './scim-fixture.ts';

/** A filter, and the user names of the users in {@link createPopulation} that it matches, in the order of the list. */
export type FilterCase = readonly [filter: string, matching: readonly string[]];

// One table for all that read filters: the parser, the evaluator, the sandbox, and the client.

/** Adds the users of the table to a service. */
export function populate({ user, tick }: Pick<ReturnType<typeof makeService>, 'user' | 'tick'>): void {
  user('bjensen', {
    externalId: 'Ext-1',
    name: { familyName: "O'Malley", givenName: 'Barbara' },
    title: 'Tour Guide',
    userType: 'Employee',
    emails: [
      { value: 'bjensen@example.com', type: 'work', primary: true },
      { value: 'babs@jensen.org', type: 'home' },
    ],
    ims: [{ type: 'xmpp', value: 'babs@foo.com' }],
    [enterpriseUrn]: { department: 'Tour Operations', manager: { value: 'm-1' } },
  });
  tick(1000);
  user('James', {
    name: { familyName: 'Smith' },
    userType: 'Intern',
    active: false,
    emails: [
      { value: 'james@example.org', type: 'work' },
      { value: 'bjensen@example.com', type: 'home' },
    ],
    x509Certificates: [{ value: 'TUlJ' }],
  });
  tick(1000);
  user('zoe', { displayName: 'Zoe', userType: 'employee' });
}

/** The users of the table as a provider shows them. */
export function createPopulation(): readonly Readonly<Record<string, unknown>>[] {
  const service = makeService();
  populate(service);
  return service.call('GET', '/Users').body.Resources as readonly Readonly<Record<string, unknown>>[];
}

/** Filters with their matches, by what they are about. */
export const filterCases = {
  rfc: [
    ['userName eq "bjensen"', ['bjensen']],
    ['name.familyName co "O\'Malley"', ['bjensen']],
    ['userName sw "J"', ['James']],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"', ['James']],
    ['title pr', ['bjensen']],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"', ['bjensen', 'James', 'zoe']],
    ['meta.lastModified ge "2011-05-13T04:42:34Z"', ['bjensen', 'James', 'zoe']],
    ['meta.lastModified lt "2011-05-13T04:42:34Z"', []],
    ['meta.lastModified le "2011-05-13T04:42:34Z"', []],
    ['title pr and userType eq "Employee"', ['bjensen']],
    ['title pr or userType eq "Intern"', ['bjensen', 'James']],
    ['schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"', ['bjensen']],
    ['userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")', ['bjensen']],
    ['userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")', []],
    ['userType eq "Employee" and (emails.type eq "work")', ['bjensen']],
    ['userType eq "Employee" and emails[type eq "work" and value co "@example.com"]', ['bjensen']],
    [
      'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
      ['bjensen'],
    ],
  ],
  operators: [
    ['userName ne "zoe"', ['bjensen', 'James']],
    ['userName ew "s"', ['James']],
    ['userName gt "james"', ['zoe']],
    ['userName ge "james"', ['James', 'zoe']],
    ['userName lt "james"', ['bjensen']],
    ['userName le "james"', ['bjensen', 'James']],
    ['title ne "x"', ['bjensen', 'James', 'zoe']],
    ['title eq null', ['James', 'zoe']],
    ['title ne null', ['bjensen']],
    ['active eq true', ['bjensen', 'zoe']],
    ['active ne true', ['James']],
    ['not (active eq true)', ['James']],
    ['emails pr', ['bjensen', 'James']],
    ['emails.primary eq true', ['bjensen']],
    ['emails eq "babs@jensen.org"', ['bjensen']],
    ['x509Certificates eq "TUlJ"', ['James']],
    ['name pr', ['bjensen', 'James']],
    [`${enterpriseUrn}:department eq "tour operations"`, ['bjensen']],
    [`${enterpriseUrn}:manager.value eq "m-1"`, ['bjensen']],
    [`${enterpriseUrn}:manager eq "m-1"`, ['bjensen']],
    ['userType eq "Intern" or title pr and active eq false', ['James']],
    ['(userType eq "Intern" or title pr) and active eq false', ['James']],
    ['meta.location co "/Users/"', ['bjensen', 'James', 'zoe']],
  ],
  letterCase: [
    ['userName eq "BJENSEN"', ['bjensen']],
    ['USERNAME EQ "bjensen"', ['bjensen']],
    ['Name.FAMILYNAME Sw "smi" AND Active Eq False', ['James']],
    ['externalId eq "Ext-1"', ['bjensen']],
    ['externalId eq "ext-1"', []],
    ['emails.value eq "BABS@jensen.org"', ['bjensen']],
    ['URN:ietf:params:scim:schemas:CORE:2.0:user:userName eq "zoe"', ['zoe']],
  ],
  times: [
    ['meta.created eq "2026-01-01T01:00:01+01:00"', ['James']],
    ['meta.created gt "2026-01-01T00:00:00.999Z"', ['James', 'zoe']],
    ['meta.created ge "2026-01-01T00:00:01Z"', ['James', 'zoe']],
    ['meta.created gt "2026-01-01T00:00:01Z"', ['zoe']],
    ['meta.created le "2026-01-01T00:00:01Z"', ['bjensen', 'James']],
    ['meta.created lt "2026-01-01T00:00:01Z"', ['bjensen']],
  ],
  /** James has a work address and one at example.com, but no work address at example.com. */
  brackets: [
    ['emails[type eq "work" and value co "@example.com"]', ['bjensen']],
    ['emails.type eq "work" and emails.value co "@example.com"', ['bjensen', 'James']],
    ['emails[type eq "work"].value eq "bjensen@example.com"', ['bjensen']],
    ['emails[type eq "home"].value eq "bjensen@example.com"', ['James']],
    ['emails[not (type eq "work")]', ['bjensen', 'James']],
  ],
  unknownAttributes: [
    ['shoeSize eq 42', []],
    ['emails.color pr', []],
    ['urn:example:none:title pr', []],
    ['userName.first eq "a"', []],
    ['shoeSize eq null', ['bjensen', 'James', 'zoe']],
    ['constructor pr', []],
  ],
} as const satisfies Readonly<Record<string, readonly FilterCase[]>>;

/** Every filter of the table. */
export const allFilterCases: readonly FilterCase[] = Object.values(filterCases).flat();

/** Filters outside the RFC that clients send anyway, and that the sandbox accepts. */
export const lenientFilters: readonly FilterCase[] = [
  ['active eq "False"', ['James']],
  ['userName eq zoe', ['zoe']],
  ['meta.created sw "2026-01-01"', ['bjensen', 'James', 'zoe']],
  ['__proto__ pr', []],
];

/** Texts that are not filters, with the position of the error. */
export const invalidFilters: readonly (readonly [text: string, position: number])[] = [
  ['userName', 8],
  ['userName eq', 11],
  ['userName eq "a', 12],
  ['userName is "a"', 9],
  ['(userName eq "a"', 16],
  ['userName eq "a" and', 19],
  ['not userName eq "a"', 4],
  ['"a" eq userName', 0],
  ['emails[type eq "work"', 21],
];
