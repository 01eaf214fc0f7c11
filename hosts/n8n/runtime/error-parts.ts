import { ConnectorError } from '../../../connector/errors.ts';

/** The parts of n8n's `NodeApiError`. */
export interface ErrorParts {
  /** All details of a connector error, as plain data; any other error, unchanged. */
  readonly data: unknown;
  /** What happened; n8n shows it as the title. */
  readonly message?: string;
  /** What to do next; n8n shows it below. */
  readonly description?: string;
  readonly httpCode?: string;
}

/** Converts an error for display in n8n. */
export function errorParts(error: unknown): ErrorParts {
  if (!(error instanceof ConnectorError))
    return { data: error, ...(error instanceof Error && { message: error.message }) };
  const { what, nextStep, status } = error;
  return {
    data: error.toJSON(),
    message: what,
    description: nextStep,
    ...(status !== undefined && { httpCode: String(status) }),
  };
}
