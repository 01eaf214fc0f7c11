import type { JsonSchema, JsonType } from '../../../schemas/json-schema.ts';
import { titleCase } from '../../kit/title-case.ts';

/** The part of Zapier's `PlainOutputFieldSchema` that the app uses. */
export interface OutputField {
  readonly key: string;
  readonly label: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'datetime';
  readonly primary?: true;
}

const types: Readonly<Partial<Record<JsonType, OutputField['type']>>> = {
  string: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
};

/**
 * The labels of an output's values. Zapier joins the keys of objects with two underscores, and marks lists with brackets:
 * `name__givenName`, `emails[]value`.
 */
export function outputFields(schema: JsonSchema): readonly OutputField[] {
  return fieldsOf(schema, '', []);
}

/** The same for the events of a polling trigger, which Zapier recognizes by their ID. */
export function eventFields(schema: JsonSchema): readonly OutputField[] {
  return outputFields(schema).map((field) => (field.key === 'id' ? { ...field, primary: true } : field));
}

function fieldsOf(
  { properties = {} }: JsonSchema,
  prefix: string,
  titles: readonly string[],
): readonly OutputField[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = [...titles, titleCase(property.title ?? name)];
    const key = `${prefix}${name}`;
    const { items } = property;
    if (property.properties !== undefined) return fieldsOf(property, `${key}__`, path);
    // One level of lists: Zapier has no key for a list in a list.
    if (items?.properties !== undefined)
      return prefix.includes('[]') ? [] : fieldsOf(items, `${key}[]`, path);
    const kinds = [property.type ?? []].flat().filter((kind) => kind !== 'null');
    const type = kinds.length === 1 && kinds[0] !== undefined ? types[kinds[0]] : undefined;
    if (type === undefined) return [];
    return [{ key, label: path.join(': '), type: property.format === 'date-time' ? 'datetime' : type }];
  });
}
