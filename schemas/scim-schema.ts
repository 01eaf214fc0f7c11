/** The data types of RFC 7643 §2.3. */
export type ScimAttributeType =
  | 'string'
  | 'boolean'
  | 'decimal'
  | 'integer'
  | 'dateTime'
  | 'reference'
  | 'binary'
  | 'complex';

/** One attribute as a schema defines it (RFC 7643 §7). Absent members have the defaults of RFC 7643 §2.2. */
export interface ScimAttribute {
  readonly name: string;
  /** The label of the attribute. Not part of RFC 7643: the manifest adds it. */
  readonly title?: string;
  readonly type: ScimAttributeType;
  readonly multiValued?: boolean;
  readonly description?: string;
  readonly required?: boolean;
  readonly canonicalValues?: readonly string[];
  readonly caseExact?: boolean;
  readonly mutability?: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned?: 'always' | 'never' | 'default' | 'request';
  readonly uniqueness?: 'none' | 'server' | 'global';
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly ScimAttribute[];
}

/** A SCIM schema, as `/Schemas` returns it (RFC 7643 §7). */
export interface ScimSchema {
  /** The schema's URI, such as `urn:ietf:params:scim:schemas:core:2.0:User`. */
  readonly id: string;
  readonly name?: string;
  /** The label of the schema. Not part of RFC 7643: the manifest adds it. */
  readonly title?: string;
  readonly description?: string;
  readonly attributes: readonly ScimAttribute[];
}
