import type { SigningKey } from '../saml/create-signing-key.ts';
import type { Group, Person, PersonAttributes, Roles } from './directory.ts';
import type { FlavorName } from './flavor.ts';
import type { LoginResult } from './post-login.ts';
import type { Exchange, Target } from './run-procedure.ts';

/** The destination of logins. */
export interface LoginTarget {
  /** The service provider's assertion consumer service. */
  readonly acsUrl: string;
  /** The service provider's entity ID. */
  readonly audience: string;
}

/**
 * Options of an identity provider.
 *
 * @example
 * ```ts
 * const options: IdpOptions = { flavor: 'onelogin', rolesBy: 'saml' };
 * ```
 */
export interface IdpOptions {
  readonly flavor: FlavorName;
  /** The SCIM service. It can be set later. */
  readonly target?: Target;
  /** The destination of logins. It can be set later. */
  readonly login?: LoginTarget;
  /** Whether provisioning is on. Default: true. */
  readonly isProvisioning?: boolean;
  /**
   * What carries the roles: SCIM's extension, SAML's attributes (Workato's hybrid setup, in which SCIM manages only the
   * account life cycle), or both. Default: both.
   */
  readonly rolesBy?: 'scim' | 'saml' | 'both';
  /** The issuer of assertions. Default: derived from the flavor. */
  readonly entityId?: string;
  /** The key that signs assertions. Default: a new key. */
  readonly signingKey?: SigningKey;
  /** The request timeout. Default: that of the flavor. */
  readonly timeoutInMs?: number;
  /** The clock. Default: the system's. */
  readonly now?: () => Date;
}

/**
 * Result of an operation.
 *
 * @example
 * ```ts
 * const explain = ({ ok, error }: IdpResult): string => (ok ? 'pushed' : (error ?? 'failed'));
 * ```
 */
export interface IdpResult {
  /** Whether the service has all changes of the operation. */
  readonly ok: boolean;
  /** The reason if not, and what to do. */
  readonly error?: string;
  /** The requests in order, with their responses. */
  readonly exchanges: readonly Exchange[];
}

/** The provisioning settings. The token is never shown. */
export interface ProvisioningSettings {
  readonly isEnabled: boolean;
  readonly scimBaseUrl?: string;
}

/** A change of the provisioning settings. Omitted settings do not change. */
export interface ProvisioningChange {
  readonly isEnabled?: boolean;
  readonly scimBaseUrl?: string;
  readonly token?: string;
}

/** A change of a person. Omitted attributes do not change. */
export type PersonChange = Partial<PersonAttributes> & { readonly roles?: Roles };

/**
 * An identity provider with a directory in memory. A change of the directory changes the service, as the provider of
 * the flavor would do it: at once while provisioning is on, and otherwise in the next cycle.
 *
 * @example
 * ```ts
 * const leave = async (idp: Idp, userName: string): Promise<boolean> => (await idp.unassign(userName)).ok;
 * ```
 */
export interface Idp {
  readonly flavor: FlavorName;
  readonly entityId: string;
  /** The certificate with which the service provider verifies logins, as PEM. */
  readonly certificate: string;
  readonly provisioning: ProvisioningSettings;
  people(): readonly Person[];
  groups(): readonly Group[];
  /** Adds a person to the directory. Pushes nothing. */
  addPerson(person: PersonAttributes): Person;
  /** Assigns the application: looks the person up, and links or creates the user. Also restores unassigned people. */
  assign(userName: string, roles?: Roles): Promise<IdpResult>;
  /** Changes attributes or roles. */
  change(userName: string, change: PersonChange): Promise<IdpResult>;
  /** Unassigns the application: the user is deactivated. */
  unassign(userName: string): Promise<IdpResult>;
  /** Removes a person from the directory: Entra ID deletes, the others deactivate. */
  remove(userName: string): Promise<IdpResult>;
  /** Adds a group to the directory, or uses the existing one of that name, and pushes it. */
  pushGroup(displayName: string, userNames?: readonly string[]): Promise<IdpResult>;
  renameGroup(displayName: string, newName: string): Promise<IdpResult>;
  changeMembers(
    displayName: string,
    change: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
  ): Promise<IdpResult>;
  /** Removes a group from the directory and from the service. */
  removeGroup(displayName: string): Promise<IdpResult>;
  /** Retries all failed and held changes, as Entra ID does every 40 minutes and an administrator does elsewhere. */
  runCycle(): Promise<IdpResult>;
  setProvisioning(change: ProvisioningChange): ProvisioningSettings;
  setLogin(login: LoginTarget): void;
  /**
   * Signs a SAML response for the person, and posts it. An identity provider rejects people without the application.
   * `isForced` posts the response anyway, to test the service.
   */
  login(userName: string, options?: { readonly isForced?: boolean }): Promise<LoginResult>;
}
