import type { ConnectorDefinition } from '../../connector/definition/definition.ts';

/**
 * The longest time of one call. The official clients wait for 60 seconds, whatever progress is reported, and then drop the
 * result: a call ends before, so that its result says what was done.
 */
export const defaultMaxCallInMs = 50_000;

/**
 * The limits of a connection that has no settings for them: they follow the longest time of a call. One request gets half of
 * it, so that a slow one can be sent again.
 */
export function timeLimitsOf(
  { connection }: ConnectorDefinition,
  maxCallInMs: number,
): { readonly deadlineInMs: number; readonly timeoutInMs: number } {
  const deadlineInMs = maxDeadlineOf(maxCallInMs);
  const { schema, default: usual } = connection.fields.find(({ key }) => key === 'timeoutInMs') ?? {};
  const half = Math.min(Math.floor(deadlineInMs / 2), schema?.maximum ?? deadlineInMs);
  return { deadlineInMs, timeoutInMs: Math.max(Number(usual), half) };
}

/** The deadline of a single action, before that of its call: then the error says what the provider did. */
export function maxDeadlineOf(maxCallInMs: number): number {
  return Math.max(1, Math.floor(maxCallInMs * 0.95));
}
