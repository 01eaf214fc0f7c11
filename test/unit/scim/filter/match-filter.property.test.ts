import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatFilter } from '../../../../scim/filter/format-filter.ts';
import { createFilterMatcher } from '../../../../scim/filter/match-filter.ts';
import { modelOf } from '../../../../scim/schema/resource-model.ts';
import { resourceNamed } from '../../../support/open-test-session.ts';
import { anyFilter, oracle, type Person, person, userNames } from '../../../support/oracles/filter-oracle.ts';
import { makeService, names } from '../../../support/scim-fixture.ts';

const user = modelOf(resourceNamed('User'));

it('the evaluator and the sandbox find the users that the oracle finds, with and without indexes', () => {
  fc.assert(
    fc.property(
      fc.array(person, { minLength: 1, maxLength: 6 }),
      fc.array(anyFilter, { minLength: 1, maxLength: 6 }),
      (others, filters) => {
        const service = makeService();
        const people = others.map((rest, nth): Person => ({ ...rest, userName: userNames[nth] ?? 'x' }));
        for (const { userName, ...rest } of people) service.user(userName, rest);
        for (const filter of filters) {
          const text = formatFilter(filter);
          const expected = people.filter((each) => oracle(filter, each)).map(({ userName }) => userName);
          const matches = createFilterMatcher(filter, user);
          const evaluated = people.filter((each) => matches({ ...each })).map(({ userName }) => userName);
          expect(evaluated, text).toEqual(expected);
          const answer = service.search('Users', { filter: text });
          expect(answer.status, text).toBe(200);
          expect(names(answer), text).toEqual(expected);
        }
      },
    ),
    { numRuns: 500 },
  );
});
