import { isJsonObject } from '../../../scim/json.ts';
import { ScimError } from '../../../scim/scim-error.ts';
import { pendingInvitationStatus } from '../../assumptions.ts';
import { without } from '../list-bodies.ts';
import { defineQuirk } from '../quirk.ts';
import { resourceIdOf } from '../resource-id-of.ts';

/** How long it takes until an invited user accepts, in a service where nobody can do it for the user. */
const acceptanceInMs = 3_600_000;

/** Quirks of creating, replacing, deactivating, and deleting, and of requests by ID. */
export const writeQuirks = [
  defineQuirk({
    name: 'no-put',
    summary: 'PUT gets the HTML page of a 404.',
    seenAt: ['targets of authentik'],
    sources: ['goauthentik/authentik#16678'],
    excludes: ['no-patch', 'no-patch-unannounced'],
    play: () => ({
      request: (request) =>
        request.method === 'PUT'
          ? {
              status: 404,
              headers: { 'content-type': 'text/html; charset=utf-8' },
              text: '<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>',
            }
          : request,
      write: (write) => {
        if (write.method === 'PUT') throw new ScimError(404, 'Not found.');
        return write;
      },
    }),
  }),
  defineQuirk({
    name: 'create-returns-empty-object',
    summary: 'A POST returns 201 with `{}` and a `Location`.',
    seenAt: ['providers that Nango connects'],
    sources: ['NangoHQ/integration-templates#502', 'wso2/product-is#4690'],
    aspect: 'create response',
    play: () => ({
      response: (response) => (response.status === 201 ? { ...response, body: {} } : response),
    }),
  }),
  defineQuirk({
    name: 'create-returns-no-id',
    summary: 'A POST returns 201 with a resource that has no `id`, and no `Location`.',
    seenAt: ['providers that Nango connects'],
    sources: ['NangoHQ/integration-templates#502'],
    aspect: 'create response',
    play: () => ({
      response: (response) => {
        if (response.status !== 201 || response.body === undefined) return response;
        const { location: _, ...headers } = response.headers;
        const { meta, ...body } = without(response.body, 'id');
        const shownMeta = isJsonObject(meta) ? { meta: without(meta, 'location') } : {};
        return { ...response, headers, body: { ...body, ...shownMeta } };
      },
    }),
  }),
  defineQuirk({
    name: 'external-id-unique',
    summary: 'Two users cannot have the same `externalId`: the second one gets a 409.',
    seenAt: ['Rancher', 'better-auth'],
    sources: ['rancher/rancher#55220', 'better-auth/better-auth#11111'],
    play: ({ list }) => ({
      attributes: (attributes, { type, id }) => {
        const { externalId } = attributes;
        const owners = type.name === 'User' && externalId !== undefined ? list('User') : [];
        if (owners.some((other) => other.id !== id && other.attributes.externalId === externalId))
          throw new ScimError(409, 'externalId already exists.', 'uniqueness');
        return attributes;
      },
    }),
  }),
  defineQuirk({
    name: 'deleted-names-stay-taken',
    summary:
      'The `userName` of a deleted user stays reserved: no list shows the user, and a POST gets a 409.',
    seenAt: ['Metatavu keycloak-scim-server'],
    sources: ['Metatavu/keycloak-scim-server#74'],
    play: () => {
      const taken = new Set<string>();
      return {
        committed: (changes) => {
          for (const { before, after } of changes) {
            const { userName } = before?.attributes ?? {};
            if (after === undefined && typeof userName === 'string') taken.add(userName.toLowerCase());
          }
        },
        attributes: (attributes, { method }) => {
          if (method === 'POST' && taken.has(String(attributes.userName).toLowerCase()))
            throw new ScimError(409, 'User already exists in the database.', 'uniqueness');
          return attributes;
        },
      };
    },
  }),
  defineQuirk({
    name: 'conflict-400',
    summary: 'A username that is taken gets a 400 `invalidValue` instead of a 409.',
    seenAt: ['go-scim'],
    sources: ['imulab/go-scim#65'],
    play: () => ({
      error: (error) =>
        error.status === 409 && error.scimType === 'uniqueness'
          ? new ScimError(400, 'The value is not unique.', 'invalidValue')
          : error,
    }),
  }),
  defineQuirk({
    name: 'deactivate-deletes',
    summary: 'Setting `active` to false deletes the user: 204, then 404.',
    seenAt: ['Sentry', 'GitHub organizations'],
    sources: ['docs.sentry.io/api/scim', 'docs.github.com/rest/scim'],
    aspect: 'deactivation',
    play: ({ list }) => ({
      deletes: ({ active }, { name }) => name === 'User' && active === false,
      response: (response, { request, after }) => {
        const id = request.path.startsWith('/Users/') ? resourceIdOf(request) : undefined;
        const isGone =
          id !== undefined && after !== undefined && list('User').every((user) => user.id !== id);
        return isGone ? { status: 204, headers: {} } : response;
      },
    }),
  }),
  defineQuirk({
    name: 'deactivate-ignored',
    summary: 'Setting `active` to false gets a 200 and changes nothing, which the response shows.',
    seenAt: ['OneUptime', 'SSOReady', 'several others'],
    sources: ['OneUptime/oneuptime#3852', 'ssoready/ssoready#155'],
    aspect: 'deactivation',
    play: () => ({
      attributes: (attributes, { type, base }) =>
        type.name === 'User' && attributes.active === false && base !== undefined && base.active !== false
          ? { ...attributes, active: true }
          : attributes,
    }),
  }),
  defineQuirk({
    name: 'invitation-pending',
    summary:
      'A created user is invited. Until the invitation is accepted, every PATCH and PUT of the user gets a 403.',
    seenAt: ['Workato'],
    sources: ['help.okta.com/en-us/content/topics/provisioning/workato/workato-supported-features.htm'],
    play: ({ now, list, isInvited }) => ({
      attributes: (attributes, { type, id, method }) => {
        if (type.name !== 'User' || method === 'POST') return attributes;
        const user = list('User').find((one) => one.id === id);
        if (user === undefined) return attributes;
        const isPending = isInvited?.(user) ?? now().getTime() < Date.parse(user.created) + acceptanceInMs;
        if (!isPending) return attributes;
        throw new ScimError(
          pendingInvitationStatus,
          `${user.attributes.userName} has not accepted the invitation yet, so the user cannot be changed or deactivated. Wait until it is accepted.`,
        );
      },
    }),
  }),
  defineQuirk({
    name: 'delete-gone-500',
    summary: 'A DELETE of an already deleted resource gets a 500.',
    seenAt: ['scimgateway'],
    sources: ['jelhub/scimgateway 6.1.18'],
    play: () => ({
      error: (error, { method, namesResource }) =>
        method === 'DELETE' && namesResource && error.status === 404
          ? new ScimError(500, 'deleteUser error: failed')
          : error,
    }),
  }),
  defineQuirk({
    name: 'unknown-id-500',
    summary: 'A GET by an unknown ID gets a 500.',
    seenAt: ['WSO2 Identity Server'],
    sources: ['wso2/product-is#7455'],
    play: () => ({
      error: (error, { method, namesResource }) =>
        method === 'GET' && namesResource && error.status === 404
          ? new ScimError(500, 'Error in getting user information.')
          : error,
    }),
  }),
  defineQuirk({
    name: 'single-user-unreadable',
    summary: 'The first created user cannot be read by ID (500). Lists show the user.',
    seenAt: ['WSO2 Identity Server'],
    sources: ['wso2/product-is#5117'],
    play: ({ list }) => ({
      request: (request) => {
        const id = request.method === 'GET' ? resourceIdOf(request) : undefined;
        if (id !== undefined && id === list('User')[0]?.id)
          throw new ScimError(500, 'Error in getting user information.');
        return request;
      },
    }),
  }),
  defineQuirk({
    name: 'other-id-in-response',
    summary: 'A response to a request by ID contains the ID of another user.',
    seenAt: ['no named product: caches and gateways that mix up requests'],
    sources: ['RFC 9111 §4, which defines when a stored response can be used'],
    play: ({ list }) => ({
      response: (response, { request }) => {
        const id = request.method === 'POST' ? undefined : resourceIdOf(request);
        if (id === undefined || response.status !== 200 || response.body === undefined) return response;
        const other = list('User').find((user) => user.id !== id)?.id ?? 'another-user';
        return { ...response, body: { ...response.body, id: other } };
      },
    }),
  }),
] as const;
