import type { JsonObject } from '../../../scim/json.ts';

/** A request to a SCIM service, independent of the transport. */
export interface ScimRequest {
  /** The HTTP method in upper case. */
  readonly method: string;
  /** The path below the service's base, still percent-encoded: `/Users/2819c223`. */
  readonly path: string;
  /** The query part without its question mark; empty if the URL has no query. */
  readonly query: string;
  /** The HTTP headers, their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The raw body; absent if the request has no body. */
  readonly body?: string;
}

/** The response of a SCIM service. */
export interface ScimResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent for 204 and 304. Serialized once, by the transport. */
  readonly body?: JsonObject;
  /** A body that is not JSON, whose content type is among the headers. */
  readonly text?: string;
}

/** A SCIM service: responds to every request and never throws. */
export type ScimService = (request: ScimRequest) => ScimResponse;

/** The sender of a request, as identified by the service's `authenticate`. */
export interface Principal {
  /** A name for logs, never a secret. */
  readonly name: string;
}
