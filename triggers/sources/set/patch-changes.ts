import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import type { EventChange } from '../../../connector/event.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { type FlatOperation, flattenOperation } from '../../../scim/patch/flatten-patch.ts';
import { itemPath, type ResourcePath } from '../../../scim/path.ts';
import { modelOf } from '../../../scim/schema/resource-model.ts';
import { changeOf, changeTo, isOfTheRecord } from '../../changes.ts';
import type { ValueReader } from '../event-mapping/value-reader.ts';

/** The changes of a PATCH. */
export interface PatchChanges {
  readonly changes: readonly EventChange[];
  /** Whether every operation was understood, so that there are no other changes. */
  readonly isComplete: boolean;
}

/**
 * The known changes of a completed PATCH. The previous values are unknown. Of two
 * operations on one path, the later one is used.
 */
export function patchChanges(
  resource: ResourceDefinition,
  readValue: ValueReader,
  operations: readonly unknown[],
): PatchChanges {
  const model = modelOf(resource);
  const read = operations.map((operation) => flattenOperation(model, operation));
  const log = new ChangeLog(readValue);
  for (const operation of read.flatMap((flat) => flat ?? []))
    if (!isOfTheRecord(operation.path)) log.add(operation);
  return { changes: log.changes(), isComplete: !read.includes(undefined) };
}

/** The changes of the operations so far. */
class ChangeLog {
  readonly #changes = new Map<string, EventChange>();
  readonly #readValue: ValueReader;

  constructor(readValue: ValueReader) {
    this.#readValue = readValue;
  }

  changes(): readonly EventChange[] {
    return [...this.#changes.values()];
  }

  add({ op, path, value }: FlatOperation): void {
    const isWholeList = path.isList && path.filter === undefined && path.subAttribute === undefined;
    if (op === 'remove') {
      // Entra ID names the members to remove in the value; without a value, all are removed.
      if (isWholeList && Array.isArray(value) && value.length > 0) this.#addItems(path, value, () => null);
      else this.#keep(changeTo(path.text, null), isWholeList);
    } else if (isWholeList && op === 'add') {
      this.#addItems(path, Array.isArray(value) ? value : [value], (item) => item);
    } else {
      const read = this.#readValue(path, value);
      this.#keep(changeTo(path.text, Array.isArray(read) && read.length === 0 ? null : read), isWholeList);
    }
  }

  #addItems(path: ResourcePath, items: readonly unknown[], toOf: (item: unknown) => unknown): void {
    for (const given of items) {
      const [item] = this.#readList(path, isRecord(given) ? given : { value: given });
      const id = isRecord(item) ? item.value : undefined;
      if (typeof id === 'string') this.#keep(changeTo(itemPath(path.text, id), toOf(item)));
      else this.#keep(changeOf(path.text));
    }
  }

  #readList(path: ResourcePath, item: unknown): readonly unknown[] {
    const read = this.#readValue(path, [item]);
    return Array.isArray(read) ? read : [read];
  }

  #keep(change: EventChange, isWholeList = false): void {
    // The whole list replaces the changes of its items.
    if (isWholeList) {
      for (const path of this.#changes.keys())
        if (path.startsWith(`${change.path}[`)) this.#changes.delete(path);
    }
    this.#changes.delete(change.path);
    this.#changes.set(change.path, change);
  }
}
