import type { Json, JsonObject } from '../../../scim/json.ts';
import type { IncomingOperation } from '../../../scim/patch/read-patch.ts';
import type { ScimError } from '../../../scim/scim-error.ts';
import type { SearchRequest } from '../query/search-request.ts';
import type { Change, ResourceRecord } from '../resource/resource-record.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import type { ScimRequest, ScimResponse } from './scim-message.ts';

/** A write before its execution: one request, or one operation of a bulk request. */
export interface Write {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly type: ResourceType;
  /** The resource as it is; absent for a POST. */
  readonly before?: ResourceRecord;
  /** The `If-Match` header, or a bulk operation's `version`. */
  readonly ifMatch?: string | undefined;
  /** The body of a POST or PUT, as the client sent it. */
  readonly body?: Json;
  /** The operations of a PATCH. */
  readonly operations?: readonly IncomingOperation[];
}

/** The origin of a write's attributes. */
export interface WriteOrigin {
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly type: ResourceType;
  readonly id: string;
  /** The attributes that the write starts from; absent for a POST. */
  readonly base?: JsonObject;
}

/** The context in which a resource is shown. */
export interface View {
  readonly type: ResourceType;
  readonly record: ResourceRecord;
  /** `list`: as one of the `Resources` of a list. `item`: as the body of a response. */
  readonly place: 'list' | 'item';
}

/** A request, and the states of its resource. */
export interface Exchange {
  readonly request: ScimRequest;
  /** The resource as it was shown before a PUT or PATCH. */
  readonly before?: JsonObject;
  /** The resource as it is shown after a POST, PUT or PATCH. */
  readonly after?: JsonObject;
}

/** A request, or an operation of a bulk request, that failed. */
export interface FailedRequest {
  readonly method: string;
  /** Whether it identifies a resource by its ID. */
  readonly namesResource: boolean;
}

/**
 * The points at which a service can deviate from the RFCs: each function receives the next step of the service, and
 * returns its replacement. A missing function changes nothing. A ScimError from one of the functions up to
 * `unchanged` is the response, and nothing is changed.
 */
export interface Interceptors {
  /** Called before a request is routed. A response ends the request. */
  readonly request?: (request: ScimRequest) => ScimRequest | ScimResponse;
  /** The parameters of a list. */
  readonly query?: (query: SearchRequest, types: readonly ResourceType[]) => SearchRequest;
  /** The resources of a type that a list can find, before they are filtered and sorted. */
  readonly searched?: (
    records: readonly ResourceRecord[],
    query: SearchRequest,
    type: ResourceType,
  ) => readonly ResourceRecord[];
  /** A write before anything is checked. */
  readonly write?: (write: Write) => Write;
  /** The attributes that a write results in, before they are checked. */
  readonly attributes?: (attributes: JsonObject, origin: WriteOrigin) => JsonObject;
  /** Called when a PUT or PATCH changes nothing. */
  readonly unchanged?: (write: Write) => void;
  /** A list response. */
  readonly list?: (list: JsonObject, query: SearchRequest, types: readonly ResourceType[]) => JsonObject;
  /** Whether a PUT or PATCH with these attributes deletes the resource instead. */
  readonly deletes?: (attributes: JsonObject, type: ResourceType) => boolean;
  /** The `meta.lastModified` of a change, where `now` is the right one. */
  readonly lastModified?: (now: string, before: ResourceRecord, attributes: JsonObject) => string;
  /** The ID of a new resource. */
  readonly newId?: () => string;
  /** Called after a commit. */
  readonly committed?: (changes: readonly Change[]) => void;
  /** A resource, as it is about to be shown. */
  readonly resource?: (shown: JsonObject, view: View) => JsonObject;
  /** The body of `/ServiceProviderConfig`. */
  readonly configuration?: (configuration: JsonObject) => JsonObject;
  /** The error of a failed request. */
  readonly error?: (error: ScimError, failed: FailedRequest) => ScimError;
  /** The response to a request, errors included. */
  readonly response?: (response: ScimResponse, exchange: Exchange) => ScimResponse;
}

/** Whether an interceptor of requests has ended the request. */
export function isResponse(message: ScimRequest | ScimResponse): message is ScimResponse {
  return 'status' in message;
}
