import type { z } from 'zod';
import { didYouMean } from '../../schemas/did-you-mean.ts';

/** A problem of a file: where it is, and how to correct it. */
export interface SchemaProblem {
  /** The keys and indexes that lead to the value. */
  readonly steps: readonly PropertyKey[];
  readonly message: string;
  /** Whether the last step is a key that the schema does not have. */
  readonly isUnknownKey?: boolean;
}

/** What the problems of a value are, in the words of its format. */
export type TypeNames = Readonly<Record<string, string>>;

/** Every problem that a schema has found in a value. */
export function schemaProblems(
  { issues }: z.core.$ZodError,
  root: unknown,
  typeNames: TypeNames,
): readonly SchemaProblem[] {
  return issues.flatMap((issue) => toProblems(issue, root, typeNames));
}

function toProblems(issue: z.core.$ZodIssue, root: unknown, typeNames: TypeNames): readonly SchemaProblem[] {
  const steps = issue.path;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((name) => ({
        steps: [...steps, name],
        message: 'is unknown: remove it, or correct its spelling',
        isUnknownKey: true,
      }));
    case 'invalid_union':
      if (issue.errors.length === 0) return [{ steps, message: wrongKind(issue) }];
      return nearestBranch(issue.errors).flatMap((inner) =>
        toProblems({ ...inner, path: [...steps, ...inner.path] } as z.core.$ZodIssue, root, typeNames),
      );
    case 'invalid_type':
      return [
        {
          steps,
          message:
            valueAt(root, steps) === undefined
              ? 'is missing: add it'
              : `must be ${typeNames[issue.expected] ?? issue.expected}`,
        },
      ];
    case 'invalid_value':
      return [{ steps, message: mustBeOneOf(issue.values.map(String), valueAt(root, steps)) }];
    case 'too_small':
      return [
        {
          steps,
          message: `must have ${issue.minimum} ${issue.origin === 'string' ? 'characters' : 'entries'} or more`,
        },
      ];
    case 'too_big':
      return [
        {
          steps,
          message: `must be ${issue.maximum} or less${issue.origin === 'string' ? ', in characters' : ''}`,
        },
      ];
    default:
      return [{ steps, message: lowerFirst(issue.message) }];
  }
}

/** A long list of values is not shown, but the nearest of them. */
function mustBeOneOf(values: readonly string[], given: unknown): string {
  if (values.length === 1) return `must be ${values[0]}`;
  const hint = values.length > 20 ? didYouMean(String(given), values) : '';
  return hint === '' ? `must be one of ${values.join(', ')}` : `"${given}" is not known${hint}`;
}

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
export function formatSteps(path: readonly PropertyKey[], root: unknown): string {
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
