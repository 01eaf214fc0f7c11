/** Workato's roles by environment, in the names of its extension and of its SAML attributes. */
export interface Roles {
  /** The role in DEV, the default environment. */
  readonly workato_role?: string;
  readonly workato_role_test?: string;
  readonly workato_role_prod?: string;
}

export const roleNames = Object.freeze(['workato_role', 'workato_role_test', 'workato_role_prod'] as const);

/** What is known of a person. */
export interface PersonAttributes {
  /** The e-mail address: Workato takes it for the unique name. Compared without regard to case. */
  readonly userName: string;
  readonly givenName: string;
  readonly familyName: string;
  /** The given name and the family name when absent. */
  readonly displayName?: string;
  /** The userName when absent. */
  readonly email?: string;
  readonly department?: string;
}

/** What the directory keeps of a person. */
export interface PersonEntry {
  /** The id that the identity provider gave. */
  readonly id: string;
  attributes: PersonAttributes;
  roles: Roles;
  /** Whether the application is assigned to the person. */
  isAssigned: boolean;
  isDeleted: boolean;
  /** The id at the service, once it is known. */
  scimId: string | undefined;
  /** What the service has of the person, as far as its answers tell; "unsure" after a failed attempt. */
  atService: 'nothing' | 'unsure' | 'active' | 'inactive';
  /** Whether something is still to be pushed. */
  isPending: boolean;
  /** Why the last push failed. */
  error: string | undefined;
}

/** What the directory keeps of a group. */
export interface GroupEntry {
  readonly id: string;
  displayName: string;
  /** The ids of the people in it. */
  readonly members: Set<string>;
  isPushed: boolean;
  isDeleted: boolean;
  scimId: string | undefined;
  /** The name that the service has. */
  nameAtService: string | undefined;
  /** The members that the service has: ids of the service. */
  readonly membersAtService: Set<string>;
  isPending: boolean;
  error: string | undefined;
}

/** A person, to be shown. */
export interface Person extends PersonAttributes {
  readonly id: string;
  readonly roles: Roles;
  readonly isAssigned: boolean;
  readonly scimId?: string;
  readonly isPending: boolean;
  readonly error?: string;
}

/** A group, to be shown. */
export interface Group {
  readonly id: string;
  readonly displayName: string;
  /** The userNames of the people in it. */
  readonly members: readonly string[];
  readonly scimId?: string;
  readonly isPending: boolean;
  readonly error?: string;
}

/** Something that the directory cannot do; its message says why. */
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
