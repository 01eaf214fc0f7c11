import type { ConnectorDefinition, Field } from '../../connector/definition/definition.ts';

/**
 * The label of each field that an error can name, by key. A key with different labels in several forms has none, because
 * an error does not say which form it belongs to.
 */
export function fieldLabels(
  fields: readonly Field[],
  labelOf: (field: Field) => string,
): ReadonlyMap<string, string> {
  const found = new Map<string, Set<string>>();
  for (const field of fields) {
    const known = found.get(field.key) ?? new Set();
    found.set(field.key, known.add(labelOf(field)));
  }
  return new Map([...found].flatMap(([key, names]) => (names.size === 1 ? [[key, [...names].join()]] : [])));
}

/** The labels on the way to a value in a form, with the numbers of list entries from 1: `emails[1].type` is "Emails 2 > Type". */
export function labelOfPath(
  form: readonly Field[],
  labelOf: (field: Field) => string,
  path: string,
): string | undefined {
  const labels: string[] = [];
  let fields = form;
  for (const part of path.split('.')) {
    const [, key, index] = /^(.*?)(?:\[(\d+)\])?$/.exec(part) ?? [];
    const field = fields.find((one) => one.key === key);
    if (field === undefined) return undefined;
    labels.push(`${labelOf(field)}${index === undefined ? '' : ` ${Number(index) + 1}`}`);
    fields = field.fields ?? [];
  }
  return labels.join(' > ');
}

/** The labels of the fields of all authentication methods, by the path that errors name: `auth.clientId`. */
export function authLabels(
  { connection }: ConnectorDefinition,
  labelOf: (field: Field) => string,
): ReadonlyMap<string, string> {
  const fields = connection.auth.methods.flatMap((method) => method.fields);
  return new Map(fields.map((field) => [`auth.${field.key}`, labelOf(field)]));
}
