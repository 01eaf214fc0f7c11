import { parsePath } from '../../../scim/filter/parse-filter.ts';
import { isJsonArray, isJsonObject, type Json, type JsonDraft, type JsonObject } from '../../../scim/json.ts';
import type { Attribute, AttributeTable } from '../../../scim/schema/attribute.ts';
import { badRequest } from '../../../scim/scim-error.ts';
import type { ResourceType } from '../schema/resource-type.ts';

/** Removes attributes that were not requested from a representation. */
export type Projection = (shown: JsonObject) => JsonObject;

/** The two lists that a client can send; the service rejects both at once. */
export interface ProjectionRequest {
  /** Names of the attributes to return. */
  readonly attributes?: readonly string[] | undefined;
  /** Names of the attributes to omit. */
  readonly excludedAttributes?: readonly string[] | undefined;
}

/**
 * Compiles `attributes` or `excludedAttributes` for a resource type (RFC 7644 §3.4.2.5): "always" stays,
 * "never" is never present, "request" is included only if requested. Undefined if nothing is omitted.
 *
 * @throws ScimError `invalidValue` if both are present, or a name is not an attribute path.
 */
export function compileProjection(type: ResourceType, request: ProjectionRequest): Projection | undefined {
  const { attributes, excludedAttributes } = request;
  if (attributes !== undefined && excludedAttributes !== undefined) {
    // RFC 7644 §3.9: "mutually exclusive".
    throw badRequest('invalidValue', 'Give "attributes" or "excludedAttributes", not both.');
  }
  if (attributes !== undefined) {
    const wanted = selection(type, attributes);
    return (shown) => project(shown, type, keeps, wanted);
  }
  if (excludedAttributes === undefined && !type.hidesSome) return undefined;
  const excluded = selection(type, excludedAttributes ?? []);
  return (shown) => project(shown, type, spares, excluded);
}

/** The requested names: whole attributes, or sub-attributes of one. Extensions are under their URI. */
type Selection = Map<string, 'whole' | Selection>;

function selection(type: ResourceType, names: readonly string[]): Selection {
  const root: Selection = new Map();
  for (const name of names) {
    const extension = type.extension(name);
    if (extension !== undefined) {
      root.set(extension.id, 'whole');
      continue;
    }
    if (type.isCore(name)) {
      for (const attribute of type.schema.attributes.list) root.set(attribute.name, 'whole');
      continue;
    }
    select(type, root, readName(name));
  }
  return root;
}

function select(type: ResourceType, root: Selection, path: ReturnType<typeof readName>): void {
  const extension = path.schema === undefined ? undefined : type.extension(path.schema);
  if (path.schema !== undefined && extension === undefined && !type.isCore(path.schema)) return;
  // An unknown name selects nothing: one list can apply to several types.
  const attribute = (extension ?? type).attributes.get(path.attribute);
  if (attribute === undefined) return;
  const owner = extension === undefined ? root : nested(root, extension.id);
  if (owner === undefined) return;
  if (path.subAttribute === undefined) {
    owner.set(attribute.name, 'whole');
    return;
  }
  const subAttribute = attribute.subAttributes.get(path.subAttribute);
  if (subAttribute !== undefined) nested(owner, attribute.name)?.set(subAttribute.name, 'whole');
}

function readName(name: string) {
  try {
    return parsePath(name);
  } catch {
    throw badRequest('invalidValue', `${JSON.stringify(name)} is not the name of an attribute.`);
  }
}

// Undefined if the whole attribute is already selected.
function nested(owner: Selection, key: string): Selection | undefined {
  const found = owner.get(key);
  if (found === 'whole') return undefined;
  if (found !== undefined) return found;
  const made: Selection = new Map();
  owner.set(key, made);
  return made;
}

type Picked = 'whole' | Selection | undefined;

/** Returns whether an attribute is shown completely, not at all, or item by item with a nested selection. */
type Decision = (attribute: Attribute, picked: Picked) => 'whole' | 'none' | Selection;

const keeps: Decision = (attribute, picked) => {
  if (attribute.returned === 'always') return 'whole';
  return picked ?? (hasAlways(attribute) ? new Map() : 'none');
};

const spares: Decision = (attribute, picked) => {
  if (attribute.returned === 'always') return 'whole';
  if (attribute.returned === 'request' || picked === 'whole') return 'none';
  return picked ?? 'whole';
};

function project(shown: JsonObject, type: ResourceType, decide: Decision, root: Selection): JsonObject {
  const projected: JsonDraft = {};
  for (const key of Object.keys(shown)) {
    const extension = type.extension(key);
    const value = shown[key];
    if (value === undefined) continue;
    if (extension === undefined) {
      projectOne(projected, type.attributes, key, value, decide, root.get(key));
      continue;
    }
    const picked = root.get(extension.id);
    if (picked === 'whole') {
      if (decide === keeps) projected[key] = value;
      continue;
    }
    const inner = projectObject(value, extension.attributes, decide, picked ?? new Map());
    if (inner !== undefined) projected[key] = inner;
  }
  return projected;
}

function projectOne(
  target: JsonDraft,
  table: AttributeTable,
  key: string,
  value: Json,
  decide: Decision,
  picked: Picked,
): void {
  const attribute = table.get(key);
  if (attribute === undefined) return;
  const decision = decide(attribute, picked);
  if (decision === 'none') return;
  if (decision === 'whole') {
    target[key] = value;
    return;
  }
  if (isJsonArray(value)) {
    const items = value.map((item) => projectObject(item, attribute.subAttributes, decide, decision));
    const kept = items.filter((item) => item !== undefined);
    if (kept.length > 0) target[key] = kept;
    return;
  }
  const inner = projectObject(value, attribute.subAttributes, decide, decision);
  if (inner !== undefined) target[key] = inner;
}

function projectObject(
  value: Json,
  table: AttributeTable,
  decide: Decision,
  picked: Selection,
): JsonObject | undefined {
  if (!isJsonObject(value)) return undefined;
  const projected: JsonDraft = {};
  for (const key of Object.keys(value)) {
    const one = value[key];
    if (one !== undefined) projectOne(projected, table, key, one, decide, picked.get(key));
  }
  return Object.keys(projected).length > 0 ? projected : undefined;
}

function hasAlways({ subAttributes }: Attribute): boolean {
  return subAttributes.list.some(({ returned }) => returned === 'always');
}
