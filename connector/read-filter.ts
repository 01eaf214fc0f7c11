import { fill } from '../schemas/fill.ts';
import type { Filter } from '../scim/filter/filter.ts';
import { FilterSyntaxError, parseFilter } from '../scim/filter/parse-filter.ts';
import { invalidInput } from './errors.ts';
import { problemTexts } from './problem-texts.ts';

/** Parses the `filter` of an input. @param example - a valid filter for the error @throws ConnectorError `invalid_input` */
export function readFilter(text: string, example: string): Filter {
  try {
    return parseFilter(text);
  } catch (error) {
    if (!(error instanceof FilterSyntaxError)) throw error;
    throw invalidInput([
      { path: 'filter', message: fill(problemTexts.notAFilter, { reason: error.message, example }) },
    ]);
  }
}
