import type { ActionDefinition } from '../../../../connector/definition/definition.ts';
import { createErrorLabels } from '../../../../hosts/kit/error-labels.ts';
import { formTraits } from '../../../../hosts/kit/form-traits.ts';
import { withLimitedTime } from '../../../../hosts/kit/limited-time.ts';
import { labelOf } from '../../../../hosts/zapier/form/words.ts';
import { toZapierError } from '../../../../hosts/zapier/runtime/to-zapier-error.ts';
import { tooSlow } from '../../../../hosts/zapier/runtime/zapier-session.ts';
import { ConnectorError } from '../../../../runtime/index.ts';
import { definition } from '../../../support/open-test-session.ts';

/** What an error of Zapier's runtime says, with its type, which decides what Zapier does next. */
export function textOfError(error: unknown): string {
  const { name, message } = error as Error;
  return `${name}: ${message}`;
}

class AppError extends Error {
  override readonly name = 'AppError';
  constructor(message: string, code?: string, status?: number) {
    super(JSON.stringify({ message, code, status }));
  }
}
class ThrottledError extends Error {
  override readonly name = 'ThrottledError';
  constructor(message: string, delay?: number) {
    super(JSON.stringify({ message, delay }));
  }
}
class ExpiredAuthError extends Error {
  override readonly name = 'ExpiredAuthError';
}
class HaltedError extends Error {
  override readonly name = 'HaltedError';
}
const zapierErrors = { Error: AppError, ThrottledError, ExpiredAuthError, HaltedError };

const labels = createErrorLabels(definition, labelOf, 'actions');

/** What an error of the library is in Zapier. */
export function expectedError(error: unknown, { fields }: ActionDefinition): string {
  if (!(error instanceof ConnectorError)) throw error;
  return textOfError(toZapierError(labels.label(withLimitedTime(error, tooSlow), fields), zapierErrors));
}

/** What an output of the library is in Zapier: a search returns a list. */
export function expectedResult(action: ActionDefinition, output: unknown): unknown {
  if (action.effect !== 'read') return output;
  if (formTraits(action).returnsList) return (output as { resources: unknown }).resources;
  return output === null ? [] : [output];
}
