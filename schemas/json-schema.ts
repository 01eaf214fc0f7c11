/** The names of JSON's types, as JSON Schema spells them. */
export type JsonType = 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';

/**
 * The part of JSON Schema (draft 2020-12) that this package writes and validates. Everything that hosts, types, and
 * validation need is generated from it. No other keywords are used.
 */
export interface JsonSchema {
  readonly type?: JsonType | readonly JsonType[];
  /** The label that a form shows. */
  readonly title?: string;
  /** The help that a form shows. */
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly enum?: readonly (string | number | boolean | null)[];
  readonly format?: 'date-time' | 'uri';
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  /** False: other properties are rejected. Absent: they are accepted. */
  readonly additionalProperties?: false;
  /** Exactly one of several closed object shapes. */
  readonly oneOf?: readonly JsonSchema[];
  /** The name of the TypeScript type that is generated from this schema. */
  readonly 'x-name'?: string;
}
