import { isJsonObject, type Json } from '../json.ts';
import { resolvePath } from '../path.ts';
import type { Attribute } from '../schema/attribute.ts';
import type { ResourceModel } from '../schema/resource-model.ts';
import type { AttributePath } from './filter.ts';

/** An attribute that a filter names, with the way to read it from what is filtered. */
export interface FilterTarget<T> {
  readonly attribute: Attribute;
  readonly subAttribute: Attribute | undefined;
  read(subject: T): Json | undefined;
}

/** Where a filter's attribute names are looked up: in a resource, or in an item between brackets. */
export interface FilterScope<T> {
  /** Undefined when there is no such attribute: it then counts as having no value (RFC 7644 §3.4.2.1). */
  target(path: AttributePath): FilterTarget<T> | undefined;
}

/** Reads a top-level attribute of a resource, a derived one such as `meta` included. */
export type AttributeReader<T> = (
  subject: T,
  name: string,
  extensionUrn: string | undefined,
) => Json | undefined;

/** The scope of a filter over resources of one kind. */
export function resourceScope<T>(model: ResourceModel, read: AttributeReader<T>): FilterScope<T> {
  return {
    target: (path) => {
      const resolved = resolvePath(model, path);
      if (resolved === undefined) return undefined;
      const { attribute, subAttribute, extension } = resolved;
      return { attribute, subAttribute, read: (subject) => read(subject, attribute.name, extension?.id) };
    },
  };
}

/** The scope of a filter in brackets: the sub-attributes of the items of a multi-valued attribute. */
export function itemScope(owner: Attribute): FilterScope<Json> {
  return {
    target: (path) => {
      const attribute = path.schema === undefined ? owner.subAttributes.get(path.attribute) : undefined;
      if (attribute === undefined || path.subAttribute !== undefined) return undefined;
      const { name } = attribute;
      return {
        attribute,
        subAttribute: undefined,
        read: (item) => (isJsonObject(item) ? item[name] : undefined),
      };
    },
  };
}
