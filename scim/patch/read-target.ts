import type { Filter } from '../filter/filter.ts';
import { FilterSyntaxError, parsePath } from '../filter/parse-filter.ts';
import { resolvePath } from '../path.ts';
import type { Attribute } from '../schema/attribute.ts';
import type { ExtensionModel, ResourceModel } from '../schema/resource-model.ts';
import { badRequest } from '../scim-error.ts';

/** The target of a PATCH path (RFC 7644 §3.5.2, Figure 7). */
export type PatchTarget =
  /** All attributes of an extension: the path is its URI. */
  { readonly kind: 'extension'; readonly extension: ExtensionModel } | AttributeTarget;

/** A PATCH path that points at an attribute, or inside one. */
export interface AttributeTarget {
  readonly kind: 'attribute';
  readonly extension: ExtensionModel | undefined;
  readonly attribute: Attribute;
  /** Selects items of a multi-valued attribute. */
  readonly filter: Filter | undefined;
  readonly subAttribute: Attribute | undefined;
}

/**
 * Reads a PATCH path for a resource; undefined if the resource has no such attribute.
 *
 * @throws ScimError `invalidPath` if it is not a path, or has a filter on an attribute without items.
 */
export function readTarget(model: ResourceModel, path: string): PatchTarget | undefined {
  const extension = model.extension(path);
  if (extension !== undefined) return { kind: 'extension', extension };
  const parsed = parse(path);
  const resolved = resolvePath(model, parsed);
  if (resolved === undefined) return undefined;
  const { attribute } = resolved;
  if (parsed.filter !== undefined && !(attribute.multiValued && attribute.type === 'complex')) {
    throw badRequest('invalidPath', `"${attribute.label}" has no items to select with a filter.`);
  }
  return { kind: 'attribute', ...resolved, filter: parsed.filter };
}

function parse(path: string) {
  try {
    return parsePath(path, { unquotedStrings: true });
  } catch (error) {
    if (error instanceof FilterSyntaxError) {
      throw badRequest('invalidPath', `The path ${JSON.stringify(path)} cannot be read. ${error.message}.`);
    }
    throw error;
  }
}
