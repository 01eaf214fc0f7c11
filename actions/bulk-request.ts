import type { Capabilities } from '../connector/provider/capabilities.ts';
import { isRecord } from '../schemas/is-record.ts';
import { messages } from '../scim/messages.ts';
import type { ActionContext, BulkStep } from './operation.ts';

/** A request as one operation of a bulk request, for one row. */
export interface BulkOperation {
  readonly row: number;
  readonly step: BulkStep;
}

/** What a bulk response says of one operation. */
export interface BulkAnswer {
  readonly status: number;
  /** Empty if it is not stated. */
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
    const ownBytes = byteLength(JSON.stringify(operation.step)) + 64;
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

/**
 * Sends one bulk request (RFC 7644 §3.7). An operation without an answer can have been processed.
 *
 * @returns the answers by row
 * @throws ConnectorError if there is no response, or a rejection; each operation can have been processed then
 */
export async function sendBulk(
  { client, signal }: ActionContext,
  operations: readonly BulkOperation[],
): Promise<ReadonlyMap<number, BulkAnswer>> {
  const body = {
    schemas: [messages.bulkRequest],
    Operations: operations.map(({ row, step }) => ({
      method: step.method,
      path: step.path,
      bulkId: bulkIdOf(row),
      ...(step.body !== undefined && { data: step.body }),
    })),
  };
  const response = await client.send({ method: 'POST', path: '/Bulk', body, signal });
  return readAnswers(operations, response.body);
}

function readAnswers(operations: readonly BulkOperation[], body: unknown): ReadonlyMap<number, BulkAnswer> {
  const listed = isRecord(body) && Array.isArray(body.Operations) ? body.Operations.filter(isRecord) : [];
  const byBulkId = new Map(listed.map((answer) => [answer.bulkId, answer]));
  const answers = new Map<number, BulkAnswer>();
  for (const [index, { row }] of operations.entries()) {
    // Without a bulkId in the response (RFC 7644 §3.7 requires it only for POST), its position identifies the row.
    const answer =
      byBulkId.get(bulkIdOf(row)) ??
      (listed.length === operations.length && listed[index]?.bulkId === undefined
        ? listed[index]
        : undefined);
    const status = statusOf(answer?.status);
    if (answer === undefined || Number.isNaN(status)) continue;
    answers.set(row, { status, location: String(answer.location ?? ''), body: answer.response });
  }
  return answers;
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
