import { isJsonArray, isJsonObject, type Json, memberOf } from '../../../scim/json.ts';
import { messages } from '../../../scim/messages.ts';
import { badRequest, ScimError } from '../../../scim/scim-error.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import type { ScimLimits } from '../scim-limits.ts';

/** One operation of a bulk request (RFC 7644 §3.7), or its error. */
export interface BulkOperation {
  /** As the client wrote it, in upper case. */
  readonly method: string;
  readonly bulkId: string | undefined;
  /** The resource's entity tag, for PUT, PATCH and DELETE. */
  readonly version: string | undefined;
  readonly type: ResourceType | undefined;
  /** The ID in the path, which can be a `bulkId:` reference; absent for POST. */
  readonly id: string | undefined;
  readonly data: Json | undefined;
  /** The problem with the operation. It fails by itself; the others are executed. */
  readonly fault: ScimError | undefined;
}

/** A bulk request. */
export interface BulkRequest {
  /** The number of failures after which to stop; absent for no limit. */
  readonly failOnErrors: number | undefined;
  readonly operations: readonly BulkOperation[];
}

/**
 * Reads the body of a bulk request.
 *
 * @throws ScimError `invalidSyntax`, or 413 for too many operations.
 */
export function readBulk(body: Json, types: readonly ResourceType[], limits: ScimLimits): BulkRequest {
  if (!isJsonObject(body)) throw badRequest('invalidSyntax', 'The body must be a JSON object.');
  const schemas = memberOf(body, 'schemas');
  if (!isJsonArray(schemas) || !schemas.includes(messages.bulkRequest)) {
    throw badRequest('invalidSyntax', `"schemas" must contain "${messages.bulkRequest}".`);
  }
  const operations = memberOf(body, 'Operations');
  if (!isJsonArray(operations) || operations.length === 0) {
    throw badRequest('invalidSyntax', '"Operations" must be an array of at least one operation.');
  }
  if (operations.length > limits.maxBulkOperations) {
    // RFC 7644 §3.7.4 requires the limit in the message.
    throw new ScimError(413, `A bulk request can have at most ${limits.maxBulkOperations} operations.`);
  }
  const failOnErrors = memberOf(body, 'failOnErrors') ?? undefined;
  if (failOnErrors !== undefined && !(Number.isSafeInteger(failOnErrors) && Number(failOnErrors) >= 0)) {
    throw badRequest('invalidValue', '"failOnErrors" must be an integer.');
  }
  const bulkIds = new Set<string>();
  return {
    // 0 would stop before the start; it means no limit.
    failOnErrors: Number(failOnErrors ?? 0) || undefined,
    operations: operations.map((operation) => readOperation(operation, types, bulkIds)),
  };
}

function readOperation(operation: Json, types: readonly ResourceType[], taken: Set<string>): BulkOperation {
  if (!isJsonObject(operation)) throw badRequest('invalidSyntax', 'An operation must be a JSON object.');
  const text = (name: string): string | undefined => {
    const value = memberOf(operation, name);
    return typeof value === 'string' ? value : undefined;
  };
  const method = text('method')?.toUpperCase() ?? '';
  const bulkId = text('bulkId');
  const path = text('path') ?? '';
  const place = readPath(path, types);
  const fault = findFault(method, bulkId, path, place, memberOf(operation, 'data'), taken);
  if (bulkId !== undefined) taken.add(bulkId);
  return {
    method,
    bulkId,
    version: text('version'),
    type: place?.type,
    id: place?.id,
    data: memberOf(operation, 'data'),
    fault,
  };
}

interface Place {
  readonly type: ResourceType;
  readonly id: string | undefined;
}

// RFC 7644 §3.7: "path" is relative to the base URL: "/Users", or "/Users/" and an ID.
function readPath(path: string, types: readonly ResourceType[]): Place | undefined {
  const [, endpoint, id, more] = /^\/?([^/]*)(?:\/([^/]+))?(\/.*)?$/.exec(path) ?? [];
  const type = types.find((candidate) => candidate.endpoint === `/${endpoint}`);
  if (type === undefined || more !== undefined) return undefined;
  return { type, id: id === undefined ? undefined : safeDecode(id) };
}

function findFault(
  method: string,
  bulkId: string | undefined,
  path: string,
  place: Place | undefined,
  data: Json | undefined,
  taken: ReadonlySet<string>,
): ScimError | undefined {
  if (!methods.has(method))
    return badRequest('invalidSyntax', '"method" must be POST, PUT, PATCH or DELETE.');
  if (place === undefined)
    return badRequest('invalidValue', `There is no endpoint at ${JSON.stringify(path)}.`);
  if (method === 'POST' && place.id !== undefined)
    return badRequest('invalidValue', 'POST must not have an ID in "path".');
  if (method !== 'POST' && place.id === undefined) {
    return badRequest('invalidValue', `${method} needs an ID in "path".`);
  }
  // RFC 7644 §3.7: "bulkId [...] REQUIRED when 'method' is 'POST'".
  if (method === 'POST' && (bulkId === undefined || bulkId === '')) {
    return badRequest('invalidSyntax', 'POST needs a "bulkId".');
  }
  if (method === 'POST' && bulkId !== undefined && taken.has(bulkId)) {
    return badRequest('invalidSyntax', `The "bulkId" ${JSON.stringify(bulkId)} is used twice.`);
  }
  if (method !== 'DELETE' && !isJsonObject(data)) {
    return badRequest('invalidSyntax', `${method} needs an object as "data".`);
  }
  return undefined;
}

const methods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
