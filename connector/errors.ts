import { errorTexts, fillError } from './error-texts.ts';

/**
 * What went wrong, by what the caller should do about it. The codes are part of the public contract.
 *
 * - `invalid_input`: the input, or a value in it, was rejected. Correct the input.
 * - `auth`: the token is missing, wrong, expired, or revoked. Renew it.
 * - `forbidden`: the token is valid but lacks a permission. Grant it, or ask an administrator.
 * - `not_found`: there is no such user, group, or path.
 * - `conflict`: something else is in the way: a username that is taken, a name that matches two users, or a concurrent
 *   change.
 * - `precondition_failed`: the given version is no longer the current one.
 * - `rate_limited`: the provider requests a longer wait than the deadline allows.
 * - `unavailable`: the provider could not be reached, or kept failing, until the deadline.
 * - `provider_fault`: the response is not SCIM, or shows that the change was not made.
 * - `mass_change_blocked`: more users would lose access at once than the limit allows. None was reported.
 * - `unsupported`: the provider, or the host, cannot do this.
 *
 * @example
 * ```ts
 * const needsAdministrator = (code: ErrorCode): boolean => code === 'auth' || code === 'forbidden';
 * ```
 */
export type ErrorCode =
  | 'invalid_input'
  | 'auth'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'precondition_failed'
  | 'rate_limited'
  | 'unavailable'
  | 'provider_fault'
  | 'mass_change_blocked'
  | 'unsupported';

/**
 * The codes of transient errors: the same call can succeed later without any change. `provider_fault` is one, because
 * the login page or error page of a proxy is usually temporary.
 */
export const transientCodes: readonly ErrorCode[] = ['rate_limited', 'unavailable', 'provider_fault'];

/**
 * One problem of an input: its path, such as `emails[0].value`, and how to correct it.
 *
 * @example
 * ```ts
 * const format = ({ path, message }: InputProblem): string => `${path} ${message}`;
 * ```
 */
export interface InputProblem {
  readonly path: string;
  readonly message: string;
}

/** The parts of a {@link ConnectorError}, in addition to its code. */
export interface ConnectorErrorParts {
  /** What happened, as a sentence for a recipe builder. */
  readonly what: string;
  /** What to do now, as a sentence; it becomes the end of the message. */
  readonly nextStep: string;
  /** The HTTP status of the last response. */
  readonly status?: number | undefined;
  /** The SCIM error keyword (RFC 7644 Table 9), such as `uniqueness`. */
  readonly scimType?: string | undefined;
  /** The provider's own message. */
  readonly detail?: string | undefined;
  /** The number of times the request was sent; 0 if it never was. */
  readonly attempts?: number | undefined;
  /** The provider's ID of the request, for its support. */
  readonly requestId?: string | undefined;
  /** The wait that the provider requests, in milliseconds. */
  readonly retryAfterInMs?: number | undefined;
  /** The problems with the input. */
  readonly problems?: readonly InputProblem[] | undefined;
  /** For an action of several steps: what became of each of them. */
  readonly steps?: readonly Readonly<Record<string, unknown>>[] | undefined;
  readonly cause?: unknown;
}

/**
 * The one error that this package throws. `message` says what happened and what to do; `code` is for programs.
 *
 * @example
 * ```ts
 * try {
 *   await connector.actions.deactivate_user({ user: { email: 'nobody@example.com' } });
 * } catch (error) {
 *   if (!(error instanceof ConnectorError)) throw error;
 *   if (error.code !== 'not_found') console.error(error.message, error.requestId);
 * }
 * ```
 */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly code: ErrorCode;
  /** Whether the same call can succeed later without any change. */
  readonly transient: boolean;
  /** What happened: the first part of the message. */
  readonly what: string;
  /** What to do next: the rest of it. */
  readonly nextStep: string;
  readonly status: number | undefined;
  readonly scimType: string | undefined;
  readonly detail: string | undefined;
  readonly attempts: number;
  readonly requestId: string | undefined;
  readonly retryAfterInMs: number | undefined;
  readonly problems: readonly InputProblem[];
  /** For an action of several steps: what became of each of them, as in its output. */
  readonly steps: readonly Readonly<Record<string, unknown>>[];

  constructor(code: ErrorCode, parts: ConnectorErrorParts) {
    super(`${parts.what} ${parts.nextStep}`, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = code;
    this.transient = transientCodes.includes(code);
    this.what = parts.what;
    this.nextStep = parts.nextStep;
    this.status = parts.status;
    this.scimType = parts.scimType;
    this.detail = parts.detail;
    this.attempts = parts.attempts ?? 0;
    this.requestId = parts.requestId;
    this.retryAfterInMs = parts.retryAfterInMs;
    this.problems = parts.problems ?? [];
    this.steps = parts.steps ?? [];
  }

  /** The error as plain data for the command line and hosts, without stack and cause. */
  toJSON(): Record<string, unknown> {
    const {
      code,
      transient,
      message,
      nextStep,
      status,
      scimType,
      detail,
      attempts,
      requestId,
      retryAfterInMs,
      problems,
      steps,
    } = this;
    return {
      code,
      transient,
      message,
      nextStep,
      ...(status !== undefined && { status }),
      ...(scimType !== undefined && { scimType }),
      ...(detail !== undefined && { detail }),
      attempts,
      ...(requestId !== undefined && { requestId }),
      ...(retryAfterInMs !== undefined && { retryAfterInMs }),
      ...(problems.length > 0 && { problems }),
      ...(steps.length > 0 && { steps }),
    };
  }
}

/** An `invalid_input` error that lists every problem: "Invalid input: `department` must be a string." */
export function invalidInput(problems: readonly InputProblem[]): ConnectorError {
  const lines = problems.map(({ path, message }) =>
    path === '' ? message : `\`${path.replace(/^connection\./, '')}\` ${message}`,
  );
  return new ConnectorError('invalid_input', {
    ...fillError(errorTexts.invalidInput, { problems: lines.join('; ').replace(/\.$/, '') }),
    problems,
  });
}
