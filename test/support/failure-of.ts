import { ConnectorError } from '../../connector/errors.ts';

/** The ConnectorError that a run ends with. @throws Error when it ends well, or with an error of another kind. */
export async function failureOf(run: Promise<unknown> | (() => Promise<unknown>)): Promise<ConnectorError> {
  let output: unknown;
  try {
    output = await (typeof run === 'function' ? run() : run);
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw new Error('It failed with something that is no ConnectorError', { cause: error });
  }
  throw new Error(`It should have failed, but gave ${JSON.stringify(output)}`);
}
