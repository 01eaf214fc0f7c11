import type { JsonDraft, JsonObject } from '../../../scim/json.ts';
import { messages } from '../../../scim/messages.ts';
import { ScimError } from '../../../scim/scim-error.ts';
import type { Representer } from '../resource/create-representer.ts';
import type { ResourceRecord } from '../resource/resource-record.ts';
import { orderOperations, referencesOf, resolveReferences } from './bulk-references.ts';
import type { NewResource, Writer } from './create-writer.ts';
import type { FailedRequest } from './interceptors.ts';
import type { BulkOperation, BulkRequest } from './read-bulk.ts';
import type { Principal } from './scim-message.ts';

/** The dependencies of a bulk request. */
export interface BulkRun {
  readonly writer: Writer;
  readonly representer: Representer;
  readonly principal: Principal;
  /** Converts any error of an operation to the error for its client. */
  readonly toScimError: (error: unknown, failed: FailedRequest) => ScimError;
}

/**
 * Runs a bulk request (RFC 7644 §3.7). Each operation is a separate commit; those that refer to each other in
 * a circle are created together, in one commit (§3.7.1).
 */
export function runBulk({ operations, failOnErrors }: BulkRequest, run: BulkRun): JsonObject {
  const results = new Map<number, JsonObject>();
  const ids = new Map<string, string>();
  let failures = 0;
  for (const group of orderOperations(operations)) {
    if (failOnErrors !== undefined && failures >= failOnErrors) break;
    const parts = group.flatMap((at) => operations[at] ?? []);
    try {
      const records = runGroup(parts, ids, run);
      parts.forEach((operation, nth) => {
        const record = records[nth];
        if (operation.bulkId !== undefined && record !== undefined) ids.set(operation.bulkId, record.id);
        results.set(group[nth] ?? 0, showSuccess(operation, record, run.representer));
      });
    } catch (error) {
      failures += group.length;
      parts.forEach((operation, nth) => {
        const { method, id } = operation;
        const fault = run.toScimError(error, { method, namesResource: id !== undefined });
        results.set(group[nth] ?? 0, showFailure(operation, fault, run));
      });
    }
  }
  return {
    schemas: [messages.bulkResponse],
    Operations: operations.flatMap((_, at) => results.get(at) ?? []),
  };
}

// One record for each operation; undefined for a DELETE.
function runGroup(
  operations: readonly BulkOperation[],
  ids: ReadonlyMap<string, string>,
  { writer, principal }: BulkRun,
): readonly (ResourceRecord | undefined)[] {
  for (const { fault } of operations) if (fault !== undefined) throw fault;
  const own = new Map<string, string>();
  for (const { method, bulkId } of operations) {
    if (method === 'POST' && bulkId !== undefined) own.set(bulkId, writer.newId());
  }
  const idOf = (bulkId: string): string | undefined => own.get(bulkId) ?? ids.get(bulkId);
  for (const operation of operations) {
    for (const bulkId of referencesOf(operation)) {
      if (idOf(bulkId) !== undefined) continue;
      // RFC 7644 §3.7.1: 409 when a reference cannot be resolved.
      throw new ScimError(409, `No operation created ${JSON.stringify(`bulkId:${bulkId}`)}.`);
    }
  }
  const [first] = operations;
  if (first !== undefined && first.method !== 'POST' && operations.length === 1) {
    return [runOne(first, idOf, writer, principal)];
  }
  const resources = operations.map((operation): NewResource => {
    const { type, method, data = null, bulkId = '' } = operation;
    if (type === undefined || method !== 'POST') {
      throw new ScimError(409, 'Operations can refer to each other in a circle only if all are POST.');
    }
    return { type, id: own.get(bulkId) ?? writer.newId(), body: resolveReferences(data, idOf) };
  });
  return writer.create(resources, principal);
}

function runOne(
  { method, type, id, data = null, version }: BulkOperation,
  idOf: (bulkId: string) => string | undefined,
  writer: Writer,
  principal: Principal,
): ResourceRecord | undefined {
  if (type === undefined || id === undefined) throw new ScimError(400, 'The operation names no resource.');
  const target = { type, id: String(resolveReferences(id, idOf)), ifMatch: version, principal };
  const body = resolveReferences(data, idOf);
  switch (method) {
    case 'PUT':
      return writer.replace(target, body);
    case 'PATCH':
      return writer.patch(target, body);
    default:
      writer.require(type, target.id);
      writer.remove(target);
      return undefined;
  }
}

function showSuccess(
  operation: BulkOperation,
  record: ResourceRecord | undefined,
  representer: Representer,
): JsonObject {
  const statuses: Readonly<Record<string, string>> = { POST: '201', DELETE: '204' };
  return {
    ...showOperation(operation),
    ...(record !== undefined && {
      location: representer.location(record),
      version: representer.etag(record),
    }),
    ...(record === undefined && locationOf(operation, representer)),
    status: statuses[operation.method] ?? '200',
  };
}

// RFC 7644 §3.7: "location" is REQUIRED except for a POST that failed.
function showFailure(operation: BulkOperation, fault: ScimError, { representer }: BulkRun): JsonObject {
  return {
    ...showOperation(operation),
    ...(operation.method !== 'POST' && locationOf(operation, representer)),
    status: String(fault.status),
    response: fault.toBody(),
  };
}

function locationOf({ type, id }: BulkOperation, representer: Representer): JsonObject {
  return type === undefined || id === undefined ? {} : { location: representer.locate(type.recordType, id) };
}

function showOperation({ method, bulkId }: BulkOperation): JsonObject {
  const shown: JsonDraft = { method };
  if (bulkId !== undefined) shown.bulkId = bulkId;
  return shown;
}
