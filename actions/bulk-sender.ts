import { ConnectorError } from '../connector/errors.ts';
import type { ScimResponse } from '../connector/http/scim-client.ts';
import { type BulkOperation, bulkBody, readBulkResponse } from './bulk-request.ts';
import type { ActionContext } from './operation.ts';

/** What became of a bulk request. */
export interface BulkResponse {
  /** By row, as {@link readBulkResponse} returns them. An operation without an answer can have been processed. */
  readonly answers: ReadonlyMap<number, ScimResponse>;
  /** Why there are no answers. */
  readonly error?: ConnectorError;
}

/**
 * Sends the bulk requests of one run (RFC 7644 §3.7), and decides when to send no more of them: after a rejection, and
 * after a transient failure, if no bulk request has succeeded since the last one.
 */
export class BulkSender {
  #isAccepted = false;
  #isRefused = false;

  /** Whether the last bulk request has succeeded: only then are several sent at a time. */
  get isAccepted(): boolean {
    return this.#isAccepted;
  }

  /** Whether every further operation is to be sent by itself. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Sends one bulk request. @throws everything but a ConnectorError, such as the reason of an abort */
  async send(context: ActionContext, operations: readonly BulkOperation[]): Promise<BulkResponse> {
    const { client, signal, platform } = context;
    try {
      const body = bulkBody(operations);
      const response = await client.send({ method: 'POST', path: '/Bulk', body, signal });
      this.#isAccepted = true;
      return { answers: readBulkResponse(operations, response) };
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      const { code, status, transient } = error;
      this.#isRefused ||= !transient || !this.#isAccepted;
      this.#isAccepted = false;
      if (signal?.aborted !== true)
        platform.log({ level: 'info', event: 'bulk_refused', code, status, rows: operations.length });
      return { answers: new Map(), error };
    }
  }
}
