import workatoRoleSchema from '../../../schemas/scim/WorkatoRole.json' with { type: 'json' };
import type { JsonObject } from '../../../scim/json.ts';
import { ScimError } from '../../../scim/scim-error.ts';
import { listResponse } from '../../scim/query/list-response.ts';
import type { Exchange, Write } from '../../scim/service/interceptors.ts';
import type { ScimResponse } from '../../scim/service/scim-message.ts';
import { without } from '../list-bodies.ts';
import { defineQuirk } from '../quirk.ts';

const aboutPatches = [
  'patch-ignored',
  'patch-returns-empty-object',
  'patch-returns-list',
  'patch-returns-stale',
  'patch-returns-no-content',
  'no-op-patch-rejected',
  'patch-filter-paths-rejected',
  'remove-non-member-rejected',
  'remove-non-member-404',
  'add-member-conflict',
  'one-member-per-request',
  'replace-members-rejected',
] as const;

/** Quirks of PATCH and its response. */
export const patchQuirks = [
  defineQuirk({
    name: 'no-patch',
    summary: 'PATCH gets a 405, and `patch.supported` is false.',
    seenAt: ['targets of authentik', 'Metatavu keycloak-scim-server'],
    sources: ['goauthentik/authentik#13386', 'goauthentik/authentik#11249'],
    aspect: 'PATCH support',
    excludes: aboutPatches,
    play: () => ({
      write: onPatch(() => {
        throw new ScimError(405, 'Method "PATCH" not allowed.', undefined, { allow: 'GET, PUT, DELETE' });
      }),
      configuration: (configuration) => ({ ...configuration, patch: { supported: false } }),
    }),
  }),
  defineQuirk({
    name: 'no-patch-unannounced',
    summary: 'PATCH gets a 501, although `patch.supported` is true.',
    seenAt: ['django-scim2, for some resources'],
    sources: ['15five/django-scim2: src/django_scim/adapters.py'],
    aspect: 'PATCH support',
    excludes: aboutPatches,
    play: () => ({
      write: onPatch(() => {
        throw new ScimError(501, 'PATCH is not implemented.');
      }),
    }),
  }),
  defineQuirk({
    name: 'patch-filter-paths-rejected',
    summary: 'A PATCH with a filter in a path, such as `members[value eq "…"]`, gets a 501.',
    seenAt: ['django-scim2'],
    sources: ['15five/django-scim2: src/django_scim/adapters.py'],
    play: () => ({
      write: onPatch(({ operations = [] }) => {
        if (operations.some(({ path }) => path?.includes('[')))
          throw new ScimError(501, 'Complex paths are not implemented.');
      }),
    }),
  }),
  defineQuirk({
    name: 'patch-ignored',
    summary: 'A PATCH of members or roles gets a 200 and changes nothing, which the response shows.',
    seenAt: ['authentik', 'Open WebUI', 'Ory Polis', 'scimgateway'],
    sources: ['goauthentik/authentik#25686', 'goauthentik/authentik#24173'],
    play: () => ({
      attributes: (attributes, { method, base }) =>
        method === 'PATCH' && base !== undefined ? restored(attributes, base) : attributes,
      response: onPatched((response, after) => ({ ...response, status: 200, body: after })),
    }),
  }),
  defineQuirk({
    name: 'no-op-patch-rejected',
    summary: 'A PATCH that changes nothing is rejected with 400.',
    seenAt: ['better-auth'],
    sources: ['better-auth/better-auth#8549'],
    excludes: ['patch-ignored'],
    play: () => ({
      unchanged: ({ method }) => {
        if (method === 'PATCH') throw new ScimError(400, 'No valid fields to update.');
      },
    }),
  }),
  defineQuirk({
    name: 'patch-returns-empty-object',
    summary: 'A PATCH returns 200 with `{}`.',
    seenAt: ['Google Cloud Identity'],
    sources: ['docs.cloud.google.com: customers.v2.Users.patch'],
    aspect: 'PATCH response',
    excludes: ['patch-ignored'],
    play: () => ({ response: onPatched((response) => ({ ...response, status: 200, body: {} })) }),
  }),
  defineQuirk({
    name: 'patch-returns-list',
    summary: 'A PATCH returns 200 with a ListResponse that has the resource in it.',
    seenAt: ['Zuora'],
    sources: ['developer.zuora.com: SCIM, PATCH of a user'],
    aspect: 'PATCH response',
    play: () => ({
      response: onPatched((response, after) => ({
        ...response,
        status: 200,
        body: listResponse({ items: [after], totalResults: 1, startIndex: 1 }),
      })),
    }),
  }),
  defineQuirk({
    name: 'patch-returns-stale',
    summary: 'A PATCH returns 200 with the resource from before the change.',
    seenAt: ['samples of Microsoft Entra ID', 'WSO2 Identity Server', 'Open WebUI'],
    sources: ['learn.microsoft.com/entra: use-scim-to-provision-users-and-groups'],
    aspect: 'PATCH response',
    excludes: ['patch-ignored'],
    play: () => ({
      response: onPatched((response, after, before) => ({ ...response, status: 200, body: before ?? after })),
    }),
  }),
  defineQuirk({
    name: 'patch-returns-no-content',
    summary: 'A PATCH returns 204, for users as well.',
    seenAt: ['Sentry', 'AWS IAM Identity Center, for groups'],
    sources: ['RFC 7644 §3.5.2, which allows it'],
    aspect: 'PATCH response',
    excludes: ['patch-ignored'],
    play: () => ({ response: onPatched(({ headers }) => ({ status: 204, headers })) }),
  }),
] as const;

function onPatch(check: (write: Write) => void): (write: Write) => Write {
  return (write) => {
    if (write.method === 'PATCH') check(write);
    return write;
  };
}

function onPatched(
  change: (response: ScimResponse, after: JsonObject, before: JsonObject | undefined) => ScimResponse,
): (response: ScimResponse, exchange: Exchange) => ScimResponse {
  return (response, { request, before, after }) =>
    request.method === 'PATCH' && after !== undefined && response.status < 300
      ? change(response, after, before)
      : response;
}

/** The attributes with their previous members and roles. */
function restored(attributes: JsonObject, base: JsonObject): JsonObject {
  const ignored = ['members', 'roles', workatoRoleSchema.id];
  const kept = ignored.flatMap((name) => (base[name] === undefined ? [] : [[name, base[name]] as const]));
  return { ...ignored.reduce(without, attributes), ...Object.fromEntries(kept) };
}
