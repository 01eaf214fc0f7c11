import { ConnectorError } from '../../../connector/errors.ts';

/** What n8n's `NodeApiError` is made of. */
export interface ErrorParts {
  /** Everything that is known of the error, as plain data; what is no error of the connector, as it is. */
  readonly data: unknown;
  /** What happened, which n8n shows as the title. */
  readonly message?: string;
  /** What to do now, which n8n shows below. */
  readonly description?: string;
  readonly httpCode?: string;
}

/** An error as n8n shows it to a person. */
export function errorParts(error: unknown): ErrorParts {
  if (!(error instanceof ConnectorError))
    return { data: error, ...(error instanceof Error && { message: error.message }) };
  const { message, nextStep, status } = error;
  return {
    data: error.toJSON(),
    message: message.slice(0, -nextStep.length).trimEnd(),
    description: nextStep,
    ...(status !== undefined && { httpCode: String(status) }),
  };
}
