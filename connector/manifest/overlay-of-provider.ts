import { humanize } from '../../schemas/humanize.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { ScimAttribute, ScimSchema } from '../../schemas/scim-schema.ts';
import type { Manifest } from './manifest.zod.ts';
import type { Overlay } from './overlay.zod.ts';
import { readProviderSchema } from './read-provider-schema.ts';

/** The discovery data of a provider: its `/ResourceTypes` and `/Schemas`, as `discover_provider` returns them. */
export interface ProviderSchemas {
  readonly resourceTypes: readonly unknown[];
  readonly schemas: readonly unknown[];
}

/**
 * Creates an overlay of a provider's extensions that are not in the manifest: each of their attributes
 * becomes a field, labeled by its name and explained by its description. Invalid schemas are omitted,
 * so that the overlay passes every check of {@link parseOverlay} and {@link compileManifest}.
 */
export function overlayOfProvider(manifest: Manifest, { resourceTypes, schemas }: ProviderSchemas): Overlay {
  const found = new Map(
    schemas.flatMap((schema) => readProviderSchema(schema) ?? []).map((schema) => [fold(schema.id), schema]),
  );
  // A provider must not redefine the manifest's own schemas.
  for (const { schema, extensions } of Object.values(manifest.resources)) {
    for (const id of [schema, ...extensions]) found.delete(fold(id));
  }
  const used = new Map<string, ScimSchema>();
  const resources = Object.entries(manifest.resources).map(([name, resource]) => {
    const taken = new Set(
      [
        ...keysOf(resource.fields),
        ...manifest.actions.flatMap(({ fields }) => keysOf(fields)),
        ...Object.values(manifest.fieldSets).flatMap(keysOf),
        ...Object.values(manifest.resources).map(({ reference }) => reference.key),
      ].map(fold),
    );
    const extensions = extensionsOf(resourceTypes, resource.schema).flatMap(
      (id) => found.get(fold(id)) ?? [],
    );
    for (const schema of extensions) used.set(schema.id, schema);
    const fields = [...new Set(extensions)].flatMap((schema) =>
      schema.attributes.filter(isWritable).map((attribute) => fieldOf(schema, attribute, taken)),
    );
    const ids = [...new Set(extensions.map(({ id }) => id))];
    return [name, { extensions: ids, fields }] as [string, { extensions: string[]; fields: OverlayField[] }];
  });
  return {
    overlayVersion: 1,
    title: "The provider's own attributes",
    schemas: [...used.values()] as unknown as NonNullable<Overlay['schemas']>,
    resources: Object.fromEntries(resources.filter(([, { extensions }]) => extensions.length > 0)),
  };
}

type OverlayField = NonNullable<NonNullable<Overlay['resources']>[string]['fields']>[number];

// The limits in the manifest's schema; see texts.zod.ts.
const maxKeyLength = 60;
const maxTitleLength = 80;
const maxHelpLength = 400;
const minHelpLength = 10;

function fieldOf({ id, name }: ScimSchema, attribute: ScimAttribute, taken: Set<string>): OverlayField {
  const key = freeKey(keyOf(attribute.name, 'attribute'), keyOf(name ?? '', 'extension'), taken);
  taken.add(fold(key));
  return {
    key,
    title: titleOf(attribute.name),
    help: helpOf(attribute),
    attribute: `${id}:${attribute.name}`,
    advanced: true,
  };
}

function keyOf(name: string, otherwise: string): string {
  return name.replace(/\W/g, '_').replace(/^[^A-Za-z]+/, '') || otherwise;
}

/** Two extensions can have an attribute of the same name: the later one gets the name of its schema and a number. */
function freeKey(plain: string, owner: string, taken: ReadonlySet<string>): string {
  const whole = `${owner}_${plain}`;
  const isFree = (key: string): boolean => key.length <= maxKeyLength && !taken.has(fold(key));
  if (isFree(plain)) return plain;
  if (isFree(whole)) return whole;
  for (let number = 2; ; number += 1) {
    const ending = `_${number}`;
    const key = `${whole.slice(0, maxKeyLength - ending.length)}${ending}`;
    if (isFree(key)) return key;
  }
}

function titleOf(name: string): string {
  const title = humanize(name);
  return title.length < 2 ? `Attribute ${title}` : cut(title, maxTitleLength);
}

function helpOf({ name, description }: ScimAttribute): string {
  const text =
    description !== undefined && description.length >= minHelpLength
      ? description
      : `${cut(humanize(name), maxTitleLength)}, an attribute of this provider`;
  const help = cut(text, maxHelpLength - 1);
  return /[.?!]$/.test(help) ? help : `${help}.`;
}

function cut(text: string, length: number): string {
  // Half a surrogate pair at the end would not be valid Unicode.
  return text.length <= length
    ? text
    : `${text
        .slice(0, length - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`;
}

/** The URIs of the extensions of a resource type with this schema (RFC 7643 §6). */
function extensionsOf(resourceTypes: readonly unknown[], schema: string): readonly string[] {
  const type = resourceTypes
    .filter(isRecord)
    .find((one) => typeof one.schema === 'string' && fold(one.schema) === fold(schema));
  const extensions = Array.isArray(type?.schemaExtensions) ? type.schemaExtensions : [];
  return extensions.filter(isRecord).flatMap(({ schema: id }) => (typeof id === 'string' ? [id] : []));
}

function isWritable({ mutability }: ScimAttribute): boolean {
  return mutability !== 'readOnly';
}

// URNs (RFC 8141 §3.1) and attribute names (RFC 7643 §2.1) compare case-insensitively.
function fold(text: string): string {
  return text.toLowerCase();
}

/** The keys of the entries that are fields. Other entries refer to fields elsewhere. */
function keysOf(entries: readonly object[]): readonly string[] {
  return entries.flatMap((entry: { readonly key?: string; readonly attribute?: string }) => {
    const key = entry.key ?? entry.attribute?.slice(entry.attribute.lastIndexOf(':') + 1);
    return key === undefined ? [] : [key];
  });
}
