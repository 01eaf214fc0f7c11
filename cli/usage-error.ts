/** The command line was not right; the message says what to type instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
