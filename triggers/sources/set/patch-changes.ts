import type { ResourceDefinition } from '../../../connector/definition/definition.ts';
import type { EventChange } from '../../../connector/event.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { itemPath, type ResourcePath, readPath } from '../../../scim/path.ts';
import { modelOf, type ResourceModel } from '../../../scim/schema/resource-model.ts';
import { changeOf, changeTo } from '../../changes.ts';
import type { ValueReader } from '../event-mapping/value-reader.ts';

/** The operations of a PatchOp message (RFC 7644 §3.5.2); undefined when it is none. */
export function operationsOf(data: Readonly<Record<string, unknown>>): readonly unknown[] | undefined {
  const operations = data.Operations ?? data.operations;
  return Array.isArray(operations) ? operations : undefined;
}

/** What a PATCH changed. */
export interface PatchChanges {
  readonly changes: readonly EventChange[];
  /** Whether every operation was understood, so that there are no other changes. */
  readonly isComplete: boolean;
}

/**
 * What a PATCH that was carried out changed, as far as it says: of what was there before, nothing is known. Each
 * spelling that identity providers use is read; of two operations on one path, the later one counts.
 */
export function patchChanges(
  resource: ResourceDefinition,
  readValue: ValueReader,
  operations: readonly unknown[],
): PatchChanges {
  const reader = new PatchReader(resource, readValue);
  const areRead = operations.map((operation) => reader.read(operation));
  return { changes: reader.changes(), isComplete: !areRead.includes(false) };
}

type Op = 'add' | 'replace' | 'remove';

/** What is about the resource as such, and no change of it. */
const unchanging: ReadonlySet<string> = new Set(['id', 'schemas', 'meta']);

class PatchReader {
  readonly #changes = new Map<string, EventChange>();
  readonly #model: ResourceModel;
  readonly #readValue: ValueReader;

  constructor(resource: ResourceDefinition, readValue: ValueReader) {
    this.#model = modelOf(resource);
    this.#readValue = readValue;
  }

  /** @returns whether it was understood. */
  read(operation: unknown): boolean {
    if (!isRecord(operation)) return false;
    // Entra ID capitalises it: "Add", "Replace", "Remove".
    const op = String(operation.op).toLowerCase();
    if (op !== 'add' && op !== 'replace' && op !== 'remove') return false;
    const { path, value } = operation;
    if (typeof path === 'string' && path.trim() !== '') this.#apply(op, path.trim(), value);
    else if (isRecord(value)) this.#applyAll(op, value);
    else return false;
    return true;
  }

  changes(): readonly EventChange[] {
    return [...this.#changes.values()];
  }

  #applyAll(op: Op, values: Readonly<Record<string, unknown>>): void {
    for (const [path, value] of Object.entries(values)) this.#apply(op, path, value);
  }

  #apply(op: Op, text: string, value: unknown): void {
    const extension = this.#model.extension(text)?.id;
    if (extension !== undefined && isRecord(value)) {
      for (const [name, item] of Object.entries(value)) this.#apply(op, `${extension}:${name}`, item);
    } else if (this.#model.isCore(text) && isRecord(value)) {
      this.#applyAll(op, value);
    } else {
      const path = readPath(this.#model, text);
      if (path.schema !== undefined || !unchanging.has(path.attribute)) this.#change(op, path, value);
    }
  }

  #change(op: Op, path: ResourcePath, value: unknown): void {
    const isWholeList = path.isList && path.filter === undefined && path.subAttribute === undefined;
    if (op === 'remove') {
      // Entra ID names the members to remove in the value; without one, all go.
      if (isWholeList && Array.isArray(value) && value.length > 0) this.#changeItems(path, value, () => null);
      else this.#keep(changeTo(path.text, null), isWholeList);
    } else if (isWholeList && op === 'add') {
      this.#changeItems(path, Array.isArray(value) ? value : [value], (item) => item);
    } else if (!path.isList && path.definition?.type === 'complex' && isRecord(value)) {
      for (const [name, item] of Object.entries(value)) this.#change(op, this.#below(path, name), item);
    } else {
      const read = this.#readValue(path, value);
      this.#keep(changeTo(path.text, Array.isArray(read) && read.length === 0 ? null : read), isWholeList);
    }
  }

  #changeItems(path: ResourcePath, items: readonly unknown[], toOf: (item: unknown) => unknown): void {
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

  #below({ text }: ResourcePath, name: string): ResourcePath {
    return readPath(this.#model, `${text}.${name}`);
  }

  #keep(change: EventChange, isWholeList = false): void {
    // The whole list takes the place of what was said of its items.
    if (isWholeList) {
      for (const path of this.#changes.keys())
        if (path.startsWith(`${change.path}[`)) this.#changes.delete(path);
    }
    this.#changes.delete(change.path);
    this.#changes.set(change.path, change);
  }
}
