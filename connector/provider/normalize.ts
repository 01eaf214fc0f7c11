import { isRecord } from '../../schemas/is-record.ts';
import type { ScimAttribute } from '../../schemas/scim-schema.ts';
import type { ResourceDefinition } from '../definition/definition.ts';
import { errorParts, errorTexts, fillError } from '../error-texts.ts';
import { ConnectorError } from '../errors.ts';
import type { Resource } from '../resource.ts';
import { lastSegment } from './resource-path.ts';

/** Reads a resource in a response. @throws ConnectorError `provider_fault` if it is not a resource. */
export type Normalizer = (body: unknown) => Resource;

/**
 * Creates the reader of one resource type. It is lenient: attribute names and URIs in any case are corrected, the
 * strings `"True"` and `"False"` become booleans, IDs that are numbers become strings, a lone value of a
 * multi-valued attribute becomes a list, a reference that has only a `$ref` gets its `value`, and null, which means
 * "no value" (RFC 7643 §2.5), is omitted. What the schemas do not know is kept as it is.
 */
export function createNormalizer(resource: ResourceDefinition): Normalizer {
  const shape = shapeOf(resource.attributes);
  for (const [id, attributes] of Object.entries(resource.extensionAttributes)) {
    addReader(shape, id, { name: id, read: objectReader(shapeOf(attributes)) });
  }
  const read = objectReader(shape);
  return (body) => {
    const result = isRecord(body) ? read(body) : undefined;
    if (isRecord(result) && typeof result.id === 'string' && result.id !== '')
      return result as unknown as Resource;
    throw new ConnectorError('provider_fault', {
      ...fillError(errorTexts.notAResource, {
        resource: resource.title,
        reason: isRecord(body) ? errorParts.noId : errorParts.noObject,
      }),
    });
  };
}

type Reader = (value: unknown) => unknown;
type Shape = Map<string, { readonly name: string; readonly read: Reader }>;

function shapeOf(attributes: readonly ScimAttribute[]): Shape {
  const shape: Shape = new Map();
  for (const attribute of attributes)
    addReader(shape, attribute.name, { name: attribute.name, read: readerOf(attribute) });
  return shape;
}

// Both spellings are entered, so that the usual one needs no lower-casing.
function addReader(
  shape: Shape,
  name: string,
  reader: { readonly name: string; readonly read: Reader },
): void {
  shape.set(name, reader);
  shape.set(name.toLowerCase(), reader);
}

function readerOf(attribute: ScimAttribute): Reader {
  const read = attribute.type === 'complex' ? complexReader(attribute) : scalarReader(attribute);
  if (attribute.multiValued !== true) return read;
  return (value) => {
    const items = itemsOf(value);
    return items.every((item) => isPresent(item) && read(item) === item)
      ? items
      : items.filter(isPresent).map(read);
  };
}

/** The items of a multi-valued attribute. PHP writes an empty list as `{}` or `""`, and one with gaps as `{"0": …, "2": …}`. */
function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value === '') return [];
  return isRecord(value) && Object.keys(value).every((key) => /^\d+$/.test(key))
    ? Object.values(value)
    : [value];
}

function isPresent(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function complexReader({ subAttributes = [] }: ScimAttribute): Reader {
  const read = objectReader(shapeOf(subAttributes));
  const isReference = ['value', '$ref'].every((wanted) => subAttributes.some(({ name }) => name === wanted));
  return isReference ? (value) => withValue(read(value)) : read;
}

/** A reference with the ID of its resource as `value`: some providers show only the URL (`$ref`), or an `id`. */
function withValue(reference: unknown): unknown {
  if (!isRecord(reference) || reference.value !== undefined) return reference;
  const { id, $ref: url } = reference;
  if (typeof id === 'string' || typeof id === 'number')
    return { value: typeof id === 'number' ? exactText(id) : id, ...reference };
  if (typeof url !== 'string') return reference;
  const value = lastSegment(url.replace(/[?#].*$/, '').replace(/\/+$/, ''));
  return value === '' ? reference : { value, ...reference };
}

function objectReader(shape: Shape): Reader {
  return (value) => {
    if (!isRecord(value)) return value;
    // Most objects are as they should be. Then no copy is made, because a page of copies outlives the next collection.
    for (const name in value) if (!isReadAsItIs(shape, name, value[name])) return copyOf(shape, value);
    return value;
  };
}

function isReadAsItIs(shape: Shape, name: string, item: unknown): boolean {
  if (!isPresent(item) || name === '__proto__') return false;
  const reader = shape.get(name) ?? shape.get(name.toLowerCase());
  return reader === undefined || (reader.name === name && reader.read(item) === item);
}

function copyOf(shape: Shape, value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  for (const name in value) {
    const item = value[name];
    if (!isPresent(item) || name === '__proto__') continue;
    const reader = shape.get(name) ?? shape.get(name.toLowerCase());
    if (reader === undefined) result[name] = item;
    else result[reader.name] = reader.read(item);
  }
  return result;
}

function scalarReader({ type }: ScimAttribute): Reader {
  switch (type) {
    case 'boolean':
      return readBoolean;
    case 'string':
    case 'reference':
      return (value) => (typeof value === 'number' ? exactText(value) : value);
    default:
      return (value) => value;
  }
}

function readBoolean(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const word = value.toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : value;
}

/** @throws ConnectorError for a number that JSON cannot hold exactly: rounded, the ID of one user becomes that of another. */
function exactText(value: number): string {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return String(value);
  throw new ConnectorError('provider_fault', fillError(errorTexts.numberInexact, { value }));
}
