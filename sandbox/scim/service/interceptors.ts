import type { Json, JsonObject } from '../../../scim/json.ts';
import type { PatchOperation } from '../../../scim/patch/read-patch.ts';
import type { ScimError } from '../../../scim/scim-error.ts';
import type { SearchRequest } from '../query/search-request.ts';
import type { Change, ResourceRecord } from '../resource/resource-record.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import type { ScimRequest, ScimResponse } from './scim-message.ts';

/** A write before it is made: one request, or one operation of a bulk request. */
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
  readonly operations?: readonly PatchOperation[];
}

/** What the attributes of a write come from. */
export interface WriteOrigin {
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly type: ResourceType;
  readonly id: string;
  /** The attributes that the write starts from; absent for a POST. */
  readonly base?: JsonObject;
}

/** Where a resource is shown. */
export interface View {
  readonly type: ResourceType;
  readonly record: ResourceRecord;
  /** `list`: as one of the `Resources` of a list. `item`: as the body of a response. */
  readonly place: 'list' | 'item';
}

/** A request, and what became of the resource that it names. */
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
  /** Whether it names a resource by its id. */
  readonly namesResource: boolean;
}

/**
 * Where a service can be made to deviate from the RFCs: each function receives what the service is about to do, and
 * returns what it does instead. A function that is absent changes nothing. A ScimError that one of those up to
 * `unchanged` throws is the response, and nothing is changed.
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
  /** Called once a commit is made. */
  readonly committed?: (changes: readonly Change[]) => void;
  /** A resource, as it is about to be shown. */
  readonly resource?: (shown: JsonObject, view: View) => JsonObject;
  /** The body of `/ServiceProviderConfig`. */
  readonly configuration?: (configuration: JsonObject) => JsonObject;
  /** The error that a request failed with. */
  readonly error?: (error: ScimError, failed: FailedRequest) => ScimError;
  /** The response to a request, errors included. */
  readonly response?: (response: ScimResponse, exchange: Exchange) => ScimResponse;
}

/** Whether an interceptor of requests has ended the request. */
export function isResponse(message: ScimRequest | ScimResponse): message is ScimResponse {
  return 'status' in message;
}
