import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import { exportColumn } from '../../../report/export-columns.ts';
import { isRecord } from '../../../schemas/is-record.ts';

type Json = Readonly<Record<string, unknown>>;

/** The attributes that describe the representation of a resource, not the resource. */
const technical: ReadonlySet<string> = new Set(['schemas', 'meta']);

/**
 * Creates the function that makes a resource easy to use for later nodes: the ID and the names come first, such as the
 * primary email address, and the attributes of extensions are next to all others. An attribute with the name of another
 * one stays in its extension.
 */
export function createSimplifier(definition: ResourceDefinition): (resource: Json) => Json {
  const { lookupKeys, attributes, extensionAttributes } = definition;
  const names = lookupKeys.map(
    ({ key, attributes: [path = key] }) => [key, exportColumn(definition, path)] as const,
  );
  const own = new Set([...lookupKeys.map(({ key }) => key), ...attributes.map(({ name }) => name)]);
  const owners = new Map(
    Object.entries(extensionAttributes).flatMap(([schema, all]) => all.map(({ name }) => [name, schema])),
  );
  return (resource) => {
    const simple: Record<string, unknown> = {};
    for (const [key, column] of names) {
      const value = resource[key] ?? column?.values(resource as { id: string })[0];
      if (value !== undefined) simple[key] = value;
    }
    const entries = Object.entries(resource).filter(([name]) => !technical.has(name));
    for (const [name, value] of entries) if (!isExtension(name, value)) simple[name] = value;
    for (const [schema, extension] of entries) {
      if (!isExtension(schema, extension)) continue;
      const kept: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(extension)) {
        const isFree = !own.has(name) && !(name in simple) && (owners.get(name) ?? schema) === schema;
        (isFree ? simple : kept)[name] = value;
      }
      if (Object.keys(kept).length > 0) simple[schema] = kept;
    }
    return simple;
  };
}

function isExtension(name: string, value: unknown): value is Json {
  return name.includes(':') && isRecord(value);
}
