import { isJsonObject, type Json } from '../json.ts';
import { resolvePath } from '../path.ts';
import type { Attribute } from '../schema/attribute.ts';
import type { ResourceModel } from '../schema/resource-model.ts';
import { badRequest } from '../scim-error.ts';
import { compareByType, type ValueOperator, type ValueTest } from './comparison.ts';
import type { FilterScope, FilterTarget } from './compile-filter.ts';

/** Reads a top-level attribute of a resource, a derived one such as `meta` included. */
export type AttributeReader<T> = (
  subject: T,
  name: string,
  extensionUrn: string | undefined,
) => Json | undefined;

/** The strict scope of a filter over stored resources, whose names and types are those of the schemas. */
export function resourceScope<T>(model: ResourceModel, read: AttributeReader<T>): FilterScope<T> {
  return {
    target: (path) => {
      const resolved = resolvePath(model, path);
      if (resolved === undefined) return undefined;
      const { attribute, subAttribute, extension } = resolved;
      return typedTarget(attribute, subAttribute, (subject) => read(subject, attribute.name, extension?.id));
    },
    refuseNull,
  };
}

/** The strict scope of a filter in brackets: the sub-attributes of the items of a multi-valued attribute. */
export function itemScope(owner: Attribute): FilterScope<unknown> {
  return {
    target: (path) => {
      const attribute = path.schema === undefined ? owner.subAttributes.get(path.attribute) : undefined;
      if (attribute === undefined || path.subAttribute !== undefined) return undefined;
      const { name } = attribute;
      return typedTarget(attribute, undefined, (item) => (isJsonObject(item) ? item[name] : undefined));
    },
    refuseNull,
  };
}

function typedTarget<T>(
  attribute: Attribute,
  subAttribute: Attribute | undefined,
  read: (subject: T) => unknown,
): FilterTarget<T> {
  if (attribute.returned === 'never') {
    // RFC 7643 §7 would allow it, but a filter that can ask for a secret can guess it.
    throw badRequest('invalidFilter', `The attribute "${attribute.label}" cannot be filtered on.`);
  }
  // RFC 7643 §2.4: a multi-valued attribute that is named without a sub-attribute means its "value".
  const leaf = subAttribute ?? attribute.subAttributes.get('value') ?? attribute;
  const { name } = leaf;
  return {
    read,
    part: leaf === attribute ? (item) => item : (item) => (isJsonObject(item) ? item[name] : undefined),
    isPresent,
    compare: (operator, value) => compareByType(leaf, operator, value),
    items: () => itemScope(attribute),
  };
}

// RFC 7644 §3.4.2.2 `pr`: "has a non-empty or non-null value, or contains a non-empty node".
const isPresent: ValueTest = (value) => {
  if (value === null || value === undefined || value === '') return false;
  if (Array.isArray(value)) return value.some(isPresent);
  return isJsonObject(value) ? Object.values(value).some(isPresent) : true;
};

function refuseNull(operator: ValueOperator): never {
  throw badRequest('invalidFilter', `null can only be compared with eq and ne, not ${operator}.`);
}
