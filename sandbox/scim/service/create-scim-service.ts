import type { JsonObject } from '../../../scim/json.ts';
import { notFound, ScimError } from '../../../scim/scim-error.ts';
import { createSearcher } from '../query/create-searcher.ts';
import { parseQuery } from '../query/parse-query.ts';
import { projectionOfQuery, searchRequestOfBody, searchRequestOfQuery } from '../query/search-request.ts';
import { compileProjection, type ProjectionRequest } from '../resource/compile-projection.ts';
import { createRepresenter } from '../resource/create-representer.ts';
import type { ResourceRecord } from '../resource/resource-record.ts';
import type { ResourceType } from '../schema/resource-type.ts';
import { defaultScimLimits, type ScimLimits } from '../scim-limits.ts';
import type { Store } from '../store/store.ts';
import type { CommitHooks } from './commit-hooks.ts';
import { createDiscovery } from './create-discovery.ts';
import { createWriter, type UnknownMembers } from './create-writer.ts';
import { isNoneMatchHit } from './entity-tags.ts';
import { type Exchange, type FailedRequest, type Interceptors, isResponse } from './interceptors.ts';
import { readBody } from './read-body.ts';
import { readBulk } from './read-bulk.ts';
import { runBulk } from './run-bulk.ts';
import type { Principal, ScimRequest, ScimResponse, ScimService } from './scim-message.ts';

/** The options of a SCIM service. */
export interface ScimServiceOptions {
  /** The service's URL without a trailing slash, the prefix of locations. */
  readonly baseUrl: string;
  readonly resourceTypes: readonly ResourceType[];
  /** The types that clients see. Default: all. */
  readonly served?: readonly ResourceType[];
  readonly store: Store;
  /** Identifies the sender of a request by its `Authorization` header; undefined results in 401. */
  readonly authenticate: (authorization: string | undefined) => Principal | undefined;
  /** The clock. Default: the system's. */
  readonly now?: () => Date;
  readonly hooks?: CommitHooks;
  readonly limits?: Partial<ScimLimits>;
  /** Whether cursor-based pagination is supported and announced (RFC 9865). Default: true. */
  readonly cursorPagination?: boolean;
  /** Default: `reject`. */
  readonly unknownMembers?: UnknownMembers;
  /** The security events of the resources (RFC 9967 §4). Default: none. */
  readonly eventUris?: readonly string[];
  /** Intentional deviations from the RFCs. Default: none. */
  readonly interceptors?: Interceptors;
  /** Called for unexpected errors, for which the client gets a plain 500. */
  readonly onInternalError?: (error: unknown) => void;
}

/** Creates a SCIM 2.0 service (RFC 7644), independent of its transport. */
export function createScimService(options: ScimServiceOptions): ScimService {
  const { baseUrl, resourceTypes, store, authenticate, hooks = {} } = options;
  const now = options.now ?? (() => new Date());
  const limits: ScimLimits = { ...defaultScimLimits, ...options.limits };
  const onInternalError = options.onInternalError ?? (() => undefined);
  const served = options.served ?? resourceTypes;
  const representer = createRepresenter(baseUrl, served, store);
  const { cursorPagination = true, unknownMembers = 'reject', eventUris = [], interceptors = {} } = options;
  const writer = createWriter({
    resourceTypes,
    store,
    representer,
    hooks,
    limits,
    unknownMembers,
    interceptors,
    now,
    onInternalError,
  });
  const search = createSearcher({ store, representer, limits, cursorPagination, interceptors, now });
  const discovery = createDiscovery(baseUrl, served, { limits, cursorPagination, eventUris });
  const configuration =
    interceptors.configuration?.(discovery.serviceProviderConfig) ?? discovery.serviceProviderConfig;
  const byEndpoint = new Map(served.map((type) => [type.endpoint.slice(1), type]));

  function toScimError(error: unknown, failed: FailedRequest): ScimError {
    if (error instanceof ScimError) return interceptors.error?.(error, failed) ?? error;
    onInternalError(error);
    return new ScimError(500, 'The service failed to handle the request.');
  }

  function show(record: ResourceRecord, type: ResourceType, projection: ProjectionRequest): JsonObject {
    const whole = representer.represent(record);
    const shown = interceptors.resource?.(whole, { type, record, place: 'item' }) ?? whole;
    return compileProjection(type, projection)?.(shown) ?? shown;
  }

  function read(record: ResourceRecord, request: ScimRequest, view: ResourceView): Outcome {
    const headers = headersOf(record);
    const isKnown = isNoneMatchHit(request.headers['if-none-match'], headers.etag);
    if (isKnown) return { response: { status: 304, headers } };
    return { response: { status: 200, headers, body: show(record, view.type, view.projection) } };
  }

  function written(
    status: 200 | 201,
    before: ResourceRecord | undefined,
    after: ResourceRecord,
    { type, projection }: ResourceView,
  ): Outcome {
    const body = show(after, type, projection);
    return {
      response: { status, headers: headersOf(after), body },
      // It has no other reader.
      ...(before !== undefined &&
        interceptors.response !== undefined && { before: show(before, type, projection) }),
      after: body,
    };
  }

  function headersOf(record: ResourceRecord): { readonly etag: string; readonly location: string } {
    return { etag: representer.etag(record), location: representer.location(record) };
  }

  function onCollection(type: ResourceType, request: ScimRequest, principal: Principal): Outcome {
    const query = parseQuery(request.query);
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return ok(search([type], searchRequestOfQuery(query)));
      case 'POST': {
        const projection = projectionOfQuery(query);
        compileProjection(type, projection);
        const body = readBody(request, limits);
        const [record] = writer.create([{ type, id: writer.newId(), body }], principal);
        if (record === undefined) throw new TypeError('The writer created nothing');
        return written(201, undefined, record, { type, projection });
      }
      default:
        throw notAllowed('GET, HEAD, POST');
    }
  }

  function onResource(type: ResourceType, id: string, request: ScimRequest, principal: Principal): Outcome {
    const projection = projectionOfQuery(parseQuery(request.query));
    // Checked before any change, although it is needed only for the response.
    compileProjection(type, projection);
    const view = { type, projection };
    const target = { type, id, ifMatch: request.headers['if-match'], principal };
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return read(writer.require(type, id), request, view);
      case 'PUT': {
        const before = writer.require(type, id);
        return written(200, before, writer.replace(target, readBody(request, limits)), view);
      }
      case 'PATCH': {
        const before = writer.require(type, id);
        const after = writer.patch(target, readBody(request, limits));
        // RFC 7644 §3.5.2 allows both. Entra ID requires 204 for groups, which can be large; users are returned.
        const isAsked = projection.attributes !== undefined || projection.excludedAttributes !== undefined;
        if (type.name !== 'Group' || isAsked) return written(200, before, after, view);
        const response = { status: 204, headers: { etag: representer.etag(after) } };
        // The representation of a large group is not computed if it is not used.
        return interceptors.response === undefined
          ? { response }
          : { ...written(200, before, after, view), response };
      }
      case 'DELETE':
        writer.remove(target);
        return { response: { status: 204, headers: {} } };
      default:
        throw notAllowed('GET, HEAD, PUT, PATCH, DELETE');
    }
  }

  function onSearch(types: readonly ResourceType[], request: ScimRequest): Outcome {
    allow(request, 'POST');
    return ok(search(types, searchRequestOfBody(readBody(request, limits))));
  }

  function onBulk(request: ScimRequest, principal: Principal): Outcome {
    allow(request, 'POST');
    const bulk = readBulk(readBody(request, limits), served, limits);
    return ok(runBulk(bulk, { writer, representer, principal, toScimError }));
  }

  function onDiscovery(request: ScimRequest, find: () => JsonObject): Outcome {
    allow(request, 'GET', 'HEAD');
    // RFC 7644 §4: "If a 'filter' is provided, the service provider SHOULD respond with [...] 403".
    if (parseQuery(request.query).has('filter')) {
      throw new ScimError(403, 'Discovery endpoints cannot be filtered.');
    }
    return ok(find());
  }

  function route(request: ScimRequest, principal: Principal): Outcome {
    const [first = '', second, ...more] = readSegments(request.path);
    if (more.length > 0) throw notFound(`There is nothing at ${JSON.stringify(request.path)}.`);
    const type = byEndpoint.get(first);
    if (type !== undefined) {
      if (second === undefined) return onCollection(type, request, principal);
      if (second === '.search') return onSearch([type], request);
      return onResource(type, second, request, principal);
    }
    switch (first) {
      case 'ResourceTypes':
        return onDiscovery(request, () =>
          second === undefined ? discovery.resourceTypes : discovery.resourceType(second),
        );
      case 'Schemas':
        return onDiscovery(request, () =>
          second === undefined ? discovery.schemas() : discovery.schema(second),
        );
    }
    if (second === undefined) {
      switch (first) {
        case '':
          allow(request, 'GET', 'HEAD');
          return ok(search(served, searchRequestOfQuery(parseQuery(request.query))));
        case '.search':
          return onSearch(served, request);
        case 'ServiceProviderConfig':
          return onDiscovery(request, () => configuration);
        case 'Bulk':
          return onBulk(request, principal);
        case 'Me':
          // RFC 7644 §3.11: 501 where the alias is not supported.
          throw new ScimError(501, '/Me is not supported: a SCIM token does not represent a user.');
      }
    }
    throw notFound(`There is nothing at ${JSON.stringify(request.path)}.`);
  }

  function handle(request: ScimRequest): Outcome {
    try {
      const principal = authenticate(request.headers.authorization);
      if (principal === undefined) throw unauthorized(request.headers.authorization);
      const taken = interceptors.request?.(request) ?? request;
      return isResponse(taken) ? { response: taken } : route(taken, principal);
    } catch (error) {
      const { method, path } = request;
      const fault = toScimError(error, { method, namesResource: /^\/[^/]+\/[^/]+/.test(path) });
      return { response: { status: fault.status, headers: fault.headers, body: fault.toBody() } };
    }
  }

  return (request) => {
    const { response, ...resource } = handle(request);
    return interceptors.response?.(response, { request, ...resource }) ?? response;
  };
}

/** How a resource is shown. */
interface ResourceView {
  readonly type: ResourceType;
  readonly projection: ProjectionRequest;
}

/** A response, with the resource that was written. */
interface Outcome extends Pick<Exchange, 'before' | 'after'> {
  readonly response: ScimResponse;
}

function ok(body: JsonObject): Outcome {
  return { response: { status: 200, headers: {}, body } };
}

function allow(request: ScimRequest, ...methods: readonly string[]): void {
  if (!methods.includes(request.method)) throw notAllowed(methods.join(', '));
}

// RFC 9110 §15.5.6: a 405 lists the allowed methods.
function notAllowed(methods: string): ScimError {
  return new ScimError(405, `This endpoint accepts ${methods}.`, undefined, { allow: methods });
}

// RFC 6750 §3: without credentials, only the scheme is named; with invalid ones, also the error.
function unauthorized(authorization: string | undefined): ScimError {
  const challenge = 'Bearer realm="SCIM"';
  return authorization === undefined
    ? new ScimError(401, 'Send the SCIM token as "Authorization: Bearer TOKEN".', undefined, {
        'www-authenticate': challenge,
      })
    : new ScimError(401, 'The SCIM token is not valid.', undefined, {
        'www-authenticate': `${challenge}, error="invalid_token"`,
      });
}

// A trailing slash is tolerated. A path that cannot be decoded does not exist.
function readSegments(path: string): readonly string[] {
  const trimmed = path.replace(/^\//, '').replace(/\/$/, '');
  try {
    return trimmed.split('/').map(decodeURIComponent);
  } catch {
    throw notFound(`There is nothing at ${JSON.stringify(path)}.`);
  }
}
