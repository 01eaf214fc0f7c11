import { isSameJson } from '../../scim/json.ts';
import { ScimError } from '../../scim/scim-error.ts';
import { endUserBasePath, endUsersNeedAddOn, samlPaths, unavailableScimStatus } from '../assumptions.ts';
import { playQuirks, type QuirkName } from '../quirks/catalog.ts';
import type { Endpoint, Mounts } from '../scim/http/start-scim-server.ts';
import type { Change } from '../scim/resource/resource-record.ts';
import type { ResourceType } from '../scim/schema/resource-type.ts';
import { defineUserType, groupType, workatoRoleExtension } from '../scim/schema/resource-types.ts';
import type { SchemaDefinition } from '../scim/schema/schema-definition.ts';
import { defaultScimLimits } from '../scim/scim-limits.ts';
import { bearerAuthenticator } from '../scim/service/bearer-authenticator.ts';
import type { CommitHooks } from '../scim/service/commit-hooks.ts';
import { createScimService } from '../scim/service/create-scim-service.ts';
import type { Interceptors } from '../scim/service/interceptors.ts';
import type { ScimResponse, ScimService } from '../scim/service/scim-message.ts';
import { createStore } from '../scim/store/create-store.ts';
import type { Journal } from '../scim/store/journal.ts';
import type { Store } from '../scim/store/store.ts';
import type { OpenedAccess } from './access/open-scim-access.ts';
import type { ScimAccess } from './access/scim-access.ts';
import { nextAuditParcel } from './audit/next-audit-parcel.ts';
import { changeSettings, streamTo } from './change-settings.ts';
import { createBell } from './create-bell.ts';
import { createDeliverer } from './create-deliverer.ts';
import { createScimHooks } from './create-scim-hooks.ts';
import { createTokenKeeper, type TokenKeeper } from './create-token-keeper.ts';
import { createEndUserHooks, defineEndUserTypes } from './end-users.ts';
import { environments, type PerEnvironment, perEnvironment } from './environments.ts';
import { beginKeyRing, openKeyRing } from './events/create-key-ring.ts';
import { createOutbox } from './events/create-outbox.ts';
import { listEventUris } from './events/event-uris.ts';
import { nextSetParcel } from './events/next-set-parcel.ts';
import { createAdminEndpoint } from './http/create-admin-endpoint.ts';
import { createDeveloperEndpoint } from './http/create-developer-endpoint.ts';
import { createEventEndpoint } from './http/create-event-endpoint.ts';
import { createHomeEndpoint } from './http/create-home-endpoint.ts';
import { createRateLimiter } from './http/create-rate-limiter.ts';
import { createSamlEndpoint, type VerifySaml } from './http/create-saml-endpoint.ts';
import { stateOf } from './member-changes.ts';
import {
  openWorkspaceData,
  settingsId,
  type WorkspaceData,
  workspaceRecords,
} from './open-workspace-data.ts';
import { patchSettings } from './read-settings.ts';
import { defaultSettings, openStreams, quirksOf, type Settings, whyScimIsUnavailable } from './settings.ts';

/** The options of a workspace. */
export interface WorkspaceOptions {
  /** Stores all data beyond the end of the process. Default: in memory. */
  readonly journal?: Journal;
  readonly now: () => Date;
  /** Settings that differ from the stored ones, or from the defaults. */
  readonly settings: { readonly [name in keyof Settings]?: unknown };
  readonly userExtensions: readonly SchemaDefinition[];
  readonly adminToken: string;
  readonly scimToken: string | undefined;
  readonly endUserTokens: { readonly [environment in keyof PerEnvironment<string>]?: string };
  readonly eventPollToken: string | undefined;
  readonly verifySaml: VerifySaml;
  /** How the SCIM service of the members authenticates requests. */
  readonly scimAccess?: OpenedAccess;
}

/** A workspace, independent of its transport. */
export interface Workspace {
  /** The SCIM token; undefined if only its hash is known. */
  readonly scimToken: string | undefined;
  readonly endUserTokens: PerEnvironment<string | undefined>;
  /** The token for polling security events; undefined if only its hash is known. */
  readonly eventPollToken: string | undefined;
  /** The current settings. */
  settings(): Settings;
  /** The largest request body below a base path. For SCIM, the current setting. */
  maxPayloadBytes(basePath: string): number;
  /** Creates the endpoints of a server at that origin. */
  mount(origin: string): Mounts;
  /** Responds to all waiting requests immediately. */
  endWaits(): void;
  close(): Promise<void>;
}

interface ScimEndpointOptions {
  readonly baseUrl: string;
  readonly resourceTypes: readonly ResourceType[];
  readonly keeper: TokenKeeper;
  /** Replaces the token. */
  readonly access?: ScimAccess | undefined;
  readonly hooks: CommitHooks;
  readonly needsAddOn: boolean;
  /** Whether its changes are sent as security events. */
  readonly sendsEvents: boolean;
  /** Whether it plays the quirks of the settings. */
  readonly playsQuirks: boolean;
}

/** The base path of the SCIM service of the workspace's members. */
export const scimBasePath = '/scim/v2';

/** Creates a workspace. */
export function createWorkspace(options: WorkspaceOptions): Workspace {
  const { now, adminToken, verifySaml, scimAccess } = options;
  const userType = defineUserType([workatoRoleExtension, ...options.userExtensions]);
  const endUserTypes = perEnvironment(defineEndUserTypes);
  const bell = createBell();
  const store = watched(
    createStore(
      [userType, groupType, ...Object.values(endUserTypes).flat(), ...workspaceRecords],
      options.journal,
    ),
    (changes) => outbox.setsOf(changes),
    bell.ring,
  );
  const data = openWorkspaceData(store, now);
  let scimBaseUrl = scimBasePath;
  const outbox = createOutbox({ data, userType, groupType, baseUrl: () => scimBaseUrl });
  begin(data, options.settings);
  store.commit(beginKeyRing(data));
  const keyRing = openKeyRing(data);
  const scimKeeper = createTokenKeeper(data, 'scim', 'scim-token');
  const endUserKeepers = perEnvironment((environment) =>
    createTokenKeeper(data, environment, `end-user-scim-token-${environment}`),
  );
  const scimToken = beginToken(store, scimKeeper, options.scimToken);
  const endUserTokens = perEnvironment((environment) =>
    beginToken(store, endUserKeepers[environment], options.endUserTokens[environment]),
  );
  const pollKeeper = createTokenKeeper(data, 'events', 'event-poll-token');
  const eventPollToken = beginToken(store, pollKeeper, options.eventPollToken);
  const auditStream = createDeliverer({ store, bell, next: () => nextAuditParcel(data) });
  const eventPush = createDeliverer({ store, bell, next: () => nextSetParcel(data, keyRing) });
  const closing = new AbortController();
  let pollFault: string | null = null;

  function scimEndpoint({
    baseUrl,
    resourceTypes,
    keeper,
    access,
    hooks,
    needsAddOn,
    sendsEvents,
    playsQuirks,
  }: ScimEndpointOptions): Endpoint {
    const limiter = createRateLimiter(now);
    let played: readonly QuirkName[] = [];
    let interceptors: Interceptors = {};
    // What a quirk remembers is kept while other settings change.
    const interceptorsOf = (current: Settings): Interceptors => {
      const quirks = quirksOf(current);
      if (!playsQuirks || isSameJson(quirks, played)) return interceptors;
      played = quirks;
      interceptors = playQuirks(quirks, {
        now,
        list: (type) => store.list(type),
        isInvited: ({ id }) => stateOf(data, id).invitedAt !== undefined,
      });
      return interceptors;
    };
    const make = (current: Settings): ScimService =>
      createScimService({
        baseUrl,
        resourceTypes,
        served: resourceTypes.filter((type) => type !== groupType || current.groups),
        store,
        authenticate: access === undefined ? keeper.authenticate : () => ({ name: 'scim-client' }),
        hooks,
        limits: current.limits,
        unknownMembers: current.unknownMembers,
        cursorPagination: current.cursorPagination,
        interceptors: interceptorsOf(current),
        eventUris: sendsEvents && openStreams(current).length > 0 ? listEventUris(current.eventFormat) : [],
        now,
      });
    let settings = data.settings();
    let service = make(settings);
    return (request) => {
      const current = data.settings();
      // A service describes its limits and types, so different settings require a new service.
      if (current !== settings) service = make(current);
      settings = current;
      const reason = needsAddOn ? whyScimIsUnavailable(current) : undefined;
      if (reason !== undefined) return refuse(new ScimError(unavailableScimStatus, reason));
      const waitInSeconds = limiter(current.limits.requestsPerMinute);
      if (waitInSeconds !== undefined) return refuse(tooManyRequests(waitInSeconds));
      const rejection = access?.reject(request);
      if (rejection !== undefined) return refuse(rejection);
      return service(request);
    };
  }

  return {
    scimToken,
    endUserTokens,
    eventPollToken,
    settings: data.settings,
    maxPayloadBytes: (basePath) =>
      (basePath.endsWith(scimBasePath) ? data.settings().limits : defaultScimLimits).maxPayloadBytes,
    mount: (origin) => {
      scimBaseUrl = origin + scimBasePath;
      const authenticate = bearerAuthenticator(adminToken, { name: 'admin-token' });
      const endUserEndpoints = environments.map((environment): [string, Endpoint] => {
        const path = endUserBasePath(environment);
        return [
          path,
          scimEndpoint({
            baseUrl: origin + path,
            resourceTypes: endUserTypes[environment],
            keeper: endUserKeepers[environment],
            hooks: createEndUserHooks(data, environment),
            needsAddOn: endUsersNeedAddOn,
            sendsEvents: false,
            playsQuirks: false,
          }),
        ];
      });
      const server = scimAccess?.server;
      const oauthEndpoints: [string, Endpoint][] =
        server === undefined ? [] : [['/oauth', (request) => server.serve(request)]];
      return new Map<string, Endpoint>([
        ['/', createHomeEndpoint({ origin, scimBaseUrl, settings: data.settings })],
        [
          scimBasePath,
          scimEndpoint({
            baseUrl: scimBaseUrl,
            resourceTypes: [userType, groupType],
            keeper: scimKeeper,
            access: scimAccess?.access,
            hooks: createScimHooks(data),
            needsAddOn: true,
            sendsEvents: true,
            playsQuirks: true,
          }),
        ],
        ...endUserEndpoints,
        ...oauthEndpoints,
        [
          '/saml',
          createSamlEndpoint({
            data,
            verify: verifySaml,
            audience: origin + samlPaths.audience,
            acsUrl: origin + samlPaths.acs,
            hasToken: scimKeeper.isIssued,
          }),
        ],
        ['/api', createDeveloperEndpoint(data, authenticate)],
        [
          '/events',
          createEventEndpoint({
            data,
            keyRing,
            authenticate: pollKeeper.authenticate,
            bell,
            closing: closing.signal,
            onRefusal: (reason) => {
              pollFault = reason;
            },
          }),
        ],
        [
          '/admin',
          createAdminEndpoint({
            data,
            authenticate,
            tokens: { scim: scimKeeper, events: pollKeeper, ...endUserKeepers },
            keyRing,
            oauth: scimAccess?.server,
            faultOf: (stream) => (stream === 'push' ? eventPush.fault() : pollFault),
          }),
        ],
      ]);
    },
    endWaits: () => closing.abort(),
    close: async () => {
      closing.abort();
      await Promise.all([auditStream.close(), eventPush.close()]);
      store.close();
    },
  };
}

// The first start does not change settings. A later start with different settings is a change.
function begin(data: WorkspaceData, given: WorkspaceOptions['settings']): void {
  // Options come from TypeScript, whose types have no index signature. patchSettings() validates every value.
  const patch = JSON.parse(JSON.stringify(given));
  if (data.settingsRecords.get(settingsId) !== undefined) {
    data.store.commit(changeSettings(data, patch, { id: null, name: 'Start of the sandbox', email: null }));
    return;
  }
  const before: Settings = { ...defaultSettings, scimEnabled: false };
  const { scimEnabled, ...others } = patch;
  const prepared = patchSettings(before, others);
  const settings = patchSettings(prepared, {
    scimEnabled: scimEnabled ?? (prepared.capability && prepared.samlSso),
  });
  data.store.commit([
    data.settingsRecords.put(settingsId, settings),
    ...streamTo(data, settings.auditStreamUrl),
  ]);
}

function beginToken(store: Store, keeper: TokenKeeper, given: string | undefined): string | undefined {
  const { token, changes } = keeper.begin(given);
  if (changes.length > 0) store.commit(changes);
  return token;
}

// The store, with the consequences of each commit added to it, and without commits that change nothing.
function watched(
  store: Store,
  further: (changes: readonly Change[]) => readonly Change[],
  onCommit: () => void,
): Store {
  return {
    ...store,
    commit: (changes) => {
      if (changes.length === 0) return;
      store.commit([...changes, ...further(changes)]);
      onCommit();
    },
  };
}

function tooManyRequests(waitInSeconds: number): ScimError {
  return new ScimError(
    429,
    `There were too many requests in this minute. Try again in ${waitInSeconds} s.`,
    undefined,
    { 'retry-after': String(waitInSeconds) },
  );
}

function refuse(error: ScimError): ScimResponse {
  return { status: error.status, headers: error.headers, body: error.toBody() };
}
