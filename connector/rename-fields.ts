import { errorParts } from './error-texts.ts';
import { ConnectorError } from './errors.ts';

/** A surface's name of a field, such as the label in a form; undefined if it has none. */
export type NameOf = (path: string) => string | undefined;

/**
 * The same error in the terms of a surface. Its sentences name fields by their keys, in backticks: `nameOf`
 * replaces those it knows. A sentence that quotes the provider does not change.
 *
 * @example
 * renameFields(error, (path) => (path === 'deadlineInMs' ? '"Total Timeout (ms)"' : undefined));
 */
export function renameFields(error: ConnectorError, nameOf: NameOf): ConnectorError {
  const rename = (text: string): string => renameKeys(text, nameOf);
  return new ConnectorError(error.code, {
    ...error,
    what: error.detail === undefined ? rename(error.what) : error.what,
    nextStep: rename(error.nextStep),
    cause: error,
  });
}

/** A sentence with the keys in backticks replaced. It must not quote the provider. */
export function renameKeys(text: string, nameOf: NameOf): string {
  return text.replace(/`([^`\s]+)`/g, (whole, path: string) => nameOf(path) ?? whole);
}

const [quoteStart = ''] = errorParts.detail.split('{detail}');

/** Whether a message quotes the provider. */
export function hasQuote(message: string): boolean {
  return message.includes(quoteStart);
}
