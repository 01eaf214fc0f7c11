import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import { createNormalizer } from '../../../connector/provider/normalize.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import type { ResourcePath } from '../../../scim/path.ts';

/** Reads the value that a sender has at a path as the resource would show it; null if there is no value. */
export type ValueReader = (path: ResourcePath, value: unknown) => unknown;

/**
 * Creates the value reader of one resource type. It uses the normalizer of whole resources, and is as lenient:
 * `"False"` becomes false, and names are corrected. A single value in a list, as some senders write it, is unwrapped.
 */
export function createValueReader(resource: ResourceDefinition): ValueReader {
  const normalize = createNormalizer(resource);
  return (path, value) => {
    const { schema, attribute, filter, subAttribute, isList } = path;
    const inner = isList ? value : outOfList(value, path);
    const held = subAttribute === undefined ? inner : { [subAttribute]: inner };
    const top = { [attribute]: filter === undefined ? held : [held] };
    const read = normalize({ id: 'any', ...(schema === undefined ? top : { [schema]: top }) });
    const home = schema === undefined ? read : read[schema];
    const whole = isRecord(home) ? home[attribute] : undefined;
    const isPicked = filter !== undefined || subAttribute !== undefined;
    const picked = isPicked && Array.isArray(whole) ? whole[0] : whole;
    const result = subAttribute === undefined ? picked : isRecord(picked) ? picked[subAttribute] : undefined;
    return result ?? null;
  };
}

function outOfList(value: unknown, { definition }: ResourcePath): unknown {
  if (!Array.isArray(value) || value.length !== 1 || definition === undefined) return value;
  const [only] = value as readonly unknown[];
  return definition.type !== 'complex' && isRecord(only) && 'value' in only ? only.value : only;
}
