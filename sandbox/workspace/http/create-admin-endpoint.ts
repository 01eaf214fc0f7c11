import { isJsonArray, isJsonObject, type JsonObject } from '../../../scim/json.ts';
import type { Endpoint } from '../../scim/http/start-scim-server.ts';
import { groupType } from '../../scim/schema/resource-types.ts';
import type { Authenticator } from '../../scim/service/bearer-authenticator.ts';
import type { AuthorizationServer } from '../access/authorization-server.ts';
import type { Actor } from '../audit/audit-event.ts';
import { showEvent } from '../audit/show-event.ts';
import { changeSettings } from '../change-settings.ts';
import { hashOf, type TokenKeeper } from '../create-token-keeper.ts';
import { actorOf, emailOf } from '../describe-member.ts';
import { environments } from '../environments.ts';
import type { KeyRing } from '../events/create-key-ring.ts';
import { eventAlgorithms } from '../events/event-algorithm.ts';
import { rotateKey } from '../events/rotate-key.ts';
import {
  acceptInvitation,
  changeRoles,
  listMembers,
  readRoleChange,
  removeMember,
  requireUser,
  showMember,
  userByEmail,
} from '../manage-members.ts';
import { issueToken, requireProvisioner, revokeToken } from '../manage-tokens.ts';
import type { KeptKey, Session, WorkspaceData } from '../open-workspace-data.ts';
import { type EventStream, openStreams } from '../settings.ts';
import { invalid, WorkspaceError } from '../workspace-error.ts';
import { showAuditLog } from './create-developer-endpoint.ts';
import { type JsonReply, type JsonRequest, jsonEndpoint } from './json-endpoint.ts';
import { oauthRoutes } from './oauth-routes.ts';

/** The options of {@link createAdminEndpoint}. */
export interface AdminEndpointOptions {
  readonly data: WorkspaceData;
  readonly authenticate: Authenticator;
  /** The token of the SCIM service, and the tokens of the end users' services by environment. */
  readonly tokens: { readonly scim: TokenKeeper } & Readonly<Record<string, TokenKeeper>>;
  readonly keyRing: KeyRing;
  /** Undefined if SCIM does not use OAuth. */
  readonly oauth: AuthorizationServer | undefined;
  /** The last delivery error of an event stream; null without an error. */
  readonly faultOf: (stream: EventStream) => string | null;
}

/** The actions of an administrator in Workato's user interface, as a JSON API. Documented in docs/workspace.md. */
export function createAdminEndpoint(options: AdminEndpointOptions): Endpoint {
  const { data, authenticate, tokens, keyRing, oauth, faultOf } = options;

  /** The actor by email: the root user, or a member with access. */
  function readActor(email: unknown): Actor {
    if (typeof email !== 'string' || email === '') {
      throw invalid('The actor is missing: "actor" must be the email of the root user or of a member.');
    }
    const { rootEmail } = data.settings();
    if (email.toLowerCase() === rootEmail.toLowerCase()) return { id: null, name: 'Root', email: rootEmail };
    const user = userByEmail(data, email);
    if (user === undefined || showMember(data, user).status !== 'active') {
      throw new WorkspaceError(403, 'no_such_actor', `${email} has no access to this workspace.`);
    }
    return actorOf(user);
  }

  // A manual change, without an actor unless the request names one.
  function actorOr(given: unknown): Actor {
    return given === undefined || given === null
      ? { id: null, name: 'Workspace admin', email: null }
      : readActor(given);
  }

  function keeperOf({ parameters: [name = ''] }: JsonRequest): TokenKeeper {
    const keeper = Object.hasOwn(tokens, name) ? tokens[name] : undefined;
    if (keeper === undefined) {
      throw new WorkspaceError(
        404,
        'no_such_token',
        `The tokens are ${Object.keys(tokens).join(', ')}: "scim", "events" to poll for security events, and for end users one for each of ${environments.join(', ')}.`,
      );
    }
    return keeper;
  }

  function provisionerOf(request: JsonRequest): Actor {
    const actor = readActor(request.json().actor);
    requireProvisioner(data, actor);
    return actor;
  }

  function issue(request: JsonRequest, isRefresh: boolean): JsonReply {
    const actor = provisionerOf(request);
    const [name = ''] = request.parameters;
    const { token, changes } = issueToken(data, keeperOf(request), name, actor, isRefresh);
    data.store.commit(changes);
    return { status: 201, body: { token } };
  }

  function showStream(name: EventStream): JsonObject | null {
    if (!openStreams(data.settings()).includes(name)) return null;
    return { pending: data.outboxes[name].size(), fault: faultOf(name) };
  }

  function showSession(id: string, session: Session | undefined): JsonObject {
    if (session === undefined) return { active: false, reason: 'unknown' };
    const user = data.store.get(session.userId);
    const member = user === undefined ? {} : { member: showMember(data, user) };
    const { createdAt, endedAt = null, endReason = null } = session;
    return {
      ...(id !== '' && { id }),
      active: endedAt === null,
      reason: endReason,
      created_at: createdAt,
      ended_at: endedAt,
      ...member,
    };
  }

  return jsonEndpoint({
    authenticate,
    routes: [
      ...(oauth === undefined ? [] : oauthRoutes(oauth)),
      { method: 'GET', path: '/settings', handle: () => ({ body: data.settings() }) },
      {
        method: 'PATCH',
        path: '/settings',
        handle: ({ json }) => {
          const { actor, ...patch } = json();
          data.store.commit(changeSettings(data, patch, actorOr(actor)));
          return { body: data.settings() };
        },
      },
      {
        method: 'GET',
        path: '/tokens/{}',
        handle: (request) => {
          const state = keeperOf(request).state();
          const isIssued = keeperOf(request).isIssued();
          return {
            body: {
              issued: isIssued,
              issued_at: state?.issuedAt ?? null,
              issued_by: state?.issuedBy ?? null,
            },
          };
        },
      },
      { method: 'POST', path: '/tokens/{}/generate', handle: (request) => issue(request, false) },
      { method: 'POST', path: '/tokens/{}/refresh', handle: (request) => issue(request, true) },
      {
        method: 'POST',
        path: '/tokens/{}/revoke',
        handle: (request) => {
          const actor = provisionerOf(request);
          const [name = ''] = request.parameters;
          data.store.commit(revokeToken(data, keeperOf(request), name, actor));
          return {};
        },
      },
      {
        method: 'GET',
        path: '/event-streams',
        handle: () => ({ body: { push: showStream('push'), poll: showStream('poll') } }),
      },
      { method: 'GET', path: '/event-keys', handle: () => ({ body: listOf(keyRing.list().map(showKey)) }) },
      {
        method: 'POST',
        path: '/event-keys/rotate',
        handle: ({ json }) => {
          const { actor, algorithm = keyRing.current().algorithm } = json();
          const found = eventAlgorithms.find((candidate) => candidate === algorithm);
          if (found === undefined) throw invalid(`"algorithm" must be one of ${eventAlgorithms.join(', ')}.`);
          data.store.commit(rotateKey(data, keyRing, found, actorOr(actor)));
          return { status: 201, body: listOf(keyRing.list().map(showKey)) };
        },
      },
      { method: 'GET', path: '/members', handle: () => ({ body: listOf(listMembers(data)) }) },
      {
        method: 'GET',
        path: '/members/{}',
        handle: ({ parameters: [id = ''] }) => ({ body: showMember(data, requireUser(data, id)) }),
      },
      {
        method: 'PATCH',
        path: '/members/{}',
        handle: ({ parameters: [id = ''], json }) => {
          const { roles, actor, ...others } = json();
          if (!isJsonObject(roles) || Object.keys(others).length > 0) {
            throw invalid('Send {"roles": {"dev": …, "test": …, "prod": …}, "actor": …}.');
          }
          const user = requireUser(data, id);
          data.store.commit(changeRoles(data, user, readRoleChange(data, roles), actorOr(actor)));
          return { body: showMember(data, requireUser(data, user.id)) };
        },
      },
      {
        method: 'POST',
        path: '/members/{}/accept-invitation',
        handle: ({ parameters: [id = ''] }) => {
          const user = requireUser(data, id);
          data.store.commit(acceptInvitation(data, user));
          return { body: showMember(data, user) };
        },
      },
      {
        method: 'DELETE',
        path: '/members/{}',
        handle: ({ parameters: [id = ''], query }) => {
          const actor = actorOr(query.get('actor'));
          data.store.commit(removeMember(data, requireUser(data, id), actor));
          return {};
        },
      },
      { method: 'GET', path: '/groups', handle: () => ({ body: listOf(listGroups(data)) }) },
      {
        method: 'GET',
        path: '/audit-log',
        handle: ({ query }) => ({ body: showAuditLog(data, query, showEvent) }),
      },
      {
        method: 'GET',
        path: '/sessions',
        handle: () => ({ body: listOf(data.sessions.list().map(({ value }) => showSession('', value))) }),
      },
      {
        method: 'GET',
        path: '/sessions/{}',
        handle: ({ parameters: [id = ''] }) => ({
          body: showSession(id, data.sessions.get(hashOf(id))),
        }),
      },
    ],
  });
}

function showKey({ kid, algorithm, privateKey, createdAt }: KeptKey): JsonObject {
  return { kid, algorithm, active: privateKey !== null, created_at: createdAt };
}

function listOf(items: readonly JsonObject[]): JsonObject {
  return { data: items, total: items.length };
}

function listGroups({ store }: WorkspaceData): readonly JsonObject[] {
  return store.list(groupType.recordType).map(({ id, attributes: { displayName, members } }) => ({
    id,
    name: String(displayName),
    members: (isJsonArray(members) ? members : []).map((member) => {
      const value = isJsonObject(member) ? String(member.value) : '';
      const user = store.get(value);
      return user?.attributes.userName === undefined ? value : emailOf(user.attributes);
    }),
  }));
}
