import { humanize } from '../../schemas/humanize.ts';
import type { ScimAttribute, ScimSchema } from '../../schemas/scim-schema.ts';
import type { Manifest } from '../manifest/manifest.zod.ts';

/**
 * The schemas with a title on every attribute: that of the field for the attribute, so that forms and outputs
 * use the same label; otherwise the manifest's `attributeTitles`, by path or by name; otherwise derived from the name.
 */
export function addTitles(
  schemas: readonly ScimSchema[],
  { resources, attributeTitles }: Manifest,
): readonly ScimSchema[] {
  const ofFields = new Map(
    Object.values(resources).flatMap(({ schema, fields }) =>
      fields.flatMap(({ attribute, title }) => {
        if (attribute === undefined) return [];
        return [[attribute.startsWith('urn:') ? attribute : `${schema}:${attribute}`, title] as const];
      }),
    ),
  );
  const cores = new Set(Object.values(resources).map(({ schema }) => schema));

  return schemas.map((schema) => {
    // Attributes of a core schema and common attributes are named without a URI.
    const prefix = cores.has(schema.id) || schema.id.startsWith('urn:rolecall:') ? '' : `${schema.id}:`;
    const withTitle = (attribute: ScimAttribute, above: string): ScimAttribute => {
      const { name, subAttributes } = attribute;
      const path = above === '' ? name : `${above}.${name}`;
      const title =
        ofFields.get(`${schema.id}:${path}`) ??
        attributeTitles[`${prefix}${path}`] ??
        attributeTitles[name] ??
        humanize(name);
      return {
        ...attribute,
        title,
        ...(subAttributes !== undefined && {
          subAttributes: subAttributes.map((one) => withTitle(one, path)),
        }),
      };
    };
    return {
      ...schema,
      title: attributeTitles[schema.id] ?? humanize(schema.name ?? schema.id),
      attributes: schema.attributes.map((one) => withTitle(one, '')),
    };
  });
}
