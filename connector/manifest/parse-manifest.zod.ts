import type { z } from 'zod';
import { didYouMean } from '../../schemas/did-you-mean.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { InputProblem } from '../errors.ts';
import { type Manifest, manifestSchema } from './manifest.zod.ts';
import { ManifestError } from './manifest-error.ts';
import { type Overlay, overlaySchema } from './overlay.zod.ts';

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
  throw new ManifestError(
    source,
    result.error.issues.flatMap((issue) => toProblems(issue, value)),
  );
}

function toProblems(issue: z.core.$ZodIssue, root: unknown): readonly InputProblem[] {
  const path = formatPath(issue.path, root);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((name) => ({
        path: path === '' ? name : `${path}.${name}`,
        message: 'is unknown: remove it, or correct its spelling',
      }));
    case 'invalid_union':
      if (issue.errors.length === 0) return [{ path, message: wrongKind(issue) }];
      return nearestBranch(issue.errors).flatMap((inner) =>
        toProblems({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue, root),
      );
    case 'invalid_type':
      return [
        {
          path,
          message:
            valueAt(root, issue.path) === undefined
              ? 'is missing: add it'
              : `must be ${typeNames[issue.expected] ?? issue.expected}`,
        },
      ];
    case 'invalid_value':
      return [{ path, message: mustBeOneOf(issue.values.map(String), valueAt(root, issue.path)) }];
    case 'too_small':
      return [
        {
          path,
          message: `must have ${issue.minimum} ${issue.origin === 'string' ? 'characters' : 'entries'} or more`,
        },
      ];
    case 'too_big':
      return [
        {
          path,
          message: `must be ${issue.maximum} or less${issue.origin === 'string' ? ', in characters' : ''}`,
        },
      ];
    default:
      return [{ path, message: lowerFirst(issue.message) }];
  }
}

/** A long list of values is not shown, but the nearest of them. */
function mustBeOneOf(values: readonly string[], given: unknown): string {
  if (values.length === 1) return `must be ${values[0]}`;
  const hint = values.length > 20 ? didYouMean(String(given), values) : '';
  return hint === '' ? `must be one of ${values.join(', ')}` : `"${given}" is not known${hint}`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text in double quotes',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  object: 'an object in braces',
  record: 'an object in braces',
  array: 'a list in brackets',
};

function wrongKind(issue: z.core.$ZodIssueInvalidUnion): string {
  const kinds = 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
  return kinds.length > 0 ? `must be one of ${kinds.join(', ')}` : 'is not one of the known kinds';
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, step) => (node as Record<PropertyKey, unknown> | undefined)?.[step],
    root,
  );
}

// Of the possible shapes of a value, the one with the fewest problems is reported; but not one whose
// basic type differs, such as a string for a list.
function nearestBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  return branches.toSorted((one, other) => weight(one) - weight(other))[0] ?? [];
}

const weightOfOtherKind = 1000;

function weight(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys') return sum + issue.keys.length;
    const isOtherKind =
      issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
    return sum + (isOtherKind ? weightOfOtherKind : 1);
  }, 0);
}

/** `actions[3 "update_user"].fields[0].title`: entries with a key show it, so that readers do not have to count. */
function formatPath(path: readonly PropertyKey[], root: unknown): string {
  let text = '';
  let node = root;
  for (const step of path) {
    node = (node as Record<PropertyKey, unknown> | undefined)?.[step];
    const key = (node as { key?: unknown } | undefined)?.key;
    if (typeof step === 'number') text += typeof key === 'string' ? `[${step} "${key}"]` : `[${step}]`;
    else text += text === '' ? String(step) : `.${String(step)}`;
  }
  return text;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
