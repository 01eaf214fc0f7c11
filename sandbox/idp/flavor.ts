import type { Json } from '../../scim/json.ts';

/**
 * The identity providers that can be simulated, by the names that the command line accepts.
 *
 * @example
 * ```ts
 * for (const flavor of flavorNames) console.log(createIdp({ flavor }).entityId);
 * ```
 */
export const flavorNames = Object.freeze(['okta', 'okta-put', 'entra', 'entra-flag', 'onelogin'] as const);

/**
 * One of the {@link flavorNames}.
 *
 * @example
 * ```ts
 * const flavor: FlavorName = 'entra';
 * ```
 */
export type FlavorName = (typeof flavorNames)[number];

/** The procedures of an identity provider at a service, step by step. */
export type Procedure =
  | 'assignUser'
  | 'changeUser'
  | 'unassignUser'
  | 'deleteUser'
  | 'pushGroup'
  | 'renameGroup'
  | 'changeMembers'
  | 'deleteGroup';

/** A request, as the vendor documents it or as it was seen. */
export interface RequestRow {
  /** The page that documents it; without one, a text that begins with "assumption:". */
  readonly source: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Relative to the base URL, with placeholders, and escaped the way the vendor escapes it. */
  readonly path: string;
  /** With placeholders; see `fillTemplate`. */
  readonly body?: Json;
  /** Additional headers of this request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The response: a list in which that attribute finds the resource, the resource, or a new one. */
  readonly answer?: { readonly listBy: 'userName' | 'displayName' } | 'current' | 'created';
  /** The list of values, such as the changes, that must not be empty for the request to be sent. */
  readonly unlessEmpty?: string;
  /** Whether 404 means that the resource does not exist, and is not a failure. */
  readonly mayBeMissing?: boolean;
}

/** One step of a procedure. */
export interface Step {
  /** The request's key in the table. */
  readonly send: string;
  /**
   * The condition: `matched` if the resource is known to exist, `inactive` if the found resource is
   * deactivated. Default: always.
   */
  readonly when?: 'matched' | 'unmatched' | 'inactive';
}

/** How an attribute of the directory maps to SCIM, for providers that send changes one by one. */
export interface AttributeRow {
  /** The value's name among the template values. */
  readonly from: string;
  /** The path of the PATCH operation. */
  readonly path: string;
  /** The path of the value in the resource; an object selects the array item with those members. */
  readonly at: readonly (string | Readonly<Record<string, string>>)[];
}

/** Everything that distinguishes one identity provider from another. */
export interface Flavor {
  readonly name: FlavorName;
  /** The product name. */
  readonly title: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The request timeout. */
  readonly timeoutInMs: number;
  /** The parts of a SAML response that the provider signs by default. */
  readonly samlSigns: 'assertion' | 'response' | 'both';
  /** The format of its own IDs for people and groups. */
  readonly newId: (kind: 'user' | 'group') => string;
  readonly requests: Readonly<Record<string, RequestRow>>;
  readonly procedures: Readonly<Record<Procedure, readonly Step[]>>;
  /** Present if the provider compares first and sends changes one by one. */
  readonly attributes?: readonly AttributeRow[];
  /** Whether PATCH sends booleans as the strings "True" and "False". */
  readonly hasTextBooleans?: boolean;
}
