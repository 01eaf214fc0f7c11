import { isJsonObject, type Json, type JsonObject } from '../../../scim/json.ts';
import { ScimError } from '../../../scim/scim-error.ts';
import { defaultScimLimits } from '../../scim/scim-limits.ts';
import type { Authenticator } from '../../scim/service/bearer-authenticator.ts';
import { readBody } from '../../scim/service/read-body.ts';
import type { ScimRequest, ScimResponse } from '../../scim/service/scim-message.ts';
import { invalid, WorkspaceError } from '../workspace-error.ts';

/** A request to a JSON endpoint. */
export interface JsonRequest {
  /** The values of the route's `{}` placeholders. */
  readonly parameters: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: ScimRequest['headers'];
  /** The raw body. */
  readonly text: string | undefined;
  /** The body as a JSON object; an empty object if there is no body. */
  json(): JsonObject;
}

/** The response of a JSON endpoint. */
export interface JsonReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
}

/** One operation: `PATCH /members/{}`, where `{}` is any one part of the path. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly handle: (request: JsonRequest) => JsonReply | Promise<JsonReply>;
}

/** The options of {@link jsonEndpoint}. */
export interface JsonEndpointOptions {
  readonly routes: readonly Route[];
  /** Verifies the caller's token. Default: everyone can call. */
  readonly authenticate?: Authenticator;
  /** Rejects a request as such, for example above a rate limit. */
  readonly check?: () => void;
  /** Converts an error to a body. Default: `{"error": {"code", "message"}}`. */
  readonly showError?: (error: WorkspaceError) => JsonObject;
}

const jsonType = { 'content-type': 'application/json; charset=utf-8' } as const;

/** Creates a JSON endpoint. */
export function jsonEndpoint({ routes, authenticate, check, showError = showPlainly }: JsonEndpointOptions) {
  return async (request: ScimRequest): Promise<ScimResponse> => {
    try {
      if (authenticate !== undefined && authenticate(request.headers.authorization) === undefined) {
        throw new WorkspaceError(
          401,
          'unauthorized',
          'Send the admin token as "Authorization: Bearer TOKEN".',
          { 'www-authenticate': 'Bearer realm="workspace"' },
        );
      }
      check?.();
      const { route, parameters } = findRoute(routes, request);
      const {
        body,
        status = body === undefined ? 204 : 200,
        headers = {},
      } = await route.handle({
        parameters,
        query: new URLSearchParams(request.query),
        headers: request.headers,
        text: request.body,
        json: () => readObject(request),
      });
      return { status, headers: { ...headers, ...jsonType }, ...(body !== undefined && { body }) };
    } catch (error) {
      const fault = toWorkspaceError(error);
      const { status, headers } = fault;
      return { status, headers: { ...headers, ...jsonType }, body: showError(fault) };
    }
  };
}

function showPlainly({ code, message }: WorkspaceError): JsonObject {
  return { error: { code, message } };
}

// The default limits apply: with stricter ones from the settings, the settings could become unchangeable.
function readObject(request: ScimRequest): JsonObject {
  if (request.body === undefined) return {};
  const body: Json = readBody(request, defaultScimLimits);
  if (!isJsonObject(body)) throw invalid('The body must be a JSON object.');
  return body;
}

interface FoundRoute {
  readonly route: Route;
  readonly parameters: readonly string[];
}

function findRoute(routes: readonly Route[], request: ScimRequest): FoundRoute {
  const allowed: string[] = [];
  for (const route of routes) {
    const parameters = match(route.path, request.path);
    if (parameters === undefined) continue;
    if (route.method === request.method) return { route, parameters };
    allowed.push(route.method);
  }
  if (allowed.length === 0) {
    throw new WorkspaceError(
      404,
      'not_found',
      `There is nothing at ${JSON.stringify(request.path)}. docs/workspace.md lists the endpoints.`,
    );
  }
  const allow = allowed.join(', ');
  throw new WorkspaceError(405, 'method_not_allowed', `This endpoint accepts ${allow}.`, { allow });
}

// The values of the placeholders; undefined if the path does not match.
function match(pattern: string, path: string): readonly string[] | undefined {
  const wanted = pattern.split('/');
  const given = path.replace(/\/$/, '').split('/');
  if (wanted.length !== given.length) return undefined;
  const parameters: string[] = [];
  for (const [at, part] of wanted.entries()) {
    const own = given[at] ?? '';
    if (part !== '{}' && part !== own) return undefined;
    if (part === '{}') parameters.push(decode(own));
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function toWorkspaceError(error: unknown): WorkspaceError {
  if (error instanceof WorkspaceError) return error;
  if (error instanceof ScimError) return new WorkspaceError(error.status, 'invalid_request', error.message);
  return new WorkspaceError(500, 'internal', 'The workspace failed to handle the request.');
}
