import type {
  ActionDefinition,
  ConnectorDefinition,
  ResourceDefinition,
} from '../../../connector/definition/definition.ts';
import { ConnectorError, type ErrorCode, invalidInput } from '../../../connector/errors.ts';
import { didYouMean } from '../../../schemas/did-you-mean.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { readActionRows } from '../../../sync/read-action-rows.ts';
import { resourceOfAction } from '../../kit/form-traits.ts';
import { readTexts } from '../../kit/read-cell.ts';
import { bulkColumns } from '../form/bulk-columns.ts';
import type { BulkResource } from '../form/bulk-form.ts';
import { parameterNames } from '../parameter-names.ts';
import { enforceSafetyLimit } from './enforce-safety-limit.ts';
import type { N8nItemFunctions } from './n8n-functions.ts';
import type { N8nSession } from './n8n-session.ts';
import { readNodeOptions } from './read-form.ts';
import { readValue } from './read-value.ts';
import { asError, type ItemResult, type RunOptions } from './run-items.ts';

type Json = Readonly<Record<string, unknown>>;
type Row = Readonly<Record<string, string>>;

/** A row that failed, and the item that it comes from. */
interface FailedRow {
  readonly item: number;
  readonly name: string | undefined;
  readonly error: ConnectorError;
}

/** How a bulk action runs. */
export interface BulkOptions extends RunOptions {
  /** The error of a row with the labels of the form. */
  label(error: ConnectorError): ConnectorError;
}

/** The number of rows that an error names. */
const mostNamed = 10;

/**
 * Runs an action for all items of a run at once: each item is a row, and has one result. Without `continueOnFail`, failed
 * rows are items that say so, unless all of them failed.
 */
export async function runBulk(...given: Parameters<typeof runRows>): Promise<readonly ItemResult[]> {
  const [, , , , , { count, continueOnFail }] = given;
  try {
    return await runRows(...given);
  } catch (error) {
    if (!continueOnFail) throw error;
    return Array.from({ length: count }, (_, item) => ({ item, outputs: [], error: asError(error) }));
  }
}

async function runRows(
  definition: ConnectorDefinition,
  { action, form, rowActions }: BulkResource,
  rowAction: ActionDefinition,
  functions: N8nItemFunctions,
  session: N8nSession,
  { count, continueOnFail, label }: BulkOptions,
): Promise<readonly ItemResult[]> {
  const resource = resourceOfAction(rowAction, definition);
  if (resource === undefined) throw new TypeError(`The action ${rowAction.key} has no resource`);
  const { rows, numbers, problems } = readItems(resource, rowAction, functions, count);
  const options = readNodeOptions(action, (name, fallback) => functions.getNodeParameter(name, 0, fallback));
  const match = rowActions.find((one) => one.action === rowAction)?.match;
  const matchBy = match && readValue(match, functions.getNodeParameter(match.key, 0, undefined));
  const input = {
    [form.selector.key]: rowAction.key,
    [form.rows.key]: rows,
    ...(match !== undefined && matchBy !== undefined && { [match.key]: matchBy }),
  };
  const filled = { input, customAttributes: new Map(), simplify: false, ...options };
  const signal = functions.getExecutionCancelSignal?.();
  const stopped = await enforceSafetyLimit(definition, action, new Map([[0, filled]]), functions, {
    preview: (one) => session.run(action, one, { signal }),
    concurrency: session.concurrency,
  });
  for (const error of stopped.values()) throw error;

  const failed: FailedRow[] = problems.map(({ number, name, message }) => ({
    item: number,
    name,
    error: label(invalidInput([{ path: '', message: message.replace(/\.$/, '') }])),
  }));
  const results: ItemResult[] = [];
  if (rows.length > 0) {
    const output = (await session.run(action, filled, { signal })) as Json;
    for (const result of options.dryRun ? dryRows(output) : (output.results as readonly Json[])) {
      const { row, output: _, error, ...rest } = result;
      const item = numbers[Number(row) - 1] ?? 0;
      if (error === undefined) results.push({ item, outputs: [rest] });
      else failed.push({ item, name: nameOf(resource, rest), error: label(toError(error as Json)) });
    }
  }
  const [first, second] = failed;
  if (first !== undefined && results.length === 0 && !continueOnFail)
    throw second === undefined ? first.error : allFailed(failed);
  for (const { item, name, error } of failed)
    results.push(
      continueOnFail
        ? { item, outputs: [], error }
        : {
            item,
            outputs: [
              {
                ok: false,
                ...(name !== undefined && { [resource.reference.key]: name }),
                error: error.toJSON(),
              },
            ],
          },
    );
  return results.toSorted((one, other) => (one.item ?? 0) - (other.item ?? 0));
}

/** One row per item, with the number of the item. Items without any value have none. */
function readItems(
  resource: ResourceDefinition,
  action: ActionDefinition,
  functions: N8nItemFunctions,
  count: number,
): ReturnType<typeof readActionRows> {
  const isMapped =
    functions.getNodeParameter(`${parameterNames.columns}.mappingMode`, 0) !== 'autoMapInputData';
  const ignored = new Set(isMapped ? [] : readIgnored(functions));
  const items = isMapped ? [] : functions.getInputData();
  const rows = Array.from({ length: count }, (_, item) =>
    toRow(
      isMapped ? functions.getNodeParameter(`${parameterNames.columns}.value`, item, {}) : items[item]?.json,
      ignored,
    ),
  );
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  // The first row says which columns there are.
  const [first = {}, ...others] = rows;
  const all = [{ ...Object.fromEntries(names.map((name) => [name, ''])), ...first }, ...others];
  try {
    return readActionRows(resource, action, {
      source: parameterNames.columns,
      rows: all,
      numbers: rows.map((_, item) => item),
    });
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.problems.length === 0) throw error;
    throw unknownColumns(
      error.problems.map(({ path }) => path),
      bulkColumns(resource, action).map(({ id }) => id),
    );
  }
}

function readIgnored(functions: N8nItemFunctions): readonly string[] {
  const options = functions.getNodeParameter(parameterNames.options, 0, {});
  const ignored = isRecord(options) ? readTexts(options[parameterNames.ignoredColumns]) : undefined;
  return Array.isArray(ignored) ? ignored.map(String) : [];
}

/** The cells of a row as texts, as in a sheet. The parts of an object are columns of their own. */
function toRow(given: unknown, ignored: ReadonlySet<string>): Row {
  const cells = Object.entries(isRecord(given) ? given : {}).filter(([name]) => !ignored.has(name));
  return Object.fromEntries(cells.flatMap(([name, value]) => cellsOf(name, value)));
}

function cellsOf(name: string, value: unknown): readonly (readonly [string, string])[] {
  if (isRecord(value) && !(value instanceof Date))
    return Object.entries(value).flatMap(([part, one]) => cellsOf(`${name}.${part}`, one));
  return [[name, toText(value)]];
}

function toText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return value.toISOString();
  if (!Array.isArray(value)) return String(value);
  return value.map((one) => toText(isRecord(one) ? one.value : one)).join(';');
}

function unknownColumns(names: readonly string[], known: readonly string[]): ConnectorError {
  const named = names.map((name) => `"${name}"${didYouMean(name, known)}`).join(', ');
  const [columns, them] = names.length === 1 ? ['column', 'it'] : ['columns', 'them'];
  return new ConnectorError('invalid_input', {
    what: `The operation has no ${columns} ${named}.`,
    nextStep: `Rename ${them}, add ${them} to \`${parameterNames.ignoredColumns}\`, or select "Map Each Column Manually".`,
  });
}

/** The dry run of each row, with its requests and changes. */
function dryRows({ rows, requests, changes, ...dry }: Json): readonly Json[] {
  const of = (entries: unknown, row: unknown): readonly Json[] =>
    (entries as readonly Json[]).flatMap(({ row: own, ...entry }) => (own === row ? [entry] : []));
  return (rows as readonly Json[]).map((result) => ({
    dryRun: dry.dryRun,
    ...result,
    requests: of(requests, result.row),
    changes: of(changes, result.row),
  }));
}

function nameOf({ reference }: ResourceDefinition, result: Json): string | undefined {
  const name = result[reference.key] ?? result.name;
  return name === undefined ? undefined : String(name);
}

function toError({ code, message, nextStep = '', ...rest }: Json): ConnectorError {
  const what = String(message)
    .slice(0, String(message).length - String(nextStep).length)
    .trim();
  return new ConnectorError(code as ErrorCode, { ...rest, what, nextStep: String(nextStep) });
}

function allFailed(failed: readonly FailedRow[]): ConnectorError {
  const named = failed
    .slice(0, mostNamed)
    .map(({ item, name, error }) => `${name ?? `Item ${item}`}: ${error.what}`);
  const more = failed.length > mostNamed ? ` And ${failed.length - mostNamed} more.` : '';
  const code = failed[0]?.error.code ?? 'invalid_input';
  return new ConnectorError(code, {
    what: `All ${failed.length} items failed. ${named.join(' ')}${more}`,
    nextStep: failed[0]?.error.nextStep ?? '',
  });
}
