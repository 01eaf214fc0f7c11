import type { AttributePath, Filter } from '../../../scim/filter/filter.ts';
import { resolvePath } from '../../../scim/path.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import { indexKey } from '../store/attribute-index.ts';
import type { Store } from '../store/store.ts';

/** A set of IDs that contains all possible matches; `size` is its maximum number of IDs. */
export interface Candidates {
  readonly size: number;
  ids(): Iterable<string>;
}

/**
 * Finds the few resources that can match a filter from the indexes; undefined if a full scan is required.
 * The whole filter must still be evaluated for them.
 */
export function planCandidates(filter: Filter, type: ResourceType, store: Store): Candidates | undefined {
  switch (filter.kind) {
    case 'and':
      // Any one conjunct bounds the result; the smallest is the cheapest.
      return smallest(filter.filters.map((part) => planCandidates(part, type, store)));
    case 'or':
      return union(filter.filters.map((part) => planCandidates(part, type, store)));
    case 'compare':
      return filter.operator === 'eq' && filter.value !== null
        ? (lookUp(filter.path, String(filter.value), type, store) ?? planBrackets(filter.path, type, store))
        : undefined;
    case 'present':
      return planBrackets(filter.path, type, store);
    case 'not':
      return undefined;
  }
}

// `emails[value eq "x"]` is found by the same index as `emails.value eq "x"`.
function planBrackets(path: AttributePath, type: ResourceType, store: Store): Candidates | undefined {
  const inner = path.filter;
  if (inner === undefined) return undefined;
  const conjuncts = inner.kind === 'and' ? inner.filters : [inner];
  return smallest(
    conjuncts.map((part) => {
      if (part.kind !== 'compare' || part.operator !== 'eq' || part.value === null) return undefined;
      const { filter: _, ...owner } = path;
      return lookUp({ ...owner, subAttribute: part.path.attribute }, String(part.value), type, store);
    }),
  );
}

function lookUp(
  path: AttributePath,
  value: string,
  type: ResourceType,
  store: Store,
): Candidates | undefined {
  const resolved = resolvePath(type, path);
  if (resolved === undefined || resolved.extension !== undefined) return undefined;
  const { attribute } = resolved;
  if (attribute.name === 'id') return store.get(value)?.type === type.recordType ? one(value) : none;
  const leaf = resolved.subAttribute ?? attribute.subAttributes.get('value') ?? attribute;
  const indexed = leaf === attribute ? attribute.name : `${attribute.name}.${leaf.name}`;
  if (!type.indexed.includes(indexed)) return undefined;
  const key = indexKey(leaf, value);
  return {
    size: store.lookupSize(type.recordType, indexed, key),
    ids: () => store.lookup(type.recordType, indexed, key),
  };
}

const none: Candidates = { size: 0, ids: () => [] };

function one(id: string): Candidates {
  return { size: 1, ids: () => [id] };
}

function smallest(plans: readonly (Candidates | undefined)[]): Candidates | undefined {
  let best: Candidates | undefined;
  for (const plan of plans) {
    if (plan !== undefined && (best === undefined || plan.size < best.size)) best = plan;
  }
  return best;
}

function union(plans: readonly (Candidates | undefined)[]): Candidates | undefined {
  const known = plans.filter((plan) => plan !== undefined);
  if (known.length < plans.length) return undefined;
  return {
    size: known.reduce((sum, { size }) => sum + size, 0),
    ids: () => new Set(known.flatMap((plan) => [...plan.ids()])),
  };
}
