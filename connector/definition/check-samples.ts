import { check } from '../../schemas/check.ts';
import type { InputProblem } from '../errors.ts';
import type { ConnectorDefinition } from './definition.ts';

/** The problems with the samples of a definition: each must be a valid input or output. */
export function checkSamples({ actions, triggers, sources }: ConnectorDefinition): readonly InputProblem[] {
  const problems = [
    ...Object.entries({ actions, triggers }).flatMap(([list, entries]) =>
      entries.flatMap(({ key, input, sampleInput, output, sample }) => [
        ...check(input, sampleInput).map((problem) => ({ ...problem, of: `${list}.${key}.sampleInput` })),
        ...check(output, sample).map((problem) => ({ ...problem, of: `${list}.${key}.sample` })),
      ]),
    ),
    ...sources.flatMap(({ type, settings, sampleInput }) =>
      check(settings, sampleInput).map((problem) => ({ ...problem, of: `sources.${type}.sampleInput` })),
    ),
  ];
  return problems.map(({ of, path, message }) => ({ path: path === '' ? of : `${of}.${path}`, message }));
}
