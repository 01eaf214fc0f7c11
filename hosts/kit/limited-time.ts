import { ConnectorError } from '../../connector/errors.ts';

/**
 * The errors of a host that limits the time of a run. To raise a timeout of the connection above that changes nothing, so
 * that an error must not advise it.
 *
 * @param advice - what to do instead
 */
export function withLimitedTime<Thrown>(thrown: Thrown, advice: string): Thrown | ConnectorError {
  if (!(thrown instanceof ConnectorError)) return thrown;
  const nextStep = limitAdvice(thrown.nextStep, advice);
  return nextStep === thrown.nextStep
    ? thrown
    : new ConnectorError(thrown.code, { ...thrown, nextStep, cause: thrown });
}

/** The same for a text. What else it says stays: the request may have succeeded. */
export function limitAdvice(text: string, advice: string): string {
  return text.replace(/[^.\s][^.]*`(?:timeout|deadline)InMs`[^.]*\.?/, () => advice);
}
