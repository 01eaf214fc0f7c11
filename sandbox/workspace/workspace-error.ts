/** Why a request beside SCIM is refused: told as `{"error": {"code", "message"}}`. */
export class WorkspaceError extends Error {
  override readonly name = 'WorkspaceError';
  /** The HTTP status of the answer. */
  readonly status: number;
  /** A word for programs, such as `scim_needs_sso`. */
  readonly code: string;
  /** HTTP headers of the answer, such as `Allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** A value that is not of the form that it must have: status 400. */
export function invalid(message: string): WorkspaceError {
  return new WorkspaceError(400, 'invalid_request', message);
}
