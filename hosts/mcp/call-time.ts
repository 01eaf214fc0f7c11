/**
 * The longest time of one call. The official clients wait for 60 seconds, whatever progress is reported, and then drop the
 * result: a call ends before, so that its result says what was done.
 */
export const defaultMaxCallInMs = 50_000;

/** The deadline of a single action, before that of its call: then the error says what the provider did. */
export function maxDeadlineOf(maxCallInMs: number): number {
  return Math.max(1, Math.floor(maxCallInMs * 0.95));
}
