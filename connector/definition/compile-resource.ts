import type { JsonSchema } from '../../schemas/json-schema.ts';
import { modelOf, type ResourceSchema } from '../../scim/schema/resource-model.ts';
import type { ResourceDeclaration } from '../manifest/resource.zod.ts';
import { commonSchema, extensionObjects, receivedAttributes } from './attribute-schemas.ts';
import { type CompileContext, reportUnknownPaths, schemaOf } from './compile-context.ts';
import { compileField } from './compile-fields.ts';
import type { ResourceDefinition } from './definition.ts';
import { referenceField } from './reference-field.ts';

/** Resolves the schemas of a resource type, and compiles its fields and the schema of its responses. */
export function compileResource(
  context: CompileContext,
  name: string,
  declared: ResourceDeclaration,
): ResourceDefinition {
  const path = `resources.${name}`;
  const common = (schemaOf(context, commonSchema, path)?.attributes ?? []).map((attribute) =>
    attribute.name === 'id' ? { ...attribute, title: `${declared.title} ID` } : attribute,
  );
  const own = schemaOf(context, declared.schema, `${path}.schema`)?.attributes ?? [];
  const extensions = declared.extensions.flatMap((id) => schemaOf(context, id, `${path}.extensions`) ?? []);
  const attributes = [...common, ...own];
  const schema: ResourceSchema = {
    name,
    schema: declared.schema,
    extensions: declared.extensions,
    attributes,
    extensionAttributes: Object.fromEntries(extensions.map(({ id, attributes: own }) => [id, own])),
  };
  const model = modelOf(schema);
  const output: JsonSchema = {
    type: 'object',
    'x-name': name,
    properties: {
      ...receivedAttributes(context, attributes, name),
      ...extensionObjects(extensions, 'received'),
    },
    required: ['id'],
  };
  const roles = declared.roles ?? [];
  const retainedAttributes = [...new Set([...(declared.retainedAttributes ?? []), ...roles])];
  reportUnknownPaths(context, `${path}.roles`, roles, [model]);
  reportUnknownPaths(context, `${path}.retainedAttributes`, retainedAttributes, [model]);
  return {
    ...schema,
    title: declared.title,
    endpoint: declared.endpoint,
    reference: referenceField(name, declared),
    lookupKeys: declared.reference.lookupKeys.map(({ key, attributes: names }) => ({
      key,
      attributes: names,
    })),
    uniqueKeys: declared.uniqueKeys,
    roles,
    retainedAttributes,
    fields: declared.fields.map((field) => compileField(context, field, `${path}.fields`, model)),
    output,
    sample: declared.sample,
  };
}
