import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { summarizeDryRun } from '../actions/dry-run/describe-recording.ts';
import type { ActionDefinition, ConnectorDefinition } from '../connector/definition/definition.ts';
import { ConnectorError } from '../connector/errors.ts';
import type { DryRun, DryRunError } from '../connector/generated/types.ts';
import { formTraits, resourceOfAction } from '../hosts/kit/form-traits.ts';
import type { DesiredInput } from '../runtime/connector.ts';
import { readDesiredBytes } from '../runtime/node/desired/read-desired.ts';
import { whyUnreadable } from '../runtime/node/why-unreadable.ts';
import { didYouMean } from '../schemas/did-you-mean.ts';
import { isRecord } from '../schemas/is-record.ts';
import { type ActionRowProblem, readActionRows } from '../sync/read-action-rows.ts';
import { readMap } from './desired-options.ts';
import { UsageError } from './errors.ts';
import { parseJson } from './options.ts';

/** The options that say what the rows of a bulk action are. */
export interface BulkOptions {
  readonly input: string;
  readonly action?: string;
  readonly matchBy?: string;
  readonly map?: string;
}

/** The input of a bulk action, and how its results are put into the numbers of the sheet. */
export interface BulkInput {
  readonly input: unknown;
  /** What was noticed while the input was read. */
  readonly notes?: readonly string[];
  /** The output with the numbers that the sheet shows, and with the rows that could not be sent. */
  toResults(output: unknown): unknown;
  /** The same for a dry run. */
  toDryRun(dryRun: DryRun): DryRun;
}

/**
 * Reads the input of a bulk action: the input itself, a list of rows, JSON lines, or a sheet.
 *
 * @throws UsageError or ConnectorError `invalid_input`
 */
export async function readBulkInput(
  options: BulkOptions,
  action: ActionDefinition,
  definition: ConnectorDefinition,
): Promise<BulkInput> {
  const { bulk } = formTraits(action);
  if (bulk === undefined) throw new TypeError(`${action.key} has no form for its rows`);
  const { rows, selector, defaultAction } = bulk;
  const given = await readRows(options.input, rows.key);
  const ofInput =
    isRecord(given) && typeof given[selector.key] === 'string' ? given[selector.key] : undefined;
  if (options.action !== undefined && ofInput !== undefined && ofInput !== options.action)
    throw new UsageError(`--action is ${options.action}, and the input has ${ofInput}. Omit one of them.`);
  const chosen = {
    ...(options.action !== undefined && { [selector.key]: options.action }),
    ...(options.matchBy !== undefined && { matchBy: options.matchBy }),
  };
  if (!isSheet(given)) {
    if (options.map !== undefined)
      throw new UsageError('--map is for the columns of a sheet, and the input is JSON. Omit it.');
    const input = Array.isArray(given) ? { [rows.key]: given } : given;
    return { input: isRecord(input) ? { ...input, ...chosen } : input, ...asGiven };
  }
  const key = options.action ?? defaultAction;
  const rowAction = definition.actions.find((one) => one.key === key);
  const resource = rowAction && resourceOfAction(rowAction, definition);
  if (rowAction === undefined || resource === undefined) {
    const keys = action.operation.type === 'bulk' ? action.operation.actions : [];
    throw new UsageError(
      `--action ${key} cannot run for rows${didYouMean(key, keys)}. Pass one of ${keys.join(', ')}.`,
    );
  }
  const { sheet } = given;
  const { map, notes = [] } =
    options.map === undefined ? sheet : { ...sheet, ...readMap(options.map, sheet) };
  const { users, rows: numbers, source = 'the sheet', problems } = sheet;
  const read = readActionRows(resource, rowAction, { source, rows: users, numbers, map, problems });
  return {
    input: { ...chosen, [rows.key]: read.rows },
    notes,
    toResults: (output) => inSheet(output, read.numbers, read.problems, resource.reference.key),
    toDryRun: (dryRun) => dryRunInSheet(dryRun, read.numbers, read.problems),
  };
}

/** The results of an input whose rows are numbered as they are. */
export const asGiven: Pick<BulkInput, 'toResults' | 'toDryRun'> = {
  toResults: (output) => output,
  toDryRun: (dryRun) => dryRun,
};

interface Sheet {
  readonly sheet: DesiredInput;
}

function isSheet(value: unknown): value is Sheet {
  return isRecord(value) && isRecord(value.sheet);
}

/** What `--input` has: the input as an object, a list of rows, or a sheet. */
async function readRows(value: string, rowsKey: string): Promise<unknown> {
  if (value !== '-' && !value.startsWith('@')) return parseJson(value, '--input');
  const source = value === '-' ? 'standard input' : basename(value.slice(1));
  const bytes = value === '-' ? await buffer(process.stdin) : readBytes(value.slice(1));
  const whole = wholeJson(bytes);
  if (Array.isArray(whole) || (isRecord(whole) && rowsKey in whole)) return whole;
  const desired = readDesiredBytes(bytes, source);
  // Only a sheet numbers its rows.
  return desired.rows === undefined ? desired.users : { sheet: desired };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${whyUnreadable(error)}. Check the path.`);
  }
}

function wholeJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function inSheet(
  output: unknown,
  numbers: readonly number[],
  problems: readonly ActionRowProblem[],
  reference: string,
): unknown {
  if (!isRecord(output) || !Array.isArray(output.results)) return output;
  const sent = output.results.filter(isRecord).map((result) => ({
    ...result,
    row: numbers[Number(result.row) - 1] ?? Number(result.row),
  }));
  const unsent = problems.map(({ number, name, message }) => ({
    row: number,
    ...(name !== undefined && { [reference]: name }),
    ok: false,
    error: rowError(message).toJSON(),
  }));
  return {
    ...output,
    failed: Number(output.failed) + unsent.length,
    results: [...sent, ...unsent].toSorted((one, other) => one.row - other.row),
  };
}

function dryRunInSheet(
  dryRun: DryRun,
  numbers: readonly number[],
  problems: readonly ActionRowProblem[],
): DryRun {
  const inOrder = <One extends { row?: number }>(list: readonly One[]): One[] =>
    list.map((one) => (one.row === undefined ? one : { ...one, row: numbers[one.row - 1] ?? one.row }));
  const unsent = problems.map(({ number, name, message }) => ({
    row: number,
    ...(name !== undefined && { name }),
    ok: false,
    error: rowError(message).toJSON() as unknown as DryRunError,
  }));
  const { requests, changes, rows } = dryRun;
  const numbered: DryRun = {
    ...dryRun,
    requests: inOrder(requests),
    changes: inOrder(changes),
    rows: [...inOrder(rows), ...unsent].toSorted((one, other) => one.row - other.row),
  };
  return { ...numbered, summary: summarizeDryRun(numbered) };
}

function rowError(what: string): ConnectorError {
  return new ConnectorError('invalid_input', { what, nextStep: 'Correct this row of the sheet.' });
}
