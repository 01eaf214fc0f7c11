import { readFileSync } from 'node:fs';
import type { LineCounter, Document as YamlDocument } from 'yaml';
import { z } from 'zod';
import {
  formatSteps,
  type SchemaProblem,
  schemaProblems,
} from '../../connector/manifest/schema-problems.zod.ts';
import { whyUnreadable } from '../../runtime/node/why-unreadable.ts';
import { didYouMean } from '../../schemas/did-you-mean.ts';
import { isRecord } from '../../schemas/is-record.ts';
import { UsageError } from '../errors.ts';
import { type WatchConfig, watchConfigSchema } from './watch-config.zod.ts';

/** A config file that has the right form. */
export interface ConfigFile {
  readonly path: string;
  readonly config: WatchConfig;
  /** The error of problems that are found later: it names their lines. */
  invalid(problems: readonly SchemaProblem[]): UsageError;
}

/** Reads a config file: YAML, or JSON, which is YAML as well. @throws UsageError that names each line and key */
export async function readWatchConfig(path: string): Promise<ConfigFile> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${whyUnreadable(error)}. Check the path.`);
  }
  // Only this option needs the package. The bundle of a CommonJS package has no other export.
  const { default: yaml } = await import('yaml');
  const { LineCounter, parseDocument } = yaml;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new UsageError(`${path}, line ${lines.linePos(broken.pos[0]).line}: ${broken.message}`);
  const value = toValue(document, path);
  const invalid = (problems: readonly SchemaProblem[]): UsageError => {
    const found = problems
      .map((problem) => ({ ...problem, line: lineOf(document, lines, problem) }))
      .toSorted((one, other) => one.line - other.line)
      .map(
        ({ steps, line, message }) => `  line ${line}: ${formatSteps(steps, value) || 'the file'} ${message}`,
      );
    return new UsageError(`${path} is not valid:\n${found.join('\n')}`);
  };
  const parsed = watchConfigSchema.safeParse(value, { reportInput: false });
  if (parsed.success) return { path, config: parsed.data, invalid };
  throw invalid(schemaProblems(parsed.error, value, typeNames).map(withSuggestion));
}

const typeNames = {
  string: 'text',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
  array: 'a list',
};

function toValue(document: YamlDocument, path: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    // An alias without an anchor, or more of them than fit into memory.
    throw new UsageError(`${path} is not valid: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** The line of a problem: of an unknown key itself, of the value, or of what should contain it. */
function lineOf(document: YamlDocument, lines: LineCounter, { steps, isUnknownKey }: SchemaProblem): number {
  for (let length = steps.length; length >= 0; length -= 1) {
    const key = keyNode(document, steps.slice(0, length));
    if (key !== undefined) return lines.linePos(key).line;
    const node = length === 0 ? document.contents : document.getIn(steps.slice(0, length), true);
    const start = startOf(node);
    if (start !== undefined) return lines.linePos(start).line;
    if (isUnknownKey === true && length < steps.length) break;
  }
  return 1;
}

/** The position of the key of a value; undefined if it is in a list. */
function keyNode(document: YamlDocument, steps: readonly PropertyKey[]): number | undefined {
  const parent = steps.length <= 1 ? document.contents : document.getIn(steps.slice(0, -1), true);
  if (steps.length === 0 || !isRecord(parent) || !Array.isArray(parent.items)) return undefined;
  for (const { key } of parent.items as readonly { readonly key?: unknown }[])
    if (isRecord(key) && String(key.value) === String(steps.at(-1))) return startOf(key);
  return undefined;
}

/** Where a node of the file starts. */
function startOf(node: unknown): number | undefined {
  const range = isRecord(node) ? node.range : undefined;
  return Array.isArray(range) ? Number(range[0]) : undefined;
}

/** Adds the nearest key that the schema has in the same place. */
function withSuggestion(problem: SchemaProblem): SchemaProblem {
  if (problem.isUnknownKey !== true) return problem;
  const known = keysAt(z.toJSONSchema(watchConfigSchema, { io: 'input' }), problem.steps.slice(0, -1));
  const hint = didYouMean(String(problem.steps.at(-1)), known);
  return hint === '' ? problem : { ...problem, message: `is unknown${hint}` };
}

/** The keys that a JSON Schema allows at a path. */
function keysAt(schema: unknown, steps: readonly PropertyKey[]): readonly string[] {
  if (!isRecord(schema)) return [];
  const branches = [schema.anyOf, schema.oneOf].flatMap((list) => (Array.isArray(list) ? list : []));
  if (branches.length > 0) return branches.flatMap((branch) => keysAt(branch, steps));
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const [step, ...rest] = steps;
  if (step === undefined) return Object.keys(properties);
  if (typeof step === 'number') return keysAt(schema.items, rest);
  return keysAt(properties[String(step)] ?? schema.additionalProperties, rest);
}
