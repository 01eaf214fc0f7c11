import type { ActionDefinition, ResourceDefinition } from '../connector/definition/definition.ts';
import { invalidInput } from '../connector/errors.ts';
import { problemTexts } from '../connector/problem-texts.ts';
import { isRecord } from '../schemas/is-record.ts';
import { isSameJson } from '../scim/json.ts';
import type { GivenAttribute } from '../scim/patch/build-operations.ts';

/**
 * The attributes in an input: the fields of the form, and extensions in SCIM's own format
 * (`{"urn:…:User": {"department": "Research"}}`).
 *
 * @throws ConnectorError `invalid_input` if both are present and differ.
 */
export function givenAttributes(
  { fields }: ActionDefinition,
  { extensions }: ResourceDefinition,
  input: Readonly<Record<string, unknown>>,
): readonly GivenAttribute[] {
  const given = new Map<string, unknown>();
  for (const { key, attribute } of fields) {
    // An input inherits names, such as "constructor", that an attribute can have.
    if (attribute !== undefined && Object.hasOwn(input, key) && input[key] !== undefined)
      given.set(attribute, input[key]);
  }
  for (const extension of extensions) {
    const object = input[extension];
    if (!isRecord(object)) continue;
    for (const [name, value] of Object.entries(object)) {
      const path = `${extension}:${name}`;
      if (given.has(path) && !isSameJson(given.get(path), value)) {
        throw invalidInput([{ path: `${extension}.${name}`, message: problemTexts.givenTwice }]);
      }
      given.set(path, value);
    }
  }
  return [...given].map(([path, value]) => ({ path, value }));
}
