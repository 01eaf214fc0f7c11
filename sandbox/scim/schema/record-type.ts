import type { AttributeTable } from '../../../scim/schema/attribute.ts';

/** What a store has to know of a type of records. */
export interface RecordType {
  /** The `type` of its records. */
  readonly recordType: string;
  readonly attributes: AttributeTable;
  /** Attributes that the store indexes, as paths. */
  readonly indexed: readonly string[];
}
