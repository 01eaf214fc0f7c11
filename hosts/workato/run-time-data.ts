import type {
  ActionDefinition,
  ConnectorDefinition,
  Field,
  ResourceDefinition,
} from '../../connector/definition/definition.ts';
import { objectOf } from '../../connector/definition/object-of.ts';
import type { ScimAttribute } from '../../schemas/scim-schema.ts';
import { connectionFields } from './connection-fields.ts';
import { createSchemaPool } from './schema-pool.ts';

/** JSON, by name. */
export type Data = Readonly<Record<string, unknown>>;

/** What the Ruby run-time needs to know of the definition: no more than that, since all of it is shipped. */
export type RunTimeData = {
  /** What a connection must be. */
  readonly connection: Data;
  readonly resources: Readonly<Record<string, Data>>;
  readonly actions: Readonly<Record<string, Data>>;
  /** The parts that schemas have in common, by the names that `$ref` gives. */
  readonly schemas: Readonly<Record<string, Data>>;
};

/** Makes the data of the run-time. */
export function runTimeData(definition: ConnectorDefinition): RunTimeData {
  const { resources, actions } = definition;
  const pool = createSchemaPool();
  return {
    connection: pool.whole(objectOf(connectionFields(definition))),
    resources: mapValues(resources, resourceData),
    actions: Object.fromEntries(
      actions.map((action) => [action.key, { ...actionData(action), input: pool.whole(action.input) }]),
    ),
    schemas: pool.shared(),
  };
}

function actionData({ operation, fields }: ActionDefinition): Data {
  return {
    operation,
    ...(takesResource(operation) && { takesResource: true }),
    fields: fields.filter(isNeeded).map(fieldData),
  };
}

/** Whether a whole resource is given, so that a provider's own extensions may be given too. */
export function takesResource(operation: ActionDefinition['operation']): boolean {
  return (
    operation.type === 'create' ||
    operation.type === 'replace' ||
    (operation.type === 'patch' && operation.operations === 'given')
  );
}

function isNeeded({ attribute, default: preset, kind }: Field): boolean {
  return attribute !== undefined || preset !== undefined || kind === 'references';
}

function fieldData({ key, attribute, default: preset, kind, resource }: Field): Data {
  return {
    key,
    attribute,
    default: preset,
    ...(kind === 'references' && { kind, resource }),
  };
}

function resourceData(resource: ResourceDefinition): Data {
  const { name, title, endpoint, schema, extensions, attributes, extensionAttributes, output } = resource;
  return {
    name,
    title,
    endpoint,
    schema,
    extensions,
    extensionNames: extensions.map((id) => output.properties?.[id]?.['x-name'] ?? id),
    reference: resource.reference.key,
    namedBy: resource.namedBy.map(({ key, attributes: names }) => ({ key, attributes: names })),
    identifiedBy: resource.identifiedBy,
    attributes: attributes.map(attributeData),
    extensionAttributes: mapValues(extensionAttributes, (own) => own.map(attributeData)),
  };
}

/** An attribute without what is so by itself (RFC 7643 §2.2). */
function attributeData(attribute: ScimAttribute): Data {
  const { name, type, multiValued, caseExact, mutability, returned, subAttributes, ...rest } = attribute;
  return {
    name,
    type,
    ...(rest.description !== undefined && { description: rest.description }),
    ...(multiValued === true && { multiValued }),
    ...(caseExact === true && { caseExact }),
    ...(mutability === 'readOnly' && { mutability }),
    ...(returned === 'never' && { returned }),
    ...(rest.canonicalValues !== undefined && { canonicalValues: rest.canonicalValues }),
    ...(subAttributes !== undefined && { subAttributes: subAttributes.map(attributeData) }),
  };
}

function mapValues<From, To>(
  values: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}
