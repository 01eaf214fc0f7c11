import type { Field } from '../../../connector/definition/definition.ts';
import { ConnectorError } from '../../../connector/errors.ts';
import { labelOf } from '../form/words.ts';

/** What is read of a credential; what is wrong with it is told by the names that its form shows. @throws ConnectorError */
export function readCredential<Value>(fields: readonly Field[], read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.problems.length === 0) throw error;
    const lines = error.problems.map(({ path, message }) => `${nameOf(fields, path)} ${message}`);
    throw new ConnectorError('invalid_input', {
      what: `The credential is not right: ${lines.join('; ')}.`,
      nextStep: 'Change it in the credential.',
      problems: error.problems,
    });
  }
}

function nameOf(fields: readonly Field[], path: string): string {
  const key = path.replace(/^connection\./, '');
  const field = fields.find((one) => one.key === key);
  return field === undefined ? path : `"${labelOf(field)}"`;
}
