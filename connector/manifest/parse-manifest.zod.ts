import type { z } from 'zod';
import { isRecord } from '../../schemas/is-record.ts';
import { type Manifest, manifestSchema } from './manifest.zod.ts';
import { ManifestError } from './manifest-error.ts';
import { type Overlay, overlaySchema } from './overlay.zod.ts';
import { formatSteps, schemaProblems, type TypeNames } from './schema-problems.zod.ts';

/**
 * Parses a manifest.
 *
 * @param value - the manifest, parsed from JSON
 * @param source - its name in errors, such as its path
 * @throws ManifestError that lists every problem
 *
 * @example
 * ```ts
 * import manifest from 'rolecall/manifest.json' with { type: 'json' };
 * import { parseManifest } from 'rolecall';
 *
 * const { actions } = parseManifest(manifest);
 * ```
 */
export function parseManifest(value: unknown, source = 'manifest.json'): Manifest {
  return parse(manifestSchema, value, source);
}

/**
 * Parses an overlay, as {@link parseManifest} parses a manifest.
 *
 * @param value - the overlay, parsed from JSON
 * @param source - its name in errors, such as its path
 * @throws ManifestError that lists every problem
 *
 * @example
 * ```ts
 * const overlay = parseOverlay(JSON.parse('{"overlayVersion": 1, "title": "Acme"}'), 'acme.json');
 * ```
 */
export function parseOverlay(value: unknown, source = 'The overlay'): Overlay {
  // Without a version it may be any file: to list what else it lacks would hide that.
  if (isRecord(value) && !('overlayVersion' in value))
    throw new ManifestError(source, [
      { path: 'overlayVersion', message: 'is missing: add "overlayVersion": 1' },
    ]);
  return parse(overlaySchema, value, source);
}

function parse<T>(schema: z.ZodType<T>, value: unknown, source: string): T {
  const result = schema.safeParse(value, { reportInput: false });
  if (result.success) return result.data;
  const problems = schemaProblems(result.error, value, jsonTypeNames);
  throw new ManifestError(
    source,
    problems.map(({ steps, message }) => ({ path: formatSteps(steps, value), message })),
  );
}

const jsonTypeNames: TypeNames = {
  string: 'text in double quotes',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  object: 'an object in braces',
  record: 'an object in braces',
  array: 'a list in brackets',
};
