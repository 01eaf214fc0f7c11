import { attributePathOf } from '../connector/definition/attribute-path.ts';
import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { didYouMean } from '../schemas/did-you-mean.ts';
import { fill } from '../schemas/fill.ts';
import { isRecord } from '../schemas/is-record.ts';
import { readPath } from '../scim/path.ts';
import type { Attribute } from '../scim/schema/attribute.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { planTexts } from './plan-texts.ts';

/**
 * What a column means, with more than its attribute.
 *
 * @example
 * ```ts
 * const status: ColumnRule = { attribute: 'active', values: { ACTIVE: true, DEPROVISIONED: false } };
 * ```
 */
export interface ColumnRule {
  /**
   * The name of a field (`department`), a SCIM path (`name.givenName`) or the name of its part alone (`givenName`),
   * `groups`, `manager`, or `id`.
   */
  readonly attribute: string;
  /** The value for each text in the column; `*` is any other text. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Between the values in one cell, for `groups` and attributes with several values. Default: `;`. */
  readonly separator?: string;
  /** What an empty cell means. Default: `keep`, so that the user keeps the value. */
  readonly whenEmpty?: 'keep' | 'remove';
}

/**
 * What each column of a sheet means: an attribute, a rule, or null for a column that is ignored.
 *
 * @example
 * ```ts
 * const map: ColumnMap = { Email: 'userName', 'First name': 'name.givenName', Notes: null };
 * ```
 */
export type ColumnMap = Readonly<Record<string, string | ColumnRule | null>>;

/** What the values of a column become. */
export type ColumnTarget =
  | { readonly kind: 'id' | 'groups' | 'manager' | 'ignored' }
  | { readonly kind: 'attribute'; readonly path: string; readonly definition: Attribute }
  | {
      readonly kind: 'item';
      /** The path of the list. */
      readonly path: string;
      /** The attribute of an item that has the value. */
      readonly name: string;
      /** The other attributes of the item. */
      readonly rest: Readonly<Record<string, unknown>>;
      readonly definition: Attribute;
    };

/** A column, ready to be read. */
export interface Column {
  readonly name: string;
  readonly target: ColumnTarget;
  readonly values: Readonly<Record<string, unknown>>;
  readonly separator: string;
  readonly whenEmpty: 'keep' | 'remove';
}

/** Attributes that plans do not carry: a plan is a file. */
const secretNames: ReadonlySet<string> = new Set(['password']);
/** Attributes of a resource that say nothing about a user. */
const ignoredNames: ReadonlySet<string> = new Set(['schemas', 'meta']);

/** Reads what a column means. @returns the reason if it cannot be used */
export function readColumn(
  definition: ResourceDefinition,
  name: string,
  given: string | ColumnRule | null,
): Column | string {
  const rule = typeof given === 'string' ? { attribute: given } : given;
  const target = rule === null ? { kind: 'ignored' as const } : targetOf(definition, rule.attribute.trim());
  if (typeof target === 'string') return target;
  return {
    name,
    target,
    values: rule?.values ?? {},
    separator: rule?.separator ?? ';',
    whenEmpty: rule?.whenEmpty ?? 'keep',
  };
}

/** Whether a value from JSON has the form of a {@link ColumnMap}. @returns the reason if not */
export function columnMapProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return planTexts.notAMap;
  for (const [name, rule] of Object.entries(value)) {
    if (rule === null || typeof rule === 'string') continue;
    if (!isRecord(rule) || typeof rule.attribute !== 'string')
      return fill(planTexts.ruleWithoutAttribute, { column: name });
    const unknown = Object.keys(rule).find((key) => !ruleKeys.includes(key));
    if (unknown !== undefined)
      return fill(planTexts.ruleUnknownKey, {
        column: name,
        key: unknown,
        suggestion: didYouMean(unknown, ruleKeys),
      });
    if (rule.whenEmpty !== undefined && rule.whenEmpty !== 'keep' && rule.whenEmpty !== 'remove')
      return fill(planTexts.ruleWhenEmpty, { column: name });
    if (rule.values !== undefined && !isRecord(rule.values))
      return fill(planTexts.ruleValues, { column: name });
    if (rule.separator !== undefined && (typeof rule.separator !== 'string' || rule.separator === ''))
      return fill(planTexts.ruleSeparator, { column: name });
  }
  return undefined;
}

const ruleKeys = ['attribute', 'values', 'separator', 'whenEmpty'];

/** Every name that a column can be given, for suggestions. */
export function attributeNames({ fields }: ResourceDefinition): readonly string[] {
  return [
    ...fields.flatMap(({ key, fields: parts = [], kind }) =>
      kind === 'object' ? parts.map((part) => `${key}.${part.key}`) : [key],
    ),
    'groups',
    'manager',
    'id',
  ];
}

function targetOf(definition: ResourceDefinition, text: string): ColumnTarget | string {
  if (text === 'id' || text === 'groups') return { kind: text };
  if (ignoredNames.has(text)) return { kind: 'ignored' };
  const model = modelOf(definition);
  const path =
    attributePathOf(definition, text) ??
    attributePathOf(definition, text.replace(/^.*:/, '')) ??
    pathOfPart(definition, text);
  if (path === undefined) return unknownText(definition, text);
  if (/(^|:)manager(\.value)?$/.test(path)) return { kind: 'manager' };
  const { definition: found, isList, attribute, subAttribute, filter, schema } = readPath(model, path);
  if (found === undefined) return unknownText(definition, text);
  if (secretNames.has(attribute)) return planTexts.noPasswords;
  if (found.mutability === 'readOnly') return fill(planTexts.readOnly, { name: text });
  const list =
    schema === undefined
      ? model.attributes.get(attribute)
      : model.extension(schema)?.attributes.get(attribute);
  if (!isList || list === undefined) {
    if (found.type === 'complex')
      return fill(planTexts.hasParts, { name: text, part: found.subAttributes.list[0]?.name ?? '' });
    return { kind: 'attribute', path, definition: found };
  }
  const type =
    filter?.kind === 'compare' && filter.path.attribute === 'type' && filter.operator === 'eq'
      ? filter.value
      : undefined;
  const name = subAttribute ?? 'value';
  const value = list.subAttributes.get(name);
  const listPath = schema === undefined ? attribute : `${schema}:${attribute}`;
  if (value === undefined) return { kind: 'attribute', path: listPath, definition: list };
  const isMainEmail = attribute === 'emails' && type === undefined;
  return {
    kind: 'item',
    path: listPath,
    name,
    rest: { ...(type !== undefined && { type }), ...(isMainEmail && { type: 'work', primary: true }) },
    definition: value,
  };
}

/** The path of a part by its name alone, as sheets have it: `givenName` is `name.givenName` if nothing else has it. */
function pathOfPart(definition: ResourceDefinition, name: string): string | undefined {
  const end = `.${name.toLowerCase()}`;
  const [path, ...others] = attributeNames(definition).filter((one) => one.toLowerCase().endsWith(end));
  return path === undefined || others.length > 0 ? undefined : attributePathOf(definition, path);
}

function unknownText(definition: ResourceDefinition, text: string): string {
  const suggestion = didYouMean(text, attributeNames(definition));
  return fill(planTexts.noAttribute, { name: text, suggestion });
}
