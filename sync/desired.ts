/** One item of a multi-valued attribute that a user is to have next to the items of other types. */
export interface DesiredItem {
  /** The path of the list: `emails`. */
  readonly path: string;
  readonly item: Readonly<Record<string, unknown>>;
}

/** A user as the desired state describes it. Attributes that it omits stay as they are. */
export interface DesiredUser {
  /** The position in the source, from 1. In a sheet with a header, the first user is in row 2. */
  readonly row: number;
  /** The attributes, by their SCIM paths; null removes the value. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The ID at the provider, if the source has it. */
  readonly id?: string;
  /** Items of lists that keep their other items. */
  readonly items?: readonly DesiredItem[];
  /** The names of the user's groups; undefined if the source does not say. */
  readonly groups?: readonly string[];
  /** The manager, by username, email, external ID, or ID; null for none, undefined if the source does not say. */
  readonly manager?: string | null;
}

/**
 * A problem of the desired state: what is wrong, in which rows. The users of these rows are not changed.
 *
 * @example
 * ```ts
 * const format = ({ rows, message }: RowProblem): string => `row ${rows.join(', ')}: ${message}`;
 * ```
 */
export interface RowProblem {
  /** The rows, from 1; empty for a problem of the whole source. */
  readonly rows: readonly number[];
  readonly message: string;
}

/** A row that cannot be used. The user that it describes must not count as missing. */
export interface UnusableRow {
  readonly row: number;
  /** As much of its identity as could be read. Without any, it can be any user. */
  readonly userName?: string | undefined;
  readonly externalId?: string | undefined;
  readonly id?: string | undefined;
  /** Whether the identity itself can be wrong, as in a row whose cells are shifted. Then it can be any user as well. */
  readonly isDoubtful?: boolean;
}

/** What a source says about all users. */
export interface DesiredState {
  /** How messages name the source, such as the name of the file. */
  readonly source: string;
  readonly users: readonly DesiredUser[];
  readonly unusable: readonly UnusableRow[];
  readonly problems: readonly RowProblem[];
  /** What a person should know, but need not correct. */
  readonly notes: readonly string[];
}

/** The value that a desired user has at a path, if it is text. */
export function desiredText({ attributes }: DesiredUser, path: string): string | undefined {
  const value = attributes[path];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether nothing of a desired user says whom it describes. */
export function isNameless(user: DesiredUser): boolean {
  return (
    user.id === undefined &&
    desiredText(user, 'userName') === undefined &&
    desiredText(user, 'externalId') === undefined
  );
}
