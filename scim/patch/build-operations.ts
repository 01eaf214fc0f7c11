import { isRecord } from '../../schemas/is-record.ts';
import type { Difference } from '../diff.ts';
import type { PatchOperation } from './patch-operation.ts';

/** An attribute with its target value; null removes the value. */
export interface GivenAttribute {
  /** A SCIM path: `name`, `urn:…:User:department`. */
  readonly path: string;
  readonly value: unknown;
}

/**
 * Builds operations that set the given values and nothing else: one per attribute, and one per
 * sub-attribute of `name` and similar attributes, because providers disagree on whether a complex value is merged or replaced.
 */
export function givenToOperations(given: readonly GivenAttribute[]): readonly PatchOperation[] {
  return given.flatMap(({ path, value }): readonly PatchOperation[] => {
    if (value === null || (Array.isArray(value) && value.length === 0)) return [{ op: 'remove', path }];
    if (!isRecord(value)) return [{ op: 'replace', path, value }];
    return Object.entries(value).flatMap(([name, item]) =>
      item === undefined ? [] : [{ op: 'replace', path: `${path}.${name}`, value: item }],
    );
  });
}

/** Builds the operations that turn one version of a resource into the other. */
export function differencesToOperations(differences: readonly Difference[]): readonly PatchOperation[] {
  const byTarget = Map.groupBy(differences, ({ path, list }) => list ?? path);
  return [...byTarget].flatMap(([target, group]) =>
    group[0]?.list === undefined ? group.map(differenceToOperation) : itemsToOperations(target, group),
  );
}

function differenceToOperation({ path, from, to }: Difference): PatchOperation {
  if (to === undefined || to === null) return { op: 'remove', path };
  return { op: from === undefined || from === null ? 'add' : 'replace', path, value: to };
}

/** The added items are one operation, because a list can have thousands. */
function itemsToOperations(list: string, items: readonly Difference[]): readonly PatchOperation[] {
  const operations = items.map(differenceToOperation);
  const added = operations.filter(({ op }) => op === 'add').map(({ value }) => value);
  return [
    ...operations.filter(({ op }) => op !== 'add'),
    ...(added.length === 0 ? [] : [{ op: 'add' as const, path: list, value: added }]),
  ];
}
