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
  /** Page size when the client names none. */
  readonly defaultPageSize: number;
  /** Largest page size. */
  readonly maxPageSize: number;
  /** How long a cursor is valid after it was given. */
  readonly cursorTimeoutInSeconds: number;
  /** Most operations in one bulk request. */
  readonly maxBulkOperations: number;
  /** Largest request body, bulk requests included. */
  readonly maxPayloadBytes: number;
  /** Deepest nesting of objects and arrays in a body. */
  readonly maxJsonDepth: number;
  /** Longest filter. */
  readonly maxFilterLength: number;
  /**
   * Most comparisons that one request may make: those of a filter times the resources to try, or those of a
   * PATCH times the items of the attributes that it changes.
   */
  readonly maxComparisons: number;
}

/** The limits of a service that is told none. */
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
