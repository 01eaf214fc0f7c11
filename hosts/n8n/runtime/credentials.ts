import type { Field } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { labelOf } from '../form/words.ts';
import { readValue } from './read-value.ts';

/** The name of the credential of a connection. Users' workflows store it. */
export const credentialName = 'scimApi';

/** The name of the credential of an event source. */
export const eventsCredentialName = 'scimEventsApi';

/** Reads a credential. Errors use the labels of its form. @throws ConnectorError */
export function readCredential<Value>(fields: readonly Field[], read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.problems.length === 0) throw error;
    const lines = error.problems.map(({ path, message }) => `${nameOf(fields, path)} ${message}`);
    throw new ConnectorError('invalid_input', {
      what: `Invalid credential: ${lines.join('; ')}.`,
      nextStep: 'Correct the credential.',
      problems: error.problems,
    });
  }
}

function nameOf(fields: readonly Field[], path: string): string {
  const key = path.replace(/^connection\./, '');
  const field = fields.find((one) => one.key === key);
  return field === undefined ? path : `"${labelOf(field)}"`;
}

/** The values of these fields in a credential. n8n adds its own fields to it. */
export function readFields(
  fields: readonly Field[],
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = fields.flatMap((field) => {
    const value = readValue(field, given[field.key]);
    // n8n's form has no empty number: 0 means omitted.
    const isOmitted = value === undefined || (value === 0 && (field.schema.minimum ?? 0) > 0);
    return isOmitted ? [] : [[field.key, value]];
  });
  return Object.fromEntries(entries);
}
