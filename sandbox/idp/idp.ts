import type { SigningKey } from '../saml/create-signing-key.ts';
import type { Group, Person, PersonAttributes, Roles } from './directory.ts';
import type { FlavorName } from './flavor.ts';
import type { LoginResult } from './post-login.ts';
import type { Exchange, Target } from './run-procedure.ts';

/** Where logins go. */
export interface LoginTarget {
  /** The service provider's assertion consumer service. */
  readonly acsUrl: string;
  /** The service provider's entity id. */
  readonly audience: string;
}

/** How an identity provider is made. */
export interface IdpOptions {
  readonly flavor: FlavorName;
  /** The SCIM service; it can be set later. */
  readonly target?: Target;
  /** Where logins go; it can be set later. */
  readonly login?: LoginTarget;
  /** Whether provisioning is on; it is when absent. */
  readonly isProvisioning?: boolean;
  /**
   * What carries the roles: SCIM's extension, SAML's attributes (Workato's hybrid set-up, in which SCIM keeps to the
   * life of the account), or both, which is the default.
   */
  readonly rolesBy?: 'scim' | 'saml' | 'both';
  /** The issuer of assertions; one made of the flavor when absent. */
  readonly entityId?: string;
  /** What assertions are signed with; a new key when absent. */
  readonly signingKey?: SigningKey;
  /** After which time a request is given up; the flavor's own when absent. */
  readonly timeoutInMs?: number;
  /** The clock; the system's when absent. */
  readonly now?: () => Date;
}

/** What came of an operation. */
export interface IdpResult {
  /** Whether the service has all that the operation changed. */
  readonly ok: boolean;
  /** Why not, and what to do. */
  readonly error?: string;
  /** What was sent, in its order, with the answers. */
  readonly exchanges: readonly Exchange[];
}

/** The provisioning settings. The token is never shown. */
export interface ProvisioningSettings {
  readonly isEnabled: boolean;
  readonly scimBaseUrl?: string;
}

/** A change of the provisioning settings: what is absent stays. */
export interface ProvisioningChange {
  readonly isEnabled?: boolean;
  readonly scimBaseUrl?: string;
  readonly token?: string;
}

/** A change of a person: what is absent stays. */
export type PersonChange = Partial<PersonAttributes> & { readonly roles?: Roles };

/**
 * An identity provider with a directory in memory. Whoever changes the directory changes the service by that, as the
 * provider of the flavor would: while provisioning is on, at once; otherwise at the next cycle.
 */
export interface Idp {
  readonly flavor: FlavorName;
  readonly entityId: string;
  /** The certificate that the service provider checks logins with, as PEM. */
  readonly certificate: string;
  readonly provisioning: ProvisioningSettings;
  people(): readonly Person[];
  groups(): readonly Group[];
  /** Puts a person into the directory; nothing is pushed. */
  addPerson(person: PersonAttributes): Person;
  /** Assigns the application: the person is looked up, and linked or created. Also brings back who was unassigned. */
  assign(userName: string, roles?: Roles): Promise<IdpResult>;
  /** Changes attributes or roles. */
  change(userName: string, change: PersonChange): Promise<IdpResult>;
  /** Takes the application away: the person is deactivated. */
  unassign(userName: string): Promise<IdpResult>;
  /** Removes a person from the directory: Entra ID deletes, the others deactivate. */
  remove(userName: string): Promise<IdpResult>;
  /** Puts a group into the directory, or takes the one of that name, and pushes it. */
  pushGroup(displayName: string, userNames?: readonly string[]): Promise<IdpResult>;
  renameGroup(displayName: string, newName: string): Promise<IdpResult>;
  changeMembers(
    displayName: string,
    change: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
  ): Promise<IdpResult>;
  /** Removes a group from the directory and from the service. */
  removeGroup(displayName: string): Promise<IdpResult>;
  /** Pushes again whatever failed or was held back, as Entra ID does every 40 minutes and an administrator elsewhere. */
  runCycle(): Promise<IdpResult>;
  setProvisioning(change: ProvisioningChange): ProvisioningSettings;
  setLogin(login: LoginTarget): void;
  /**
   * Signs a SAML response for the person, and posts it. An identity provider lets nobody in to whom the application
   * is not assigned; `isForced` does all the same, to see what the service makes of it.
   */
  login(userName: string, options?: { readonly isForced?: boolean }): Promise<LoginResult>;
}
