import { check } from '../../schemas/check.ts';
import type { InputProblem } from '../errors.ts';
import type { ConnectorDefinition } from './definition.ts';

/** What is wrong with the samples of a definition: each must be an input, or an output, that its action takes. */
export function checkSamples({ actions }: ConnectorDefinition): readonly InputProblem[] {
  return actions.flatMap(({ key, input, sampleInput, output, sample }) =>
    [
      ...check(input, sampleInput).map((problem) => ({ ...problem, of: `actions.${key}.sampleInput` })),
      ...check(output, sample).map((problem) => ({ ...problem, of: `actions.${key}.sample` })),
    ].map(({ of, path, message }) => ({ path: path === '' ? of : `${of}.${path}`, message })),
  );
}
