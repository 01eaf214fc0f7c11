/**
 * The limits of a SCIM service.
 *
 * @example
 * ```ts
 * const limits: Partial<ScimLimits> = { maxPageSize: 100, maxBulkOperations: 50 };
 * await using sandbox = await startSandbox({ limits });
 * ```
 */
export interface ScimLimits {
  /** The default page size. */
  readonly defaultPageSize: number;
  /** The maximum page size. */
  readonly maxPageSize: number;
  /** The validity of a cursor. */
  readonly cursorTimeoutInSeconds: number;
  /** The maximum number of operations in a bulk request. */
  readonly maxBulkOperations: number;
  /** The maximum size of a request body, including bulk requests. */
  readonly maxPayloadBytes: number;
  /** The maximum nesting of objects and arrays in a body. */
  readonly maxJsonDepth: number;
  /** The maximum length of a filter. */
  readonly maxFilterLength: number;
  /**
   * The maximum number of comparisons of one request: those of a filter times the candidate resources, or those of a
   * PATCH times the items of the attributes that it changes.
   */
  readonly maxComparisons: number;
}

/** The default limits. */
export const defaultScimLimits: ScimLimits = Object.freeze({
  defaultPageSize: 100,
  maxPageSize: 1000,
  cursorTimeoutInSeconds: 3600,
  maxBulkOperations: 1000,
  maxPayloadBytes: 1_048_576,
  maxJsonDepth: 32,
  maxFilterLength: 65_536,
  maxComparisons: 20_000_000,
});
