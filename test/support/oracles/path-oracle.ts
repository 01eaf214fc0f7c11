import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import type { ScimAttribute } from '../../../schemas/scim-schema.ts';

// A second reading of paths, by cutting text: it shares nothing with scim/ but the schemas.

/** Where a path leads. */
export interface NaivePath {
  /** The keys of SCIM's JSON that lead there. */
  readonly keys: readonly string[];
  /** Of `members[value eq "…"]`: the value. */
  readonly item?: string;
}

/** Reads a path of an attribute, of a sub-attribute, or of one item of a list. */
export function readNaively(
  { schema, extensions, attributes, extensionAttributes }: ResourceDefinition,
  text: string,
): NaivePath {
  const open = text.indexOf('[');
  const close = text.lastIndexOf(']');
  const plain = open < 0 ? text : text.slice(0, open) + text.slice(close + 1);
  const colon = plain.lastIndexOf(':');
  const [name = '', sub] = plain.slice(colon + 1).split('.');
  const uri = colon < 0 ? undefined : extensions.find((id) => isSame(id, plain.slice(0, colon)));
  if (colon >= 0 && uri === undefined && !isSame(plain.slice(0, colon), schema))
    throw new Error(`There is no schema for ${text}`);
  const attribute = named(uri === undefined ? attributes : (extensionAttributes[uri] ?? []), name);
  const keys = [
    ...(uri === undefined ? [] : [uri]),
    attribute.name,
    ...(sub === undefined ? [] : [named(attribute.subAttributes ?? [], sub).name]),
  ];
  if (open < 0) return { keys };
  const condition = text.slice(open + 1, close);
  if (!condition.toLowerCase().startsWith('value eq ')) throw new Error(`${text} names no item`);
  return { keys, item: JSON.parse(condition.slice('value eq '.length)) };
}

function named(attributes: readonly ScimAttribute[], name: string): ScimAttribute {
  const found = attributes.filter((one) => isSame(one.name, name))[0];
  if (found === undefined) throw new Error(`There is no attribute ${name}`);
  return found;
}

function isSame(one: string, other: string): boolean {
  return one.localeCompare(other, 'en', { sensitivity: 'accent' }) === 0;
}
