import type { Json } from '../../scim/json.ts';

/** The identity providers that can be played, by the names that the command line takes. */
export const flavorNames = Object.freeze(['okta', 'okta-put', 'entra', 'entra-flag', 'onelogin'] as const);

export type FlavorName = (typeof flavorNames)[number];

/** What an identity provider does at a service, step by step. */
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
  /** The page that shows it; what no page shows begins with "assumption:". */
  readonly source: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Behind the base URL, with placeholders, and escaped as the vendor escapes it. */
  readonly path: string;
  /** With placeholders; see `fillTemplate`. */
  readonly body?: Json;
  /** Headers that only this request has. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the answer is: a list to find the resource in by that attribute, the resource, or a new one. */
  readonly answer?: { readonly listBy: 'userName' | 'displayName' } | 'current' | 'created';
  /** The list of values without which the request is not sent, such as that of the changes. */
  readonly unlessEmpty?: string;
  /** Whether 404 means that there is none, rather than a failure. */
  readonly mayBeMissing?: boolean;
}

/** One step of a procedure. */
export interface Step {
  /** The request's key in the table. */
  readonly send: string;
  /**
   * On which condition: `matched` when the resource is known to be there, `inactive` when what was found is
   * deactivated; always when absent.
   */
  readonly when?: 'matched' | 'unmatched' | 'inactive';
}

/** How an attribute of the directory is mapped to SCIM, where changes are sent one by one. */
export interface AttributeRow {
  /** The value's name among the template values. */
  readonly from: string;
  /** The path of the PATCH operation. */
  readonly path: string;
  /** Where the value lies in the resource; an object picks the item of an array with those members. */
  readonly at: readonly (string | Readonly<Record<string, string>>)[];
}

/** All that makes one identity provider differ from another. */
export interface Flavor {
  readonly name: FlavorName;
  /** As an administrator knows it. */
  readonly title: string;
  readonly headers: Readonly<Record<string, string>>;
  /** After which time a request is given up. */
  readonly timeoutInMs: number;
  /** What the provider signs of a SAML response, unless it is told otherwise. */
  readonly samlSigns: 'assertion' | 'response' | 'both';
  /** The form of the ids that it gives to people and groups of its own. */
  readonly newId: (kind: 'user' | 'group') => string;
  readonly requests: Readonly<Record<string, RequestRow>>;
  readonly procedures: Readonly<Record<Procedure, readonly Step[]>>;
  /** Present where changes are sent one by one, and what was read is compared first. */
  readonly attributes?: readonly AttributeRow[];
  /** Whether booleans go out as the texts "True" and "False" in PATCH. */
  readonly hasTextBooleans?: boolean;
}
