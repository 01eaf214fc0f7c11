/** The rejection of a request outside SCIM: sent as `{"error": {"code", "message"}}`. */
export class WorkspaceError extends Error {
  override readonly name = 'WorkspaceError';
  /** The HTTP status of the response. */
  readonly status: number;
  /** A stable code, such as `scim_needs_sso`. */
  readonly code: string;
  /** HTTP headers of the response, such as `Allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** An invalid value: status 400. */
export function invalid(message: string): WorkspaceError {
  return new WorkspaceError(400, 'invalid_request', message);
}
