import type { ResourceDefinition } from '../../connector/definition/definition.ts';
import { humanize } from '../../schemas/humanize.ts';
import { isRecord } from '../../schemas/is-record.ts';
import type { JsonSchema } from '../../schemas/json-schema.ts';
import { definitionNamed } from './definition-named.ts';
import { fieldNames } from './field-names.ts';
import { type RubyValue, symbols } from './ruby.ts';
import { resourceOfSample } from './samples.ts';
import { snakeCase } from './snake-case.ts';

/** The datapills of an output, or those of a resource by reference: `object_definitions['user']`. */
export function outputFields(
  schema: JsonSchema,
  sample: unknown,
  resources: readonly ResourceDefinition[],
): RubyValue {
  const named = resources.find(({ name }) => name === schema['x-name']);
  // Rows of several actions have no schema of their own: what they mostly return shows in the sample.
  const resource =
    named ?? (schema.properties === undefined ? resourceOfSample(sample, resources) : undefined);
  if (resource !== undefined) return definitionNamed(snakeCase(resource.name));
  return fieldsOf(propertiesOf(schema, sample), sample, resources);
}

/** The same in parts: the datapills of a resource by reference, then those that the schema adds to them. */
export function outputParts(
  schema: JsonSchema,
  sample: unknown,
  resources: readonly ResourceDefinition[],
): readonly RubyValue[] {
  const { properties = {} } = schema;
  const extended = resources.find(({ output }) => {
    const own = Object.entries(output.properties ?? {});
    return own.length > 0 && own.every(([name, property]) => properties[name] === property);
  });
  if (extended === undefined) return [outputFields(schema, sample, resources)];
  const added = Object.entries(properties).filter(
    ([name]) => extended.output.properties?.[name] === undefined,
  );
  const fields = fieldsOf(added, undefined, resources);
  return [definitionNamed(snakeCase(extended.name)), ...(fields.length === 0 ? [] : [fields])];
}

function fieldsOf(
  properties: readonly (readonly [string, JsonSchema])[],
  sample: unknown,
  resources: readonly ResourceDefinition[],
): readonly RubyValue[] {
  const names = fieldNames(properties.map(([name]) => name));
  return properties.map(([name, schema]) =>
    outputField(
      { name: names.get(name), label: schema.title ?? humanize(schema['x-name'] ?? name) },
      schema,
      isRecord(sample) ? sample[name] : undefined,
      resources,
    ),
  );
}

function outputField(
  named: { readonly name: string | undefined; readonly label: string },
  schema: JsonSchema,
  sample: unknown,
  resources: readonly ResourceDefinition[],
): RubyValue {
  const type = typeOf(schema);
  const items = type === 'array' ? (schema.items ?? {}) : schema;
  const itemSample = Array.isArray(sample) ? sample[0] : sample;
  const isNested = typeOf(items) === 'object' || (schema.items === undefined && isRecord(itemSample));
  return symbols({
    ...named,
    ...(isNested && type !== 'array' ? { type: 'object' } : { type }),
    // By itself, Workato fails the step for a time that it cannot read, and reads one without a zone as local.
    ...(type === 'date_time' && { convert_output: 'pill_time' }),
    ...(type === 'array' && { of: isNested ? 'object' : typeOf(items) }),
    ...(isNested && { properties: outputFields(items, itemSample, resources) }),
  });
}

/** The properties of a schema; if it names none, those of its sample. */
function propertiesOf(
  { properties }: JsonSchema,
  sample: unknown,
): readonly (readonly [string, JsonSchema])[] {
  if (properties !== undefined) return Object.entries(properties);
  return isRecord(sample) ? Object.entries(sample).map(([name, value]) => [name, schemaOf(value)]) : [];
}

function schemaOf(value: unknown): JsonSchema {
  if (Array.isArray(value)) return { type: 'array', items: schemaOf(value[0]) };
  if (isRecord(value)) return { type: 'object' };
  if (typeof value === 'boolean') return { type: 'boolean' };
  return { type: typeof value === 'number' ? 'number' : 'string' };
}

function typeOf({ type, format }: JsonSchema): string {
  const [first = 'string'] = typeof type === 'string' ? [type] : (type ?? []).filter((one) => one !== 'null');
  return first === 'string' && format === 'date-time' ? 'date_time' : first;
}
