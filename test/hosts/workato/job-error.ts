import type { ConnectorDefinition } from '../../../connector/definition/definition.ts';
import type { ConnectorError } from '../../../connector/errors.ts';
import { renameFields } from '../../../connector/rename-fields.ts';
import { labels } from '../../../hosts/workato/error-texts.ts';

/** The error of a job: its code, and its sentences. */
export interface JobError {
  readonly code: string;
  readonly message: string;
}

/** Reads a job's error as Workato shows it: the code, then the sentences. */
export function readJobError(text: string): JobError {
  const [, code = '', message = ''] = /^(\w+): (.*)$/s.exec(text) ?? [];
  return { code, message };
}

/** The job error that an error of the library is the same as: with labels in place of the keys of fields. */
export function asJobError(
  error: ConnectorError,
  definition: ConnectorDefinition,
  forms: 'actions' | 'triggers' = 'actions',
): JobError {
  const names = labels(definition, forms);
  const { code, message } = renameFields(error, (path) => {
    const label = names.get(path);
    return label === undefined ? undefined : `"${label}"`;
  });
  return { code, message };
}
