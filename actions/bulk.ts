import type { ActionDefinition, ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts } from '../connector/error-texts.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import type { ScimResponse } from '../connector/http/scim-client.ts';
import { mapConcurrently } from '../connector/map-concurrently.ts';
import { problemTexts } from '../connector/problem-texts.ts';
import { readInput } from '../connector/read-input.ts';
import { checkTexts } from '../schemas/check-texts.ts';
import { fill } from '../schemas/fill.ts';
import { isRecord } from '../schemas/is-record.ts';
import { foldCase } from '../scim/fold-case.ts';
import { type BulkOperation, chunkOperations, isDone } from './bulk-request.ts';
import { nameOfRow, toRowInput } from './bulk-row.ts';
import { BulkSender } from './bulk-sender.ts';
import { groupByTarget } from './group-by-target.ts';
import type { ActionContext, AnyHandler, BulkStep, Input, OperationHandler } from './operation.ts';
import { isStopped, partError } from './stopped-error.ts';

/** What became of one row. */
type Outcome =
  | { readonly ok: true; readonly id?: string; readonly output?: unknown }
  | { readonly ok: false; readonly error: { readonly code: string; readonly message: string } };

/** The outcome of one row, with its number, from 1, and the name of its user, under the key of the reference. */
type RowResult = Outcome & { readonly row: number; readonly [reference: string]: unknown };

/**
 * Runs one action for every row: many in one POST to `/Bulk` (RFC 7644 §3.7) if the provider has it and one request
 * can perform the row, otherwise separately and concurrently. A row that a bulk response reports as done is confirmed as a
 * single request is: by what the response shows, or by a read. A row that it rejects is run separately, so that it is
 * retried, or its conflict is resolved as the action declares. So is a row that is not confirmed, which can have been processed.
 */
export const bulk: OperationHandler<'bulk'> = {
  type: 'bulk',
  isLongRunning: true,
  async run(context, action, input) {
    const key = (input.action as string | undefined) ?? action.operation.actions[0];
    const rowAction = context.definition.actions.find((candidate) => candidate.key === key);
    if (rowAction === undefined || !action.operation.actions.includes(rowAction.key)) {
      throw invalidInput([
        { path: 'action', message: fill(checkTexts.enum, { values: action.operation.actions.join(', ') }) },
      ]);
    }
    const matchBy = input.matchBy as string | undefined;
    if (matchBy !== undefined && !canMatch(context, rowAction))
      throw invalidInput([
        { path: 'matchBy', message: fill(problemTexts.matchesNobody, { action: rowAction.key }) },
      ]);
    const results = await new BulkRun(
      context,
      rowAction,
      input.rows as readonly (Input | null)[],
      matchBy,
    ).run();
    const succeeded = results.filter(({ ok }) => ok).length;
    return { succeeded, failed: results.length - succeeded, results };
  },
};

/** Whether the rows of an action mean resources that exist. */
function canMatch({ definition }: ActionContext, { operation, fields }: ActionDefinition): boolean {
  const resource = 'resource' in operation ? definition.resources[operation.resource] : undefined;
  return fields.some(({ key }) => key === 'matchBy' || key === resource?.reference.key);
}

/** Whatever the provider's limit, a response to more operations than this can exceed the timeout. */
const largestBulk = 200;

/** The operation of a row in a bulk request. */
interface RowOperation extends BulkOperation {
  readonly step: BulkStep;
}

class BulkRun {
  readonly #context: ActionContext;
  readonly #action: ActionDefinition;
  readonly #handler: AnyHandler;
  readonly #rows: (Input | null)[];
  readonly #results: (Outcome | undefined)[];
  /** Undefined for requests of any kind. */
  readonly #resource: ResourceDefinition | undefined;
  readonly #matchBy: string | undefined;
  readonly #names: readonly (string | undefined)[];
  readonly #sender = new BulkSender();
  #done = 0;
  /** A rejected token fails for every row: to continue could lock the account. */
  #refusal: ConnectorError | undefined;

  constructor(
    context: ActionContext,
    action: ActionDefinition,
    rows: readonly (Input | null)[],
    matchBy: string | undefined,
  ) {
    this.#matchBy = matchBy;
    this.#context = context;
    this.#action = action;
    this.#handler = context.handlerOf(action);
    const { operation } = action;
    this.#resource = 'resource' in operation ? context.definition.resources[operation.resource] : undefined;
    this.#rows = [...rows];
    this.#results = new Array(rows.length);
    this.#names = rows.map((row) => this.#resource && nameOfRow(this.#resource, row ?? {}));
  }

  async run(): Promise<readonly RowResult[]> {
    for (const [row, input] of this.#rows.entries()) {
      try {
        this.#rows[row] = readInput(this.#action.input, this.#toInput(input));
      } catch (error) {
        this.#fail(row, error);
      }
    }
    const isBulkUseful = this.#open().length > 1 && this.#handler.toBulkStep !== undefined;
    const { habits, capabilities } = this.#context;
    const limits = isBulkUseful && !habits.withoutBulk ? (await capabilities()).bulk : undefined;
    if (limits !== undefined) {
      for (const chunk of chunkOperations(await this.#plan(), limits, largestBulk))
        await this.#sendBulk(chunk);
    }
    await this.#runOneByOne(this.#open());
    const results = this.#results.flatMap((result, row) =>
      result === undefined ? [] : [this.#toResult(row, result)],
    );
    if (this.#refusal !== undefined && results.every(({ ok }) => !ok)) throw this.#refusal;
    return results;
  }

  #toInput(row: Input | null): Input {
    if (row === null) throw invalidInput([{ path: '', message: problemTexts.nullRow }]);
    return this.#resource === undefined ? row : toRowInput(this.#resource, this.#action, row, this.#matchBy);
  }

  #toResult(row: number, outcome: Outcome): RowResult {
    const name = this.#names[row];
    return {
      row: row + 1,
      ...(this.#resource !== undefined && name !== undefined && { [this.#resource.reference.key]: name }),
      ...outcome,
    };
  }

  /** The rows without a result. */
  #open(): readonly number[] {
    return this.#rows.flatMap((_, row) => (this.#results[row] === undefined ? [row] : []));
  }

  async #plan(): Promise<readonly RowOperation[]> {
    const planned = await mapConcurrently(
      this.#open(),
      this.#context.client.connection.concurrency,
      async (row) => {
        try {
          const context = this.#context.withDeadline(row);
          const step = await this.#handler.toBulkStep?.(context, this.#action, this.#rows[row] ?? {});
          return step === undefined ? [] : [{ row, step }];
        } catch (error) {
          this.#fail(row, error);
          return [];
        }
      },
    );
    return firstOfEachResource(planned.flat());
  }

  /** Sends one bulk request. Rows that are not confirmed can have been processed: they are run immediately, and look for their own resource. */
  async #sendBulk(chunk: readonly RowOperation[]): Promise<void> {
    if (this.#refusal !== undefined || this.#isStopped || this.#sender.isRefused) return;
    const startedAtInMs = this.#context.platform.now();
    let answers: ReadonlyMap<number, ScimResponse>;
    try {
      const response = await this.#sender.send(this.#context, chunk);
      if (this.#isStopped && response.error !== undefined) throw response.error;
      if (response.error?.code === 'auth') this.#refusal = response.error;
      answers = response.answers;
    } catch (error) {
      if (!this.#isStopped) throw error;
      for (const { row } of chunk) this.#fail(row, error);
      return;
    }
    const { concurrency } = this.#context.client.connection;
    const unproved = await mapConcurrently(chunk, concurrency, async ({ row, step }) => {
      const answer = answers.get(row);
      const isOpen =
        answer === undefined || (isDone(answer) && !(await this.#confirm(row, step, answer, startedAtInMs)));
      return isOpen ? [row] : [];
    });
    await this.#runOneByOne(unproved.flat(), startedAtInMs);
  }

  /** Confirms a row that is reported as done. @returns whether it is proved */
  async #confirm(
    row: number,
    step: BulkStep,
    answer: ScimResponse,
    maybeSentSinceInMs: number,
  ): Promise<boolean> {
    try {
      const context = { ...this.#context.withDeadline(row), maybeSentSinceInMs, onProgress: undefined };
      const { id } = await step.confirm(context, answer);
      this.#succeed(row, { ok: true, id });
      return true;
    } catch (reason) {
      const error = partError(this.#context, reason);
      if (error.code === 'auth') this.#refusal = error;
      return false;
    }
  }

  async #runOneByOne(rows: readonly number[], maybeSentSinceInMs?: number): Promise<void> {
    const inputs = new Map(rows.map((row) => [row, this.#rows[row] ?? {}]));
    const { definition, client } = this.#context;
    const turns = groupByTarget(definition, this.#action, inputs);
    await mapConcurrently(turns, client.connection.concurrency, async (turn) => {
      for (const row of turn) await this.#runRow(row, maybeSentSinceInMs);
    });
  }

  async #runRow(row: number, maybeSentSinceInMs: number | undefined): Promise<void> {
    try {
      if (this.#refusal !== undefined) throw this.#refusal;
      if (this.#isStopped)
        throw new ConnectorError(
          'unavailable',
          maybeSentSinceInMs === undefined ? errorTexts.stoppedBefore : errorTexts.stoppedDuring,
        );
      const context = { ...this.#context.withDeadline(row), maybeSentSinceInMs, onProgress: undefined };
      const output = await this.#handler.run(context, this.#action, this.#rows[row] ?? {});
      const id = isRecord(output) && typeof output.id === 'string' ? output.id : undefined;
      this.#succeed(row, { ok: true, ...(id !== undefined && { id }), output });
    } catch (error) {
      this.#fail(row, error);
    }
  }

  #succeed(row: number, outcome: Outcome): void {
    this.#results[row] = outcome;
    this.#progress();
  }

  #fail(row: number, reason: unknown): void {
    const error = partError(this.#context, reason);
    if (error.code === 'auth') this.#refusal = error;
    this.#results[row] = { ok: false, error: error.toJSON() as { code: string; message: string } };
    // What the stop left open is not done.
    if (!this.#isStopped || error.code !== 'unavailable') this.#progress();
  }

  get #isStopped(): boolean {
    return isStopped(this.#context);
  }

  #progress(): void {
    this.#done += 1;
    this.#context.onProgress?.({ done: this.#done, total: this.#rows.length });
  }
}

/** The operations without the later ones on the same resource: these would hide whether the first one was done. */
function firstOfEachResource(operations: readonly RowOperation[]): readonly RowOperation[] {
  const byPath = Map.groupBy(operations, ({ step: { path } }) => foldCase(path));
  return operations.filter(
    (operation) =>
      operation.step.method === 'POST' || byPath.get(foldCase(operation.step.path))?.[0] === operation,
  );
}
