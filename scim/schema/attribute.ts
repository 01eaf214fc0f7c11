import type { ScimAttribute, ScimAttributeType } from '../../schemas/scim-schema.ts';

/** An attribute, compiled for lookup: every characteristic of RFC 7643 §2.2 is filled in with its default. */
export interface Attribute {
  /** The name in its schema's spelling. */
  readonly name: string;
  /** The name that messages use, such as `emails.value`. */
  readonly label: string;
  readonly type: ScimAttributeType;
  readonly multiValued: boolean;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned: 'always' | 'never' | 'default' | 'request';
  readonly uniqueness: 'none' | 'server' | 'global';
  /** The sub-attributes of a complex attribute; empty for all others. */
  readonly subAttributes: AttributeTable;
  /** The attribute as its schema defines it. */
  readonly definition: ScimAttribute;
}

/** Attributes by name, in any spelling. */
export interface AttributeTable {
  /** The attributes in the order of their schema. */
  readonly list: readonly Attribute[];
  /** Finds an attribute case-insensitively (RFC 7643 §2.1). */
  get(name: string): Attribute | undefined;
}

/** Compiles the attributes of a schema into a table. */
export function compileAttributes(definitions: readonly ScimAttribute[], owner = ''): AttributeTable {
  return attributeTable(definitions.map((definition) => compileAttribute(definition, owner)));
}

/** Whether clients can store an attribute: never `id`, `meta` and `schemas`, and no password is kept. */
export function isStored({ name, mutability }: Attribute): boolean {
  return mutability !== 'readOnly' && mutability !== 'writeOnly' && name !== 'schemas';
}

/** Creates a table of attributes that are compiled already. */
export function attributeTable(list: readonly Attribute[]): AttributeTable {
  const byName = new Map<string, Attribute>();
  for (const attribute of list) {
    for (const name of [attribute.name, attribute.name.toLowerCase()]) {
      if (!byName.has(name)) byName.set(name, attribute);
    }
  }
  // Clients nearly always send the schema's own spelling, so that is tried before any case is folded.
  return { list, get: (name) => byName.get(name) ?? byName.get(name.toLowerCase()) };
}

function compileAttribute(definition: ScimAttribute, owner: string): Attribute {
  const label = owner + definition.name;
  const type = oneOf(attributeTypes, definition.type, `type of ${label}`);
  return Object.freeze({
    name: definition.name,
    label,
    type,
    multiValued: definition.multiValued ?? false,
    required: definition.required ?? false,
    caseExact: definition.caseExact ?? alwaysExact.has(type),
    mutability: oneOf(mutabilities, definition.mutability ?? 'readWrite', `mutability of ${label}`),
    returned: oneOf(returnedValues, definition.returned ?? 'default', `returned of ${label}`),
    uniqueness: oneOf(uniquenesses, definition.uniqueness ?? 'none', `uniqueness of ${label}`),
    subAttributes: compileAttributes(definition.subAttributes ?? [], `${label}.`),
    definition,
  });
}

const attributeTypes = [
  'string',
  'boolean',
  'decimal',
  'integer',
  'dateTime',
  'reference',
  'binary',
  'complex',
] as const;
const mutabilities = ['readOnly', 'readWrite', 'immutable', 'writeOnly'] as const;
const returnedValues = ['always', 'never', 'default', 'request'] as const;
const uniquenesses = ['none', 'server', 'global'] as const;
// RFC 7643 §2.3.6 and §2.3.7: base64 text and URIs mean something else in another case.
const alwaysExact: ReadonlySet<ScimAttributeType> = new Set<ScimAttributeType>(['binary', 'reference']);

function oneOf<const T extends string>(allowed: readonly T[], value: string, what: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new TypeError(`The ${what} is "${value}", which RFC 7643 does not know`);
  return found;
}
