/** A comparison operator of RFC 7644 §3.4.2.2, Table 3; `pr` is separate, because it has no value. */
export type ComparisonOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

/** A value that a filter can compare with: JSON's own scalars (RFC 7644 §3.4.2.2, `compValue`). */
export type FilterValue = string | number | boolean | null;

/**
 * An attribute as filters and PATCH paths name it: `userName`, `name.givenName`,
 * `urn:…:enterprise:2.0:User:department`, `emails[type eq "work"].value`.
 */
export interface AttributePath {
  /** The URI of the attribute's schema, without the last colon; absent when the path names none. */
  readonly schema?: string;
  /** The attribute's name in its original spelling: names compare case-insensitively. */
  readonly attribute: string;
  /** The condition in brackets, which selects items of a multi-valued attribute. */
  readonly filter?: Filter;
  /** The sub-attribute after the dot. */
  readonly subAttribute?: string;
}

/** A SCIM filter as a tree. `and` and `or` hold two or more filters each. */
export type Filter =
  | {
      readonly kind: 'compare';
      readonly path: AttributePath;
      readonly operator: ComparisonOperator;
      readonly value: FilterValue;
    }
  /** `path pr`, and the bare `emails[type eq "work"]`, which asks the same of the items it picks. */
  | { readonly kind: 'present'; readonly path: AttributePath }
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter };
