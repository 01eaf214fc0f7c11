import { isRecord } from '../../schemas/is-record.ts';
import { memberOf } from '../json.ts';
import { type ResourcePath, readPath } from '../path.ts';
import type { ResourceModel } from '../schema/resource-model.ts';
import { type PatchOp, readOp } from './patch-operation.ts';

/** An operation on one attribute, on a sub-attribute of one, or on items of a list. */
export interface FlatOperation {
  readonly op: PatchOp;
  readonly path: ResourcePath;
  readonly value: unknown;
}

/** The operations of a PatchOp message; undefined if it is not one. */
export function operationsIn(message: Readonly<Record<string, unknown>>): readonly unknown[] | undefined {
  const operations = memberOf(message, 'Operations');
  return Array.isArray(operations) ? operations : undefined;
}

/**
 * Reads one operation leniently, in each spelling that identity providers use, as operations on single attributes:
 * without a path, the keys of the value are paths, and a complex value is set sub-attribute by sub-attribute. A server
 * that applies a PATCH reads it strictly, with `readPatch`.
 *
 * @returns undefined if it is not an operation.
 */
export function flattenOperation(
  model: ResourceModel,
  operation: unknown,
): readonly FlatOperation[] | undefined {
  if (!isRecord(operation)) return undefined;
  const { path, value } = operation;
  const op = readOp(operation.op);
  if (op === undefined) return undefined;
  if (typeof path === 'string' && path.trim() !== '') return flattenAt(model, op, path.trim(), value);
  return isRecord(value) ? flattenAll(model, op, value) : undefined;
}

function flattenAll(
  model: ResourceModel,
  op: PatchOp,
  values: Readonly<Record<string, unknown>>,
): readonly FlatOperation[] {
  return Object.entries(values).flatMap(([path, value]) => flattenAt(model, op, path, value));
}

function flattenAt(
  model: ResourceModel,
  op: PatchOp,
  text: string,
  value: unknown,
): readonly FlatOperation[] {
  const extension = model.extension(text);
  if (extension !== undefined && isRecord(value)) {
    return Object.entries(value).flatMap(([name, item]) =>
      flattenAt(model, op, `${extension.id}:${name}`, item),
    );
  }
  if (model.isCore(text) && isRecord(value)) return flattenAll(model, op, value);
  return flattenValue(model, op, readPath(model, text), value);
}

function flattenValue(
  model: ResourceModel,
  op: PatchOp,
  path: ResourcePath,
  value: unknown,
): readonly FlatOperation[] {
  const isOneObject = !path.isList && path.definition?.type === 'complex' && isRecord(value);
  if (op === 'remove' || !isOneObject) return [{ op, path, value }];
  return Object.entries(value).flatMap(([name, item]) =>
    flattenValue(model, op, readPath(model, `${path.text}.${name}`), item),
  );
}
