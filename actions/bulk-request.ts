import type { Capabilities } from '../connector/provider/capabilities.ts';
import { isSameId } from '../connector/provider/look-up.ts';
import { lastSegment } from '../connector/provider/resource-path.ts';
import { isRecord } from '../schemas/is-record.ts';
import { messages } from '../scim/messages.ts';
import type { BulkStep } from './operation.ts';

/** A request as one operation of a bulk request, for one row. */
export interface BulkOperation {
  readonly row: number;
  readonly step: BulkStep;
}

/** What a bulk response proves of one operation. */
export interface BulkAnswer {
  /** Whether it was done. Otherwise it was rejected, and changed nothing. */
  readonly isDone: boolean;
  readonly status: number;
  /** Empty if it is not stated, or if it can be that of another operation. */
  readonly location: string;
  /** The resource, or the error; RFC 7644 §3.7.3 requires only the error. */
  readonly body: unknown;
}

/** The operations in parts that one bulk request can have: what the provider takes, and at most a given number. */
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

/** Reads a bulk response. @returns the answers by row; an operation without one can have been processed */
export function readBulkAnswers(
  operations: readonly BulkOperation[],
  body: unknown,
): ReadonlyMap<number, BulkAnswer> {
  const listed = isRecord(body) && Array.isArray(body.Operations) ? body.Operations.filter(isRecord) : [];
  const byBulkId = Map.groupBy(listed, ({ bulkId }) => bulkId);
  const nameless = namelessAnswers(operations, listed);
  const answers = new Map<number, BulkAnswer>();
  for (const [index, { row, step }] of operations.entries()) {
    const [named, another] = byBulkId.get(bulkIdOf(row)) ?? [];
    const answer = another === undefined ? (named ?? nameless[index]) : undefined;
    const status = statusOf(answer?.status);
    const isDone = status >= 200 && status < 300;
    // After any other status, such as 408 or 500, the operation can have been processed.
    const isRejected = status >= 400 && status < 500 && status !== 408;
    if (answer === undefined || !(isDone || isRejected)) continue;
    if (isDone && !namesOneResource(step, answer)) continue;
    answers.set(row, { isDone, status, location: textOf(answer.location), body: answer.response });
  }
  return answers;
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
  { method, path }: BulkStep,
  { location, response }: Readonly<Record<string, unknown>>,
): boolean {
  const requested = method === 'POST' ? '' : lastSegment(path);
  const shown = isRecord(response) ? textOf(response.id) : '';
  const [first = '', ...others] = [requested, lastSegment(textOf(location)), shown].filter((id) => id !== '');
  return others.every((id) => isSameId(id, first));
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
