import { isJsonArray, isJsonObject, type Json, memberOf } from '../json.ts';
import { messages } from '../messages.ts';
import { badRequest } from '../scim-error.ts';
import { type PatchOp, readOp } from './patch-operation.ts';

/** One operation of a PATCH (RFC 7644 §3.5.2) as a server received it. */
export interface IncomingOperation {
  readonly op: PatchOp;
  readonly path?: string | undefined;
  /** Absent for most removals. */
  readonly value?: Json | undefined;
}

/**
 * Reads the body of a PATCH, strictly.
 *
 * @throws ScimError with the keyword that RFC 7644 §3.12 has for the fault.
 */
export function readPatch(body: Json | undefined): readonly IncomingOperation[] {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  const schemas = memberOf(body, 'schemas');
  if (!isJsonArray(schemas) || !schemas.includes(messages.patchOp)) {
    throw badRequest('invalidSyntax', `"schemas" must contain "${messages.patchOp}".`);
  }
  const operations = memberOf(body, 'Operations');
  if (!isJsonArray(operations) || operations.length === 0) {
    throw badRequest('invalidSyntax', '"Operations" must be an array of at least one operation.');
  }
  return operations.map(readOperation);
}

function readOperation(operation: Json): IncomingOperation {
  if (!isJsonObject(operation)) throw badRequest('invalidSyntax', 'An operation must be a JSON object.');
  const op = readOp(memberOf(operation, 'op'));
  if (op === undefined) throw badRequest('invalidSyntax', '"op" must be "add", "remove" or "replace".');
  const path = memberOf(operation, 'path') ?? undefined;
  if (path !== undefined && typeof path !== 'string') {
    throw badRequest('invalidPath', '"path" must be a string.');
  }
  const value = memberOf(operation, 'value');
  const trimmed = path === undefined || path.trim() === '' ? undefined : path.trim();
  if (op === 'remove') {
    // RFC 7644 §3.5.2.2: "If 'path' is unspecified, the operation fails" with noTarget.
    if (trimmed === undefined) throw badRequest('noTarget', 'A remove operation needs a "path".');
  } else if (value === undefined) {
    throw badRequest('invalidValue', `The ${op} operation needs a "value".`);
  } else if (trimmed === undefined && !isJsonObject(value)) {
    throw badRequest('invalidValue', `Without a "path", the "value" of ${op} must be an object.`);
  }
  return { op, path: trimmed, value };
}
