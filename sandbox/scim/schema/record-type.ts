import type { AttributeTable } from '../../../scim/schema/attribute.ts';

/** A record type, as a store needs it. */
export interface RecordType {
  /** The `type` of its records. */
  readonly recordType: string;
  readonly attributes: AttributeTable;
  /** Attributes that the store indexes, as paths. */
  readonly indexed: readonly string[];
}
