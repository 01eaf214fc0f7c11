import { isJsonArray, isJsonObject, type Json, type JsonObject, memberOf } from '../json.ts';
import { badRequest } from '../scim-error.ts';

/** One operation of a PATCH (RFC 7644 §3.5.2), its `op` in lower case. */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string | undefined;
  /** Absent for most removals. */
  readonly value: Json | undefined;
}

/** The schema URI of a PATCH body (RFC 7644 §3.5.2). */
const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** Reads the body of a PATCH. Entra ID writes `op` as "Add", "Replace" and "Remove". */
export function readPatch(body: Json | undefined): readonly PatchOperation[] {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  const schemas = memberOf(body, 'schemas');
  if (!isJsonArray(schemas) || !schemas.includes(patchSchema)) {
    throw badRequest('invalidSyntax', `"schemas" must contain "${patchSchema}".`);
  }
  const operations = memberOf(body, 'Operations');
  if (!isJsonArray(operations) || operations.length === 0) {
    throw badRequest('invalidSyntax', '"Operations" must be an array of at least one operation.');
  }
  return operations.map(readOperation);
}

function readOperation(operation: Json): PatchOperation {
  if (!isJsonObject(operation)) throw badRequest('invalidSyntax', 'An operation must be a JSON object.');
  const op = readOp(operation);
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

function readOp(operation: JsonObject): PatchOperation['op'] {
  const op = memberOf(operation, 'op');
  const word = typeof op === 'string' ? op.toLowerCase() : undefined;
  if (word === 'add' || word === 'remove' || word === 'replace') return word;
  throw badRequest('invalidSyntax', '"op" must be "add", "remove" or "replace".');
}
