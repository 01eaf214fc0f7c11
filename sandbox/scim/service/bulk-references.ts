import { isJsonArray, isJsonObject, type Json } from '../../../scim/json.ts';
import type { BulkOperation } from './read-bulk.ts';

const prefix = 'bulkId:';

/** The bulkIds that an operation refers to, in its path and anywhere in its data (RFC 7644 §3.7.2). */
export function referencesOf({ id, data }: BulkOperation): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (value: Json | undefined): void => {
    if (typeof value === 'string') {
      if (value.startsWith(prefix)) found.add(value.slice(prefix.length));
    } else if (isJsonArray(value)) {
      for (const item of value) visit(item);
    } else if (isJsonObject(value)) {
      for (const one of Object.values(value)) visit(one);
    }
  };
  visit(id);
  visit(data);
  return found;
}

/** Replaces references by IDs. References that `idOf` does not know stay unchanged. */
export function resolveReferences(value: Json, idOf: (bulkId: string) => string | undefined): Json {
  if (typeof value === 'string') {
    return value.startsWith(prefix) ? (idOf(value.slice(prefix.length)) ?? value) : value;
  }
  if (isJsonArray(value)) return value.map((item) => resolveReferences(item, idOf));
  if (!isJsonObject(value)) return value;
  // fromEntries defines own members, so that a key such as "__proto__" stays a harmless key.
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolveReferences(one, idOf)]));
}

/**
 * Sorts operations so that each follows those it refers to, and otherwise in the order of the
 * request. Operations that refer to each other in a circle form one group (Tarjan's algorithm).
 */
export function orderOperations(operations: readonly BulkOperation[]): readonly (readonly number[])[] {
  const createdBy = new Map<string, number>();
  operations.forEach(({ method, bulkId, fault }, at) => {
    if (method === 'POST' && bulkId !== undefined && fault === undefined) createdBy.set(bulkId, at);
  });
  const groups: number[][] = [];
  const seenAs = new Map<number, number>();
  const stack: number[] = [];
  const visit = (at: number): number => {
    const own = seenAs.size;
    let lowest = own;
    seenAs.set(at, own);
    stack.push(at);
    const operation = operations[at];
    for (const bulkId of operation === undefined ? [] : referencesOf(operation)) {
      const target = createdBy.get(bulkId);
      if (target === undefined) continue;
      const seen = seenAs.get(target);
      if (seen === undefined) lowest = Math.min(lowest, visit(target));
      else if (stack.includes(target)) lowest = Math.min(lowest, seen);
    }
    if (lowest === own) groups.push(stack.splice(stack.indexOf(at)).sort((left, right) => left - right));
    return lowest;
  };
  for (const at of operations.keys()) if (!seenAs.has(at)) visit(at);
  return groups;
}
