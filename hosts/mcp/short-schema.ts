import type { ActionDefinition, Field } from '../../connector/definition/definition.ts';
import type { JsonSchema } from '../../schemas/json-schema.ts';

/** A JSON Schema in a list of tools: {@link JsonSchema} with two more keywords. */
export interface ToolSchema extends Omit<JsonSchema, 'items' | 'properties'> {
  readonly items?: ToolSchema;
  readonly properties?: Readonly<Record<string, ToolSchema>>;
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

/**
 * The input of an action as a list of tools shows it: without the fields that forms hide, and without what the
 * name of an attribute says. It accepts everything that the action accepts, because the action validates its input itself.
 */
export function shortInput({ fields, input }: ActionDefinition): ToolSchema {
  const shown = fields.filter(({ advanced, required }) => required || !advanced);
  return {
    type: 'object',
    properties: Object.fromEntries(shown.map((field) => [field.key, shortField(field)])),
    ...(input.required !== undefined && input.required.length > 0 && { required: input.required }),
  };
}

/** The output of an action as a list of tools shows it. */
export function shortOutput({ output, nullable }: ActionDefinition): ToolSchema {
  const schema = shortOutputSchema(output);
  return nullable ? { ...schema, type: ['object', 'null'] } : schema;
}

/**
 * The names of the properties of an output, and the types of those that are always there. Clients reject an output that
 * does not match, and a provider can return any value for an optional attribute.
 */
export function shortOutputSchema({ properties = {}, required = [] }: JsonSchema): ToolSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, { type }]) => [
        key,
        type === undefined || !required.includes(key) ? {} : { type },
      ]),
    ),
    ...(required.length > 0 && { required }),
  };
}

function shortField(field: Field): ToolSchema {
  const { help, attribute, pickList } = field;
  // The name of an attribute says what it is, unless its values need an explanation.
  const isObvious = attribute !== undefined && pickList === undefined;
  return { ...shortValue(field.schema), ...(!isObvious && { description: help }) };
}

/** A value without titles, examples, and the limits that the action checks. */
function shortValue(schema: JsonSchema): ToolSchema {
  const { type, enum: values, format, items, properties, oneOf } = schema;
  if (oneOf !== undefined) return oneOfShapes(oneOf);
  return {
    ...(type !== undefined && { type }),
    ...(values !== undefined && { enum: values }),
    ...(format !== undefined && { format }),
    ...(schema.default !== undefined && { default: schema.default }),
    ...(items !== undefined && { items: shortValue(items) }),
    ...(properties !== undefined && { properties: shortProperties(properties) }),
  };
}

function shortProperties(
  properties: Readonly<Record<string, JsonSchema>>,
): Readonly<Record<string, ToolSchema>> {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, shortValue(value)]));
}

/** Shapes with one property each, such as the ways to identify a user: an object with one of the properties. */
function oneOfShapes(shapes: readonly JsonSchema[]): ToolSchema {
  const properties = Object.assign({}, ...shapes.map((shape) => shortProperties(shape.properties ?? {})));
  const sizes = shapes.map(({ required = [] }) => required.length);
  return {
    type: 'object',
    properties,
    minProperties: Math.min(...sizes),
    maxProperties: Math.max(...shapes.map((shape) => Object.keys(shape.properties ?? {}).length)),
  };
}
