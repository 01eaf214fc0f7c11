import type { ConnectorDefinition, Field } from '../../../connector/definition/definition.ts';
import { isRecord } from '../../../schemas/is-record.ts';
import { readValue } from './read-value.ts';

/**
 * The input of a bulk action with its rows read as the form of their own action is read, since they come of sheets too.
 * A null stays where it takes a value away.
 *
 * @throws ConnectorError `invalid_input`
 */
export function readRows(
  { actions }: ConnectorDefinition,
  input: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { rows, action: key } = input;
  const fields = actions.find((action) => action.key === key)?.fields;
  if (!Array.isArray(rows) || fields === undefined) return input;
  return { ...input, rows: rows.map((row) => (isRecord(row) ? readRow(fields, row) : row)) };
}

function readRow(fields: readonly Field[], row: Readonly<Record<string, unknown>>): object {
  const entries = Object.entries(row).flatMap(([name, given]) => {
    const field = fields.find(({ key }) => key === name);
    const isTaken = given === null && field?.schema.type?.includes('null') === true;
    const value = field === undefined || isTaken ? given : readValue(field, given);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}
