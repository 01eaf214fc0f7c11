/// <reference lib="esnext.disposable" preserve="true" />
import { endUserBasePath, samlPaths } from './assumptions.ts';
import { createFaultPlan } from './faults/create-fault-plan.ts';
import type { FaultRates } from './faults/parse-faults.ts';
import type { QuirkName } from './quirks/catalog.ts';
import { verifySaml as verifySamlByLibrary } from './saml/lazy-saml.ts';
import { startScimServer } from './scim/http/start-scim-server.ts';
import type { SchemaDefinition } from './scim/schema/schema-definition.ts';
import { openSqliteJournal } from './scim/store/open-sqlite-journal.ts';
import {
  openScimAccess,
  type SandboxAuth,
  type SandboxCredentials,
} from './workspace/access/open-scim-access.ts';
import { newToken } from './workspace/create-token-keeper.ts';
import { createWorkspace, scimBasePath, type Workspace } from './workspace/create-workspace.ts';
import { type Environment, type PerEnvironment, perEnvironment } from './workspace/environments.ts';
import type { VerifySaml } from './workspace/http/create-saml-endpoint.ts';
import type { CustomRole, Settings, WorkspaceLimits } from './workspace/settings.ts';

/**
 * Options of a sandbox. The workspace settings among them apply from the start. With `dbFile`, omitted settings keep
 * their stored values.
 *
 * @example
 * ```ts
 * const options: SandboxOptions = { port: 8080, dbFile: 'workspace.db', customRoles: ['Payroll auditor'] };
 * await using sandbox = await startSandbox(options);
 * ```
 */
export interface SandboxOptions
  extends Partial<Omit<Settings, 'customRoles' | 'limits' | 'quirks'>>,
    SandboxSecrets {
  /** The port to listen on. Default: 0, any free port. */
  readonly port?: number;
  /** The loopback interface is the only one: a sandbox has no TLS. */
  readonly host?: '127.0.0.1';
  /** A SQLite file that stores all data. Default: in memory. */
  readonly dbFile?: string;
  readonly limits?: Partial<WorkspaceLimits>;
  /** How SCIM authenticates requests. Default: the SCIM token. */
  readonly auth?: SandboxAuth;
  /** The quirks of other providers that SCIM plays, by name. */
  readonly quirks?: readonly (QuirkName | (string & {}))[];
  /** Roles in addition to the system's, by name or with their privileges. */
  readonly customRoles?: readonly (string | CustomRole)[];
  /** Additional extension schemas of users in SCIM format, such as a provider's own attributes. */
  readonly userExtensions?: readonly SchemaDefinition[];
  /** The clock. Default: the system's. */
  readonly now?: () => Date;
  /** The faults in responses and their rates. The admin API is exempt. Default: no faults. */
  readonly faults?: FaultRates;
  /** The seed of the faults, so that a run can be repeated. */
  readonly seed?: number;
  /** Verifies SAML responses. Default: the real verification. */
  readonly verifySaml?: VerifySaml;
}

/** Predefined tokens. Default: random tokens. */
export interface SandboxSecrets {
  /** The SCIM token. One that was refreshed or revoked in `dbFile` stays invalid. */
  readonly token?: string;
  /** The token of the admin API and the Developer API, for this start. */
  readonly adminToken?: string;
  /** The SCIM tokens of the end users' services. */
  readonly identityTokens?: { readonly [environment in Environment]?: string };
  /** The token for polling security events. */
  readonly eventPollToken?: string;
}

/**
 * A running sandbox.
 *
 * @example
 * ```ts
 * await using sandbox: Sandbox = await startSandbox();
 * const response = await fetch(`${sandbox.scimBaseUrl}/Users`, {
 *   headers: { authorization: `Bearer ${sandbox.token}` },
 * });
 * ```
 */
export interface Sandbox extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** The SCIM service's base URL: `http://127.0.0.1:PORT/scim/v2`. */
  readonly scimBaseUrl: string;
  /**
   * The SCIM token, for `Authorization: Bearer TOKEN`. Empty if `dbFile` already has one and none was
   * passed: only its hash is known, and it is still valid. Empty also with another method in `auth`.
   */
  readonly token: string;
  /** The credentials that SCIM accepts, as of the start. */
  readonly auth: SandboxCredentials;
  /** The admin API's base URL. */
  readonly adminUrl: string;
  /** The Developer API's base URL, with `/members` and `/activity_logs`. */
  readonly apiUrl: string;
  /** The token of the admin API and the Developer API. */
  readonly adminToken: string;
  /** The URL to which SAML responses are posted. */
  readonly acsUrl: string;
  /** The entity ID of the workspace as a SAML service provider. */
  readonly audience: string;
  /** The base URLs of the end users' SCIM services. */
  readonly identityScimBaseUrls: PerEnvironment<string>;
  /** The tokens of the end users' SCIM services; empty if only the hash is known. */
  readonly identityTokens: PerEnvironment<string>;
  /** The `iss` of the security event tokens that it sends, as of the start. */
  readonly eventsIssuer: string;
  /** Their `aud`, as of the start. */
  readonly eventsAudience: string;
  /** The URL of their signing keys, as a JWK set. */
  readonly jwksUrl: string;
  /** The URL for polling them (RFC 8936), while the setting `eventPolling` is on. */
  readonly eventPollUrl: string;
  /** The polling token; empty if only its hash is known. */
  readonly eventPollToken: string;
  /** Completes the requests in flight and stops. Idempotent. Also called by `await using`. */
  close(): Promise<void>;
}

// A URL of this length fits every handwritten filter; POST /.search accepts longer ones.
const maxUrlLength = 32_768;

const adminBasePath = '/admin';

/**
 * Starts a Workato-like workspace with its SCIM services on the loopback interface.
 *
 * @example
 * ```ts
 * import { createConnector } from 'rolecall';
 * import { startSandbox } from 'rolecall/sandbox';
 *
 * await using sandbox = await startSandbox();
 * await using connector = createConnector({ baseUrl: sandbox.scimBaseUrl, token: sandbox.token });
 * await connector.actions.create_user({ userName: 'ada@example.com' });
 * ```
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const {
    port = 0,
    host = '127.0.0.1',
    dbFile,
    token,
    adminToken = newToken(),
    identityTokens = {},
    eventPollToken,
    auth = { type: 'bearer' },
    userExtensions = [],
    now = () => new Date(),
    verifySaml = verifySamlByLibrary,
    faults,
    seed = 1,
    ...settings
  } = options;
  const plan = faults === undefined ? undefined : createFaultPlan(faults, seed);
  const journal = dbFile === undefined ? undefined : await openSqliteJournal(dbFile);
  const scimAccess = openScimAccess(auth, now);
  let workspace: Workspace | undefined;
  try {
    const opened = createWorkspace({
      ...(journal !== undefined && { journal }),
      now,
      settings,
      userExtensions,
      adminToken,
      scimToken: token,
      endUserTokens: identityTokens,
      eventPollToken,
      verifySaml,
      scimAccess,
    });
    workspace = opened;
    const { origin, close } = await startScimServer({
      port,
      host,
      maxPayloadBytes: opened.maxPayloadBytes,
      maxUrlLength,
      mount: opened.mount,
      drawFault: (url) => (url.startsWith(adminBasePath) ? undefined : plan?.()),
    });
    let closed: Promise<void> | undefined;
    const closeOnce = (): Promise<void> => {
      opened.endWaits();
      closed ??= close().finally(() => opened.close());
      return closed;
    };
    const { eventIssuer, eventAudience } = opened.settings();
    const scimToken = scimAccess.access === undefined ? (opened.scimToken ?? '') : '';
    return {
      origin,
      scimBaseUrl: origin + scimBasePath,
      token: scimToken,
      auth: scimAccess.credentials(origin, scimToken),
      adminUrl: origin + adminBasePath,
      apiUrl: `${origin}/api`,
      adminToken,
      acsUrl: origin + samlPaths.acs,
      audience: origin + samlPaths.audience,
      identityScimBaseUrls: perEnvironment((environment) => origin + endUserBasePath(environment)),
      identityTokens: perEnvironment((environment) => opened.endUserTokens[environment] ?? ''),
      eventsIssuer: eventIssuer,
      eventsAudience: eventAudience,
      jwksUrl: `${origin}/events/jwks.json`,
      eventPollUrl: `${origin}/events/poll`,
      eventPollToken: opened.eventPollToken ?? '',
      close: closeOnce,
      [Symbol.asyncDispose]: closeOnce,
    };
  } catch (error) {
    if (workspace === undefined) journal?.close();
    else await workspace.close();
    throw error;
  }
}
