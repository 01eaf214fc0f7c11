import { checkTexts } from './check-texts.ts';
import { didYouMean } from './did-you-mean.ts';
import { fill } from './fill.ts';
import { isRecord } from './is-record.ts';
import type { JsonSchema, JsonType } from './json-schema.ts';

/** A problem with a value: its path (`emails[0].value`; empty for the value itself) and a message. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/**
 * Validates a value against a JSON Schema, and returns every problem; none if the value is valid. Plain code over data, so
 * that it runs in hosts that allow neither a schema library nor code generation, and also on schemas that
 * are known only at run time: those of overlays and providers. Values are never changed.
 */
export function check(schema: JsonSchema, value: unknown): readonly Problem[] {
  const problems: Problem[] = [];
  visit(schema, value, '', problems);
  return problems;
}

function visit(schema: JsonSchema, value: unknown, path: string, problems: Problem[]): void {
  if (schema.oneOf !== undefined) {
    visitOneOf(schema.oneOf, value, path, problems);
    return;
  }
  if (schema.type !== undefined && !fitsType(schema.type, value)) {
    problems.push({
      path,
      message: fill(checkTexts.type, { expected: describeType(schema), actual: describeValue(value) }),
    });
    return;
  }
  if (schema.enum !== undefined && !schema.enum.some((allowed) => allowed === value)) {
    problems.push({
      path,
      message: fill(checkTexts.enum, {
        values: schema.enum.map((allowed) => JSON.stringify(allowed)).join(', '),
      }),
    });
    return;
  }
  if (typeof value === 'string') visitString(schema, value, path, problems);
  else if (typeof value === 'number') visitNumber(schema, value, path, problems);
  else if (Array.isArray(value)) visitArray(schema, value, path, problems);
  else if (isRecord(value)) visitObject(schema, value, path, problems);
}

function visitString(schema: JsonSchema, value: string, path: string, problems: Problem[]): void {
  if (schema.minLength !== undefined && value.length < schema.minLength)
    problems.push({ path, message: checkTexts.empty });
  if (schema.format === 'date-time' && !isDateTime(value)) {
    problems.push({ path, message: checkTexts.dateTime });
  }
}

function visitNumber(schema: JsonSchema, value: number, path: string, problems: Problem[]): void {
  const { minimum, maximum } = schema;
  if (minimum !== undefined && value < minimum)
    problems.push({ path, message: fill(checkTexts.minimum, { limit: minimum }) });
  if (maximum !== undefined && value > maximum)
    problems.push({ path, message: fill(checkTexts.maximum, { limit: maximum }) });
}

function visitArray(schema: JsonSchema, value: readonly unknown[], path: string, problems: Problem[]): void {
  const { minItems, maxItems, items } = schema;
  if (minItems !== undefined && value.length < minItems)
    problems.push({ path, message: fill(checkTexts.minItems, { limit: minItems }) });
  if (maxItems !== undefined && value.length > maxItems)
    problems.push({ path, message: fill(checkTexts.maxItems, { limit: maxItems }) });
  if (items !== undefined)
    for (const [index, item] of value.entries()) visit(items, item, `${path}[${index}]`, problems);
}

function visitObject(
  schema: JsonSchema,
  value: Readonly<Record<string, unknown>>,
  path: string,
  problems: Problem[],
): void {
  const { properties = {}, required = [], additionalProperties } = schema;
  for (const name of required) {
    // Every object inherits "constructor" and "toString": only own properties count.
    if (!Object.hasOwn(value, name) || value[name] === undefined)
      problems.push({ path: join(path, name), message: checkTexts.required });
  }
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property !== undefined) visit(property, item, join(path, name), problems);
    else if (additionalProperties === false) {
      problems.push({
        path: join(path, name),
        message: `${checkTexts.unknown}${didYouMean(name, Object.keys(properties))}`,
      });
    }
  }
}

function visitOneOf(shapes: readonly JsonSchema[], value: unknown, path: string, problems: Problem[]): void {
  const tag = tagOf(shapes);
  if (tag !== undefined) {
    visitTagged(tag, shapes, value, path, problems);
    return;
  }
  const fitting = shapes.filter((shape) => hasRequired(shape, value) && check(shape, value).length === 0);
  if (fitting.length === 1) return;
  const names = shapes.flatMap((shape) => Object.keys(shape.properties ?? {}));
  const example = JSON.stringify(Object.fromEntries([[names.at(1) ?? names[0] ?? 'id', '…']]));
  problems.push({
    path,
    message: fill(checkTexts.oneOf, { names: names.join(', '), example }),
  });
}

/** The property whose value selects the shape: each shape allows one value of it, and requires it. */
function tagOf(shapes: readonly JsonSchema[]): string | undefined {
  return shapes[0]?.required?.find((name) =>
    shapes.every(
      ({ properties, required }) =>
        properties?.[name]?.enum?.length === 1 && required?.includes(name) === true,
    ),
  );
}

/** The problems of the selected shape only: those of the others mean nothing to the reader. */
function visitTagged(
  tag: string,
  shapes: readonly JsonSchema[],
  value: unknown,
  path: string,
  problems: Problem[],
): void {
  const allowed = shapes.flatMap(({ properties }) => properties?.[tag]?.enum ?? []);
  const given = isRecord(value) && Object.hasOwn(value, tag) ? value[tag] : undefined;
  const shape = shapes.find(({ properties }) => properties?.[tag]?.enum?.[0] === given);
  if (shape !== undefined) visit(shape, value, path, problems);
  else if (isRecord(value)) {
    const type: JsonSchema = { type: 'object', properties: { [tag]: { enum: allowed } }, required: [tag] };
    visit(type, value, path, problems);
  } else visit({ type: 'object' }, value, path, problems);
}

/** Excludes most shapes before their problems are described, because those problems are not reported. */
function hasRequired({ required = [] }: JsonSchema, value: unknown): boolean {
  return !isRecord(value) || required.every((name) => Object.hasOwn(value, name));
}

function fitsType(type: JsonType | readonly JsonType[], value: unknown): boolean {
  return typeof type === 'string' ? isOfType(type, value) : type.some((one) => isOfType(one, value));
}

function isOfType(type: JsonType, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isRecord(value);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

function describeType({ type = [] }: JsonSchema): string {
  return (typeof type === 'string' ? [type] : type)
    .map((one: JsonType) => checkTexts.types[one])
    .join(checkTexts.or);
}

// The message does not contain the value, which can be a password.
function describeValue(value: unknown): string {
  const { types } = checkTexts;
  if (value === null) return types.null;
  if (Array.isArray(value)) return types.array;
  if (typeof value === 'object') return types.object;
  if (typeof value === 'string') return types.string;
  if (typeof value === 'number') return Number.isInteger(value) ? types.number : types.fraction;
  return typeof value === 'boolean' ? String(value) : typeof value;
}

// xsd:dateTime (RFC 7643 §2.3.5), with a zone.
const dateTimePattern =
  /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

function isDateTime(value: string): boolean {
  const [, year, month, day] = dateTimePattern.exec(value) ?? [];
  if (year === undefined) return false;
  // Date.parse accepts February 30 as March 2, so the day is validated here.
  return Number(day) >= 1 && Number(day) <= daysInMonth(Number(year), Number(month));
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  if (month < 1 || month > 12) return 0;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
