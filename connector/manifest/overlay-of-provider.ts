import { humanise } from '../../schemas/humanise.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { ScimAttribute, ScimSchema } from '../../schemas/scim-schema.ts';
import type { Manifest, Overlay } from './manifest.zod.ts';

/** What a provider says of itself: its `/ResourceTypes` and `/Schemas`, as `discover_provider` gives them. */
export interface ProviderSchemas {
  readonly resourceTypes: readonly unknown[];
  readonly schemas: readonly unknown[];
}

/**
 * Makes an overlay of the extensions that a provider has and the manifest does not know: each of their attributes
 * becomes a field, labelled by its name and explained by its description. What cannot be read as a schema is left out.
 */
export function overlayOfProvider(manifest: Manifest, { resourceTypes, schemas }: ProviderSchemas): Overlay {
  const found = new Map(schemas.filter(isSchema).map((schema) => [schema.id.toLowerCase(), schema]));
  const used = new Map<string, ScimSchema>();
  const resources = Object.entries(manifest.resources).map(([name, resource]) => {
    const known = new Set([resource.schema, ...resource.extensions].map((id) => id.toLowerCase()));
    const taken = new Set([
      ...keysOf(resource.fields),
      ...manifest.actions.flatMap(({ fields }) => keysOf(fields)),
      ...Object.values(manifest.fieldSets).flatMap(keysOf),
      ...Object.values(manifest.resources).map(({ reference }) => reference.key),
    ]);
    const extensions = extensionsOf(resourceTypes, resource.schema).flatMap((id) => {
      const schema = known.has(id.toLowerCase()) ? undefined : found.get(id.toLowerCase());
      if (schema !== undefined) used.set(schema.id, schema);
      return schema ?? [];
    });
    const fields = extensions.flatMap((schema) =>
      schema.attributes.filter(isWritable).map((attribute) => fieldOf(schema, attribute, taken)),
    );
    return [name, { extensions: extensions.map(({ id }) => id), fields }] as const;
  });
  return {
    overlayVersion: 1,
    title: "The provider's own attributes",
    schemas: [...used.values()] as unknown as NonNullable<Overlay['schemas']>,
    resources: Object.fromEntries(resources.filter(([, { extensions }]) => extensions.length > 0)),
  };
}

type OverlayField = NonNullable<NonNullable<Overlay['resources']>[string]['fields']>[number];

function fieldOf({ id, name }: ScimSchema, attribute: ScimAttribute, taken: Set<string>): OverlayField {
  // Two extensions may have an attribute of the same name: the later one is told by its schema, and by a number.
  const plain = attribute.name.replace(/\W/g, '_').replace(/^[^A-Za-z]+/, '') || 'attribute';
  const whole = `${(name ?? 'extension').replace(/\W/g, '_').replace(/^[^A-Za-z]+/, '')}_${plain}`;
  let key = taken.has(plain) ? whole : plain;
  for (let number = 2; taken.has(key); number += 1) key = `${whole}_${number}`;
  taken.add(key);
  const help = attribute.description?.trim() || `${humanise(attribute.name)}, an attribute of this provider`;
  return {
    key,
    title: humanise(attribute.name),
    help: /[.?!]$/.test(help) ? help : `${help}.`,
    attribute: `${id}:${attribute.name}`,
    advanced: true,
  };
}

/** The URIs of the extensions that a resource type with this schema has (RFC 7643 §6). */
function extensionsOf(resourceTypes: readonly unknown[], schema: string): readonly string[] {
  const type = resourceTypes
    .filter(isRecord)
    .find((one) => String(one.schema).toLowerCase() === schema.toLowerCase());
  const extensions = Array.isArray(type?.schemaExtensions) ? type.schemaExtensions : [];
  return extensions.filter(isRecord).flatMap(({ schema: id }) => (typeof id === 'string' ? [id] : []));
}

function isSchema(value: unknown): value is ScimSchema {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    Array.isArray(value.attributes) &&
    value.attributes.every(isAttribute)
  );
}

function isAttribute(value: unknown): value is ScimAttribute {
  return isRecord(value) && typeof value.name === 'string' && typeof value.type === 'string';
}

function isWritable({ mutability }: ScimAttribute): boolean {
  return mutability !== 'readOnly';
}

/** The keys of those that are fields; another entry refers to fields that stand elsewhere. */
function keysOf(entries: readonly object[]): readonly string[] {
  return entries.flatMap((entry: { readonly key?: string; readonly attribute?: string }) => {
    const key = entry.key ?? entry.attribute?.slice(entry.attribute.lastIndexOf(':') + 1);
    return key === undefined ? [] : [key];
  });
}
