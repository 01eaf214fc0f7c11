import { isRecord } from '../schemas/is-record.ts';
import type { AttributePath } from './filter/filter.ts';
import { formatPath, formatValue } from './filter/format-filter.ts';
import { FilterSyntaxError, parsePath } from './filter/parse-filter.ts';
import type { Attribute } from './schema/attribute.ts';
import type { ExtensionModel, ResourceModel } from './schema/resource-model.ts';

/** An attribute of a resource that a path names. */
export interface ResolvedPath {
  /** The extension that holds the attribute; undefined for core and common attributes. */
  readonly extension: ExtensionModel | undefined;
  readonly attribute: Attribute;
  readonly subAttribute: Attribute | undefined;
}

/** Finds what a path names; undefined when the resource has no such attribute. */
export function resolvePath(model: ResourceModel, path: AttributePath): ResolvedPath | undefined {
  const { schema } = path;
  const extension = schema === undefined || model.isCore(schema) ? undefined : model.extension(schema);
  if (schema !== undefined && extension === undefined && !model.isCore(schema)) return undefined;
  const attribute = (extension ?? model).attributes.get(path.attribute);
  if (attribute === undefined) return undefined;
  if (path.subAttribute === undefined) return { extension, attribute, subAttribute: undefined };
  const subAttribute = attribute.subAttributes.get(path.subAttribute);
  return subAttribute && { extension, attribute, subAttribute };
}

/**
 * Finds the attribute that a path such as `name.givenName` or `urn:…:User:department` names; undefined when there is
 * none. A condition in brackets makes no difference.
 */
export function findAttribute(model: ResourceModel, text: string): Attribute | undefined {
  return memoized(found, model, text, () => {
    const path = parseKnown(model, text);
    const resolved = path && resolvePath(model, path);
    return resolved?.subAttribute ?? resolved?.attribute;
  });
}

/** The extensions that have an attribute of this name. */
export function extensionsWith(model: ResourceModel, name: string): readonly ExtensionModel[] {
  return model.extensions.filter(({ attributes }) => attributes.get(name) !== undefined);
}

/** A path, spelled as the schemas spell it. */
export interface ResourcePath extends AttributePath {
  /** The path as text; it has a URI only when the attribute belongs to an extension. */
  readonly text: string;
  /** What the path names: the sub-attribute, if there is one. Undefined when no schema knows it. */
  readonly definition: Attribute | undefined;
  /** Whether the attribute is multi-valued. */
  readonly isList: boolean;
}

/**
 * Reads a path leniently: in any case, with or without the URI of the core schema, and an extension's attribute also
 * by its bare name if no other attribute has that name. Attributes without a schema stay unchanged.
 */
export function readPath(model: ResourceModel, text: string): ResourcePath {
  return memoized(read, model, text, () => readUncached(model, text));
}

type Memory<T> = WeakMap<ResourceModel, Map<string, T>>;

const found: Memory<Attribute | undefined> = new WeakMap();
const read: Memory<ResourcePath> = new WeakMap();
const jsonPaths: Memory<JsonPath> = new WeakMap();
const mostRemembered = 500;

/** The same few paths are read again and again. */
function memoized<T>(memory: Memory<T>, model: ResourceModel, text: string, make: () => T): T {
  let known = memory.get(model);
  if (known === undefined) {
    known = new Map<string, T>();
    memory.set(model, known);
  }
  const remembered = known.get(text);
  if (remembered !== undefined || known.has(text)) return remembered as T;
  const value = make();
  if (known.size < mostRemembered) known.set(text, value);
  return value;
}

function readUncached(model: ResourceModel, text: string): ResourcePath {
  const given = parseKnown(model, text) ?? { attribute: text };
  const extension = extensionOf(model, given);
  const schema =
    extension?.id ?? (given.schema !== undefined && !model.isCore(given.schema) ? given.schema : undefined);
  const home = schema === undefined ? model : extension;
  const attribute = home?.attributes.get(given.attribute);
  const sub = given.subAttribute === undefined ? undefined : attribute?.subAttributes.get(given.subAttribute);
  const path: AttributePath = {
    ...(schema !== undefined && { schema }),
    attribute: attribute?.name ?? given.attribute,
    ...(given.filter !== undefined && { filter: given.filter }),
    ...(given.subAttribute !== undefined && { subAttribute: sub?.name ?? given.subAttribute }),
  };
  return {
    ...path,
    text: formatPath(path),
    definition: given.subAttribute === undefined ? attribute : sub,
    isList: attribute?.multiValued === true,
  };
}

function extensionOf(model: ResourceModel, { schema, attribute }: AttributePath): ExtensionModel | undefined {
  if (schema !== undefined) return model.isCore(schema) ? undefined : model.extension(schema);
  if (model.attributes.get(attribute) !== undefined) return undefined;
  const [only, ...others] = extensionsWith(model, attribute);
  return others.length === 0 ? only : undefined;
}

/**
 * Parses a path; undefined if the text is not a path. Any URI of the model can precede the last colon, even one
 * that begins with another, and so can any name in a schema, even one that RFC 7643 §2.1 does not allow.
 */
function parseKnown(model: ResourceModel, text: string): AttributePath | undefined {
  const folded = text.toLowerCase();
  const [longest] = [model, ...model.extensions]
    .filter(({ id }) => folded.startsWith(`${id.toLowerCase()}:`))
    .toSorted((one, other) => other.id.length - one.id.length);
  if (longest === undefined) return parseIn(model, text);
  const rest = parseIn(longest, text.slice(longest.id.length + 1));
  return rest === undefined || rest.schema !== undefined
    ? parseOrNone(text)
    : { schema: longest.id, ...rest };
}

function parseIn({ attributes }: Pick<ResourceModel, 'attributes'>, text: string): AttributePath | undefined {
  return parseOrNone(text) ?? (attributes.get(text) && { attribute: text });
}

function parseOrNone(text: string): AttributePath | undefined {
  try {
    return parsePath(text, { unquotedStrings: true });
  } catch (error) {
    if (error instanceof FilterSyntaxError) return undefined;
    throw error;
  }
}

/**
 * Where a path leads: `urn:…:User:department` → [`urn:…:User`, `department`], `name.givenName` → [`name`, `givenName`].
 * A condition in brackets is omitted.
 */
export function jsonPathOf(model: ResourceModel, text: string): JsonPath {
  return memoized(jsonPaths, model, text, () => {
    const { schema, attribute, subAttribute } = readPath(model, text);
    return [
      ...(schema === undefined ? [] : [schema]),
      attribute,
      ...(subAttribute === undefined ? [] : [subAttribute]),
    ];
  });
}

/** The path of the item of a list that has a value, such as a member of a group: `members[value eq "2819c223"]`. */
export function itemPath(list: string, value: string): string {
  return `${list}[value eq ${formatValue(value)}]`;
}

/** The value in a path that {@link itemPath} made; undefined for any other path. */
export function valueOfItemPath({ filter, subAttribute }: AttributePath): string | undefined {
  if (filter?.kind !== 'compare' || subAttribute !== undefined) return undefined;
  const { path, operator, value } = filter;
  const { schema, attribute, filter: inner, subAttribute: below } = path;
  const isValue = attribute === 'value' && schema === undefined && inner === undefined && below === undefined;
  return isValue && operator === 'eq' && typeof value === 'string' ? value : undefined;
}

/**
 * Whether a change at one path is a change of another: they are the same, or one is below the other. A member,
 * `members[value eq "…"]`, is below `members`.
 */
export function isAtPath(changed: string, wanted: string): boolean {
  const [one, other] = [changed.toLowerCase(), wanted.toLowerCase()];
  return one === other || isBelow(one, other) || isBelow(other, one);
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(above) && /^[.[:]/.test(path.slice(above.length));
}

/** The keys that lead to a value in SCIM's JSON. */
export type JsonPath = readonly string[];

/** The values at a path: one, or those of each item of a multi-valued attribute on the way; none when it is absent. */
export function valuesAt(value: unknown, path: JsonPath): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  const [key, ...rest] = path;
  if (key === undefined) return value === undefined || value === null ? [] : [value];
  return isRecord(value) ? valuesAt(value[key], rest) : [];
}

/** The value at a path through objects; undefined without one. */
export function followPath(start: unknown, path: JsonPath): unknown {
  let value = start;
  // Without an iterator: a plan does this for each attribute of each user.
  for (let at = 0; at < path.length; at += 1) {
    const key = path[at] ?? '';
    value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

/** Sets a value at a path, making the objects on the way. A path through `__proto__`, which leads to all objects, sets nothing. */
export function setAt(target: Record<string, unknown>, path: JsonPath, value: unknown): void {
  const [key = '', ...rest] = path;
  if (key === '__proto__') return;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = isRecord(target[key]) ? target[key] : {};
  target[key] = inner;
  setAt(inner, rest, value);
}
