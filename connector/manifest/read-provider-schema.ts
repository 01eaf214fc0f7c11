import { isRecord } from '../../schemas/is-record.ts';
import type { ScimAttribute, ScimSchema } from '../../schemas/scim-schema.ts';

// A schema URI that a SCIM path can begin with (RFC 7643 §10.1): others, such as "http://…", cannot be used in a filter.
// The namespace of Rolecall's own schemas is reserved.
const urnPattern = /^urn:(?!rolecall:)[\w.:%~!$&'*+;=@-]+$/i;
// RFC 7643 §2.1 ATTRNAME, and names that begin with a digit, which some providers use. A name with a dot or a colon
// would be read as a path, and `__proto__` would affect all objects.
const namePattern = /^(?!__proto__$)[\w-][\w$-]*$/;
const subNamePattern = /^[A-Za-z$][\w$-]*$/;

const types = ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary'] as const;
const mutabilities = ['readOnly', 'readWrite', 'immutable', 'writeOnly'] as const;
const returnedValues = ['always', 'never', 'default', 'request'] as const;

/**
 * Reads a schema that a provider returns at `/Schemas`, whatever its quality: invalid parts are omitted, so that
 * the rest is a schema of RFC 7643 §7. Undefined if it is not the schema of an extension that a path can name.
 */
export function readProviderSchema(value: unknown): ScimSchema | undefined {
  if (!isRecord(value) || typeof value.id !== 'string' || !urnPattern.test(value.id)) return undefined;
  const attributes = readAttributes(value.attributes, namePattern).filter(({ type, subAttributes }) =>
    // RFC 7643 §2.3.8: a complex attribute consists of sub-attributes.
    type === 'complex' ? subAttributes !== undefined : true,
  );
  return {
    id: value.id,
    ...optional('name', text(value.name)),
    ...optional('description', text(value.description)),
    attributes,
  };
}

function readAttributes(value: unknown, pattern: RegExp): readonly ScimAttribute[] {
  const isSub = pattern === subNamePattern;
  const byName = new Map<string, ScimAttribute>();
  for (const one of Array.isArray(value) ? value : []) {
    if (!isRecord(one) || typeof one.name !== 'string' || !pattern.test(one.name)) continue;
    // Names compare case-insensitively (RFC 7643 §2.1): of two equal names, the first is used.
    const key = one.name.toLowerCase();
    if (!byName.has(key)) byName.set(key, readAttribute(one.name, one, isSub));
  }
  return [...byName.values()];
}

function readAttribute(
  name: string,
  value: Readonly<Record<string, unknown>>,
  isSub: boolean,
): ScimAttribute {
  // RFC 7643 §2.3.8: a complex attribute has no complex sub-attributes.
  const subAttributes = isSub ? [] : readAttributes(value.subAttributes, subNamePattern);
  const isComplex = typeof value.type === 'string' && value.type.toLowerCase() === 'complex';
  return {
    name,
    type: isComplex && !isSub ? 'complex' : (oneOf(types, value.type) ?? 'string'),
    multiValued: value.multiValued === true,
    ...optional('description', text(value.description)),
    ...optional('canonicalValues', texts(value.canonicalValues)),
    ...optional('mutability', oneOf(mutabilities, value.mutability)),
    ...optional('returned', oneOf(returnedValues, value.returned)),
    ...(typeof value.required === 'boolean' && { required: value.required }),
    ...(typeof value.caseExact === 'boolean' && { caseExact: value.caseExact }),
    ...(isComplex && subAttributes.length > 0 && { subAttributes }),
  };
}

function oneOf<const T extends string>(allowed: readonly T[], value: unknown): T | undefined {
  return typeof value === 'string'
    ? allowed.find((one) => one.toLowerCase() === value.toLowerCase())
    : undefined;
}

function text(value: unknown): string | undefined {
  const trimmed = typeof value === 'string' ? value.trim() : '';
  return trimmed === '' ? undefined : trimmed;
}

function texts(value: unknown): readonly string[] | undefined {
  const found = (Array.isArray(value) ? value : []).flatMap((one) => text(one) ?? []);
  return found.length === 0 ? undefined : [...new Set(found)];
}

function optional<const K extends string, V>(name: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in K]?: V });
}
