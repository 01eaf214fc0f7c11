import type { ActionDefinition, ResourceDefinition } from '../connector/definition/definition.ts';
import { invalidInput } from '../connector/errors.ts';
import { problemTexts } from '../connector/problem-texts.ts';
import { isRecord } from '../schemas/is-record.ts';
import type { Input } from './operation.ts';

/**
 * The input of an action from a row. A flat row, such as a sheet has, identifies its resource with one of its own values
 * instead of a reference: `{ userName, title }` is `{ user: { userName }, title }`. The first lookup key with a value is the
 * reference, and the values of the others are to be set, such as the username of a user who is identified by ID.
 *
 * @param matchBy - the only lookup key that identifies the resource of a flat row
 * @throws ConnectorError `invalid_input` if the row has no value of it
 */
export function toRowInput(
  { reference, lookupKeys }: ResourceDefinition,
  { fields }: ActionDefinition,
  row: Input,
  matchBy?: string,
): Input {
  const hasField = (name: string): boolean => fields.some((field) => field.key === name);
  if (matchBy !== undefined && hasField('matchBy')) return { ...row, matchBy: row.matchBy ?? matchBy };
  if (!hasField(reference.key) || row[reference.key] !== undefined) return row;
  const keys = lookupKeys.map(({ key }) => key);
  if (matchBy !== undefined && isEmpty(row[matchBy]))
    throw invalidInput([{ path: matchBy, message: problemTexts.matchMissing }]);
  const key = matchBy ?? keys.find((name) => !isEmpty(row[name]));
  if (key === undefined) return row;
  const others = Object.entries(row).filter(
    ([name, value]) => name !== key && !(keys.includes(name) && isEmpty(value) && !hasField(name)),
  );
  return { [reference.key]: { [key]: row[key] }, ...Object.fromEntries(others) };
}

/** How a result names the resource of its row: as a person knows it, and otherwise by ID. */
export function nameOfRow({ reference, lookupKeys }: ResourceDefinition, row: Input): string | undefined {
  const referenced = row[reference.key];
  const values = isRecord(referenced) ? { ...row, ...referenced } : row;
  const keys = lookupKeys.map(({ key }) => key);
  const name = [...keys.filter((key) => key !== 'id'), 'id']
    .map((key) => values[key])
    .find((value) => !isEmpty(value));
  return typeof name === 'string' || typeof name === 'number' ? String(name) : undefined;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
