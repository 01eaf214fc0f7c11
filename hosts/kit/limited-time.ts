import { ConnectorError } from '../../connector/errors.ts';

/**
 * The errors of a host that limits the time of a run. To raise a timeout of the connection above that changes nothing, so
 * that an error must not advise it.
 *
 * @param advice - what to do instead
 */
export function withLimitedTime<Thrown>(thrown: Thrown, advice: string): Thrown | ConnectorError {
  if (!(thrown instanceof ConnectorError)) return thrown;
  // What else the next step says stays: the request may have succeeded.
  const nextStep = thrown.nextStep.replace(/[^.\s][^.]*`(?:timeout|deadline)InMs`[^.]*\.?/, () => advice);
  return nextStep === thrown.nextStep
    ? thrown
    : new ConnectorError(thrown.code, { ...thrown, nextStep, cause: thrown });
}
