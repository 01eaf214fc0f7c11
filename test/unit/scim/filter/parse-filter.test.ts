import { expect, it } from 'vitest';
import { formatFilter } from '../../../../scim/filter/format-filter.ts';
import { parseFilter } from '../../../../scim/filter/parse-filter.ts';
import { allFilterCases, invalidFilters } from '../../../support/filter-cases.ts';

it.each(allFilterCases)('reads %s back from its canonical text', (text) => {
  const tree = parseFilter(text);
  expect(parseFilter(formatFilter(tree))).toEqual(tree);
});

it.each(invalidFilters)('rejects %s with the position %i', (text, position) => {
  expect(() => parseFilter(text)).toThrow(
    expect.objectContaining({ name: 'FilterSyntaxError', at: position }),
  );
});
