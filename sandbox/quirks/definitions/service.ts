import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../../scim/json.ts';
import { notFound, ScimError } from '../../../scim/scim-error.ts';
import type { ScimRequest } from '../../scim/service/scim-message.ts';
import { without } from '../list-bodies.ts';
import { defineQuirk } from '../quirk.ts';

// Often enough to be noticed, and rarely enough that a retry succeeds.
const limitedEvery = 3;

/** Quirks of the service as a whole: versions, rate limits, bulk, and discovery. */
export const serviceQuirks = [
  defineQuirk({
    name: 'no-versions',
    summary: 'Resources have no version and no `ETag`, `If-Match` is ignored, and `etag.supported` is false.',
    seenAt: ['Ory Polis', 'scimmy-routers'],
    sources: ['RFC 7644 §3.14, which leaves versions optional'],
    aspect: 'version checks',
    excludes: ['numeric-version'],
    play: () => ({
      write: (write) => ({ ...write, ifMatch: undefined }),
      resource: (shown) =>
        isJsonObject(shown.meta) ? { ...shown, meta: without(shown.meta, 'version') } : shown,
      configuration: (configuration) => ({ ...configuration, etag: { supported: false } }),
      response: (response) => {
        const { etag: _, ...headers } = response.headers;
        return { ...response, headers };
      },
    }),
  }),
  defineQuirk({
    name: 'if-match-ignored',
    summary: 'Resources have versions, but `If-Match` is ignored.',
    seenAt: ['Ory Polis', 'scimmy-routers'],
    sources: ['RFC 7644 §3.14, where a stale version gets a 412'],
    aspect: 'version checks',
    play: () => ({ write: (write) => ({ ...write, ifMatch: undefined }) }),
  }),
  defineQuirk({
    name: 'if-match-rejected',
    summary: 'Every `If-Match` gets a 412, even with the current version.',
    seenAt: ['SCIM-SDK'],
    sources: ['Captain-P-Goldfish/SCIM-SDK#746', 'RFC 9110 §13.1.1, where a weak tag never matches'],
    aspect: 'version checks',
    play: () => ({
      write: (write) => {
        if (write.ifMatch !== undefined)
          throw new ScimError(412, 'The eTag status of the resource has changed.');
        return write;
      },
    }),
  }),
  defineQuirk({
    name: 'no-bulk',
    summary: 'There is no `/Bulk`, and `bulk` in `/ServiceProviderConfig` is only `{"supported": false}`.',
    seenAt: ['targets of authentik, and most other providers'],
    sources: ['goauthentik/authentik#25056'],
    excludes: ['bulk-stops-at-first-error', 'bulk-statuses-as-objects'],
    play: () => ({
      request: (request) => {
        if (isBulk(request)) throw new ScimError(501, 'Bulk is not supported.');
        return request;
      },
      configuration: (configuration) => ({ ...configuration, bulk: { supported: false } }),
    }),
  }),
  defineQuirk({
    name: 'bulk-stops-at-first-error',
    summary: 'A bulk request ends at its first error, although `failOnErrors` was not sent.',
    seenAt: ['scim-for-keycloak'],
    sources: ['Captain-P-Goldfish/scim-for-keycloak#71'],
    play: () => ({
      request: (request) =>
        isBulk(request)
          ? { ...request, ...onBody(request, (body) => ({ ...body, failOnErrors: 1 })) }
          : request,
    }),
  }),
  defineQuirk({
    name: 'bulk-statuses-as-objects',
    summary: 'In a bulk response, `status` is `{"code": 201}` and `response` is JSON in a string.',
    seenAt: ['WSO2 Identity Server'],
    sources: ['wso2/product-is#16110'],
    play: () => ({
      response: (response, { request }) =>
        isBulk(request) && response.body !== undefined && isJsonArray(response.body.Operations)
          ? {
              ...response,
              body: { ...response.body, Operations: response.body.Operations.map(withStatusObject) },
            }
          : response,
    }),
  }),
  defineQuirk({
    name: 'no-discovery',
    summary: '`/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas` get a 404.',
    seenAt: ['INDIGO IAM', 'targets of authentik'],
    sources: ['indigo-iam/iam#408', 'goauthentik/authentik#4915'],
    play: () => ({
      request: (request) => {
        if (/^\/(?:ServiceProviderConfig|ResourceTypes|Schemas)(?:\/|$)/.test(request.path))
          throw notFound('There is nothing at this path.');
        return request;
      },
    }),
  }),
  defineQuirk({
    name: 'rate-limit-403',
    summary:
      'Every third request gets a 403 with `Retry-After`, or with `x-ratelimit-remaining: 0` and `x-ratelimit-reset`.',
    seenAt: ['GitHub'],
    sources: ['integrations/terraform-provider-github#2329', 'docs.github.com: rate limits for the REST API'],
    play: ({ now }) => {
      const limited = everyThird();
      return {
        request: (request) => {
          const nth = limited();
          if (nth === undefined) return request;
          const reset = Math.ceil(now().getTime() / 1000) + 1;
          throw new ScimError(
            403,
            'You have exceeded a secondary rate limit.',
            undefined,
            nth % 2 === 1
              ? { 'retry-after': '1' }
              : { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) },
          );
        },
      };
    },
  }),
  defineQuirk({
    name: 'retry-after-epoch',
    summary: 'Every third request gets a 429 whose `Retry-After` is the end time in seconds since 1970.',
    seenAt: ['no named product: gateways that send the reset time there'],
    sources: ['RFC 9110 §10.2.3, where it is a number of seconds from now'],
    excludes: ['rate-limit-403'],
    play: ({ now }) => {
      const limited = everyThird();
      return {
        request: (request) => {
          if (limited() === undefined) return request;
          const end = Math.ceil(now().getTime() / 1000) + 1;
          throw new ScimError(429, 'Too many requests.', undefined, { 'retry-after': String(end) });
        },
      };
    },
  }),
] as const;

/** Counts requests. Returns for every third one its number among these, and otherwise undefined. */
function everyThird(): () => number | undefined {
  let count = 0;
  return () => {
    count += 1;
    return count % limitedEvery === 0 ? count / limitedEvery : undefined;
  };
}

function isBulk({ path }: ScimRequest): boolean {
  return /^\/Bulk\/?$/.test(path);
}

function onBody(
  { body = '' }: ScimRequest,
  change: (body: JsonObject) => JsonObject,
): { readonly body?: string } {
  try {
    const read: Json = JSON.parse(body);
    return isJsonObject(read) ? { body: JSON.stringify(change(read)) } : {};
  } catch {
    // The service reports the error.
    return {};
  }
}

function withStatusObject(operation: Json): Json {
  if (!isJsonObject(operation)) return operation;
  const { response, status } = operation;
  return {
    ...operation,
    status: { code: Number(status) },
    ...(response !== undefined && { response: JSON.stringify(response) }),
  };
}
