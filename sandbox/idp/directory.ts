/** Workato's roles by environment, in the names of its extension and of its SAML attributes. */
export interface Roles {
  /** The role in DEV, the default environment. */
  readonly workato_role?: string;
  readonly workato_role_test?: string;
  readonly workato_role_prod?: string;
}

export const roleNames = Object.freeze(['workato_role', 'workato_role_test', 'workato_role_prod'] as const);

/** The attributes of a person. */
export interface PersonAttributes {
  /** The email address, which Workato uses as the unique name. Case-insensitive. */
  readonly userName: string;
  readonly givenName: string;
  readonly familyName: string;
  /** Default: the given name and the family name. */
  readonly displayName?: string;
  /** Default: the userName. */
  readonly email?: string;
  readonly department?: string;
}

/** The stored state of a person. */
export interface PersonEntry {
  /** The ID that the identity provider assigned. */
  readonly id: string;
  attributes: PersonAttributes;
  roles: Roles;
  /** Whether the application is assigned to the person. */
  isAssigned: boolean;
  isDeleted: boolean;
  /** The ID at the service, once it is known. */
  scimId: string | undefined;
  /** The state of the person at the service, according to its responses; "unsure" after a failed attempt. */
  atService: 'nothing' | 'unsure' | 'active' | 'inactive';
  /** Whether a change is still to be pushed. */
  isPending: boolean;
  /** The error of the last push. */
  error: string | undefined;
}

/** The stored state of a group. */
export interface GroupEntry {
  readonly id: string;
  displayName: string;
  /** The IDs of its members in the directory. */
  readonly members: Set<string>;
  isPushed: boolean;
  isDeleted: boolean;
  scimId: string | undefined;
  /** The name at the service. */
  nameAtService: string | undefined;
  /** The members at the service, by the service's IDs. */
  readonly membersAtService: Set<string>;
  isPending: boolean;
  error: string | undefined;
}

/** A person, as the control interface shows it. */
export interface Person extends PersonAttributes {
  readonly id: string;
  readonly roles: Roles;
  readonly isAssigned: boolean;
  readonly scimId?: string;
  readonly isPending: boolean;
  readonly error?: string;
}

/** A group, as the control interface shows it. */
export interface Group {
  readonly id: string;
  readonly displayName: string;
  /** The userNames of its members. */
  readonly members: readonly string[];
  readonly scimId?: string;
  readonly isPending: boolean;
  readonly error?: string;
}

/** An operation that the directory cannot perform; the message says why. */
export class IdpError extends Error {
  override readonly name = 'IdpError';
  readonly reason: 'not_found' | 'conflict' | 'invalid';

  constructor(reason: IdpError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

export function showPerson(entry: PersonEntry): Person {
  return {
    id: entry.id,
    ...entry.attributes,
    roles: entry.roles,
    isAssigned: entry.isAssigned,
    ...(entry.scimId !== undefined && { scimId: entry.scimId }),
    isPending: entry.isPending,
    ...(entry.error !== undefined && { error: entry.error }),
  };
}

export function showGroup(entry: GroupEntry, people: ReadonlyMap<string, PersonEntry>): Group {
  return {
    id: entry.id,
    displayName: entry.displayName,
    members: [...entry.members].flatMap((id) => people.get(id)?.attributes.userName ?? []),
    ...(entry.scimId !== undefined && { scimId: entry.scimId }),
    isPending: entry.isPending,
    ...(entry.error !== undefined && { error: entry.error }),
  };
}
