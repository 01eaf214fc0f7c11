import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatFilter } from '../../../../../scim/filter/format-filter.ts';
import {
  anyFilter,
  oracle,
  type Person,
  person,
  userNames,
} from '../../../../support/oracles/filter-oracle.ts';
import { makeService, names } from '../../../../support/scim-fixture.ts';

it('a filter finds the users that the oracle finds, with and without indexes', () => {
  fc.assert(
    fc.property(
      fc.array(person, { minLength: 1, maxLength: 6 }),
      fc.array(anyFilter, { minLength: 1, maxLength: 6 }),
      (others, filters) => {
        const { user, search } = makeService();
        const people = others.map((rest, nth): Person => ({ ...rest, userName: userNames[nth] ?? 'x' }));
        for (const { userName, ...rest } of people) user(userName, rest);
        for (const filter of filters) {
          const text = formatFilter(filter);
          const answer = search('Users', { filter: text });
          expect(answer.status, text).toBe(200);
          const expected = people.filter((each) => oracle(filter, each)).map(({ userName }) => userName);
          expect(names(answer), text).toEqual(expected);
        }
      },
    ),
    { numRuns: 400 },
  );
});
