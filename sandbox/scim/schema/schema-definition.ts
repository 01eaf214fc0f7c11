/** An attribute as a SCIM schema describes it (RFC 7643 §7). */
export interface AttributeDefinition {
  readonly name: string;
  readonly type: string;
  readonly multiValued: boolean;
  readonly description?: string;
  readonly required?: boolean;
  readonly canonicalValues?: readonly string[];
  readonly caseExact?: boolean;
  readonly mutability?: string;
  readonly returned?: string;
  readonly uniqueness?: string;
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly AttributeDefinition[];
}

/**
 * A SCIM schema, in the form that `/Schemas` returns (RFC 7643 §7).
 *
 * @example
 * ```ts
 * const schema: SchemaDefinition = {
 *   id: 'urn:acme:params:scim:schemas:extension:access:1.0:User',
 *   name: 'AcmeAccess',
 *   attributes: [{ name: 'acmeRole', type: 'string', multiValued: false }],
 * };
 * await using sandbox = await startSandbox({ userExtensions: [schema] });
 * ```
 */
export interface SchemaDefinition {
  readonly schemas?: readonly string[];
  /** The schema's URI. */
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly attributes: readonly AttributeDefinition[];
}
