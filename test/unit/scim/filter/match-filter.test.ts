import { describe, expect, it } from 'vitest';
import { createFilterMatcher } from '../../../../scim/filter/match-filter.ts';
import { parseFilter } from '../../../../scim/filter/parse-filter.ts';
import { modelOf } from '../../../../scim/schema/resource-model.ts';
import { allFilterCases, createPopulation } from '../../../support/filter-cases.ts';
import { resourceNamed } from '../../../support/open-test-session.ts';

const user = modelOf(resourceNamed('User'));
const population = createPopulation();

it.each(allFilterCases)('%s matches %j', (text, expected) => {
  const matches = createFilterMatcher(parseFilter(text), user);
  expect(population.filter(matches).map(({ userName }) => userName)).toEqual(expected);
});

describe('a filter on attributes of every type', () => {
  const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
  const ada = {
    id: '2819C223',
    userName: 'Ada@Example.com',
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    emails: [{ value: 'ada@example.com', type: 'work', primary: true }],
    groups: [{ value: 'g1', display: 'Engineering' }],
    meta: { lastModified: '2026-05-13T04:42:34.500Z' },
    [enterprise]: { department: 'Engineering', manager: { value: 'bob' } },
    'urn:example:acme': { badge: 7, level: '12', isGuest: 'False' },
  };

  it.each([
    ['userName eq "ada@example.com"', true],
    ['USERNAME Eq "ADA@EXAMPLE.COM"', true],
    ['id eq "2819c223"', false],
    ['id eq "2819C223"', true],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ada"', true],
    [`${enterprise}:department eq "engineering"`, true],
    [`${enterprise}:manager.value eq "bob"`, true],
    [`${enterprise}:manager eq "bob"`, true],
    [`${enterprise.toUpperCase()}:department pr`, true],
    [`${enterprise}:costCenter pr`, false],
    ['department eq "engineering"', true],
    ['Manager.value eq "bob" and not (costCenter pr)', true],
    ['badge gt 6', false],
    ['urn:example:acme:badge gt 6', true],
    ['urn:example:acme:badge le 6', false],
    ['name.familyName ew "lace"', true],
    ['emails co "example"', true],
    ['emails[type eq "work" and primary eq true]', true],
    ['emails[type eq "home"]', false],
    ['emails[type eq "work"].value eq "ada@example.com"', true],
    ['groups.display eq "engineering"', true],
    ['meta.lastModified gt "2026-05-13T06:42:34+02:00"', true],
    ['meta.lastModified lt "2026-05-13T04:42:34.5001Z"', false],
    ['meta.lastModified ge "2026-05-13T04:42:34.500Z"', true],
    ['meta.lastModified sw "2026-05-13"', true],
    ['meta.lastModified sw "2026-05-14"', false],
    ['meta.lastModified co "T04:42"', true],
    ['active eq true', false],
    ['active ne true', true],
    ['emails.primary eq "True"', true],
    ['emails.primary eq "False"', false],
    ['urn:example:acme:badge eq "7"', true],
    ['urn:example:acme:badge eq "007"', false],
    ['urn:example:acme:level eq 12', true],
    ['urn:example:acme:level gt 9', true],
    ['urn:example:acme:isGuest eq false', true],
    ['urn:example:acme:isGuest ne true', true],
    ['nickName eq null', true],
    ['not (userName pr)', false],
  ])('%s: %s', (text, fits) => {
    expect(createFilterMatcher(parseFilter(text), user)(ada)).toBe(fits);
  });
});
