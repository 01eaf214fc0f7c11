import type { ScimResponse } from '../connector/http/scim-client.ts';
import type { Capabilities } from '../connector/provider/capabilities.ts';
import { isSameId } from '../connector/provider/look-up.ts';
import { lastSegment } from '../connector/provider/resource-path.ts';
import { isRecord } from '../schemas/is-record.ts';
import { messages } from '../scim/messages.ts';
import type { BulkRequest } from './operation.ts';

/** A request as one operation of a bulk request, for one row. */
export interface BulkOperation {
  readonly row: number;
  readonly step: BulkRequest;
}

/** The operations in parts that one bulk request can have: what the provider accepts, and at most a given number. */
export function* chunkOperations<Operation extends BulkOperation>(
  operations: readonly Operation[],
  { maxOperations, maxPayloadSizeBytes }: NonNullable<Capabilities['bulk']>,
  most: number,
): Generator<readonly Operation[]> {
  const largest = Math.min(maxOperations, most);
  let chunk: Operation[] = [];
  let sizeBytes = 0;
  for (const operation of operations) {
    const { method, path, body } = operation.step;
    const ownBytes = byteLength(JSON.stringify({ method, path, body })) + 64;
    if (chunk.length === largest || (chunk.length > 0 && sizeBytes + ownBytes > maxPayloadSizeBytes * 0.9)) {
      yield chunk;
      chunk = [];
      sizeBytes = 0;
    }
    chunk.push(operation);
    sizeBytes += ownBytes;
  }
  if (chunk.length > 0) yield chunk;
}

/** The body of a bulk request (RFC 7644 §3.7). */
export function bulkBody(operations: readonly BulkOperation[]): Readonly<Record<string, unknown>> {
  return {
    schemas: [messages.bulkRequest],
    Operations: operations.map(({ row, step }) => ({
      method: step.method,
      path: step.path,
      bulkId: bulkIdOf(row),
      ...(step.body !== undefined && { data: step.body }),
    })),
  };
}

/**
 * Reads a bulk response as the responses to its operations.
 *
 * @returns them by row. A success, whose body RFC 7644 §3.7.3 does not require, is what the provider reports; a rejected
 * operation changed nothing. An operation without a response can have been processed.
 */
export function readBulkResponse(
  operations: readonly BulkOperation[],
  { headers, body, attempts }: ScimResponse,
): ReadonlyMap<number, ScimResponse> {
  const listed = isRecord(body) && Array.isArray(body.Operations) ? body.Operations.filter(isRecord) : [];
  const byBulkId = Map.groupBy(listed, ({ bulkId }) => bulkId);
  const nameless = namelessAnswers(operations, listed);
  const answers = new Map<number, ScimResponse>();
  for (const [index, { row, step }] of operations.entries()) {
    const [named, another] = byBulkId.get(bulkIdOf(row)) ?? [];
    const answer = another === undefined ? (named ?? nameless[index]) : undefined;
    const status = statusOf(answer?.status);
    const isSuccess = status >= 200 && status < 300;
    // After any other status, such as 408 or 500, the operation can have been processed.
    const isRejected = status >= 400 && status < 500 && status !== 408;
    if (answer === undefined || !(isSuccess || isRejected)) continue;
    const own = { location: textOf(answer.location), body: responseIn(answer) };
    if (isSuccess && !namesOneResource(step, own)) continue;
    answers.set(row, { status, headers: { ...headers, location: own.location }, body: own.body, attempts });
  }
  return answers;
}

/** Whether the response to an operation reports a success. Otherwise it was rejected. */
export function isDone({ status }: ScimResponse): boolean {
  return status < 300;
}

/**
 * The answers without any `bulkId`, which RFC 7644 §3.7 requires only for POST, by the positions of their operations. They
 * can be in another order than the operations, so that they prove only what all of them say, or what they say of a
 * location that was requested.
 */
function namelessAnswers(
  operations: readonly BulkOperation[],
  listed: readonly Readonly<Record<string, unknown>>[],
): readonly (Readonly<Record<string, unknown>> | undefined)[] {
  if (listed.length !== operations.length || listed.some(({ bulkId }) => bulkId !== undefined)) return [];
  const byId = Map.groupBy(listed, ({ location }) => lastSegment(textOf(location)));
  const [first, ...others] = listed.map(({ status }) => statusOf(status));
  const isUniform = others.every((status) => status === first);
  return operations.map(({ step: { method, path } }) => {
    const [located, another] = method === 'POST' ? [] : (byId.get(lastSegment(path)) ?? []);
    if (located !== undefined && another === undefined) return located;
    return isUniform ? { status: first } : undefined;
  });
}

/** Whether a success and its operation name one resource. A success that names another one proves nothing. */
function namesOneResource(
  { method, path }: BulkRequest,
  { location, body }: { readonly location: string; readonly body: unknown },
): boolean {
  const requested = method === 'POST' ? '' : lastSegment(path);
  const shown = isRecord(body) ? textOf(body.id) : '';
  const [first = '', ...others] = [requested, lastSegment(location), shown].filter((id) => id !== '');
  return others.every((id) => isSameId(id, first));
}

/** The body of the response to an operation; some providers send it as JSON in a string. */
function responseIn({ response }: Readonly<Record<string, unknown>>): unknown {
  if (typeof response !== 'string') return response;
  try {
    return JSON.parse(response);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function bulkIdOf(row: number): string {
  return `row${row}`;
}

/** The index of the row that an operation of a bulk request is for; undefined if it has another `bulkId`. */
export function rowOfBulkId(bulkId: unknown): number | undefined {
  const digits = /^row(\d+)$/.exec(String(bulkId))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

// RFC 7644 §3.7.3 has the status as a string; others send a number, or SCIM 1.1's object.
function statusOf(status: unknown): number {
  return Number(isRecord(status) ? status.code : status);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
