import type { JsonObject } from './json.ts';
import { messages } from './messages.ts';

/** The detail error keywords of RFC 7644 §3.12, Table 9, and RFC 9865 §2.1. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount';

/** The SCIM error that a client receives (RFC 7644 §3.12). Thrown anywhere below the service, which sends it. */
export class ScimError extends Error {
  override readonly name = 'ScimError';
  /** The HTTP status of the response. */
  readonly status: number;
  /** The detail error keyword, which only status 400 and 409 define. */
  readonly scimType: ScimType | undefined;
  /** HTTP headers of the response, such as `Allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    scimType?: ScimType,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
    this.headers = headers;
  }

  /** The response's body. RFC 7644 §3.12 makes `status` a string. */
  toBody(): JsonObject {
    return {
      schemas: [messages.error],
      status: String(this.status),
      ...(this.scimType !== undefined && { scimType: this.scimType }),
      detail: this.message,
    };
  }
}

/** A request that cannot be served as it stands: status 400 with its keyword. */
export function badRequest(scimType: ScimType, detail: string): ScimError {
  return new ScimError(400, detail, scimType);
}

/** There is nothing at that place: status 404. */
export function notFound(detail: string): ScimError {
  return new ScimError(404, detail);
}
