import type { ScimAttribute } from '../schemas/scim-schema.ts';

/** The attributes of one kind of resource: its own, and those of its extensions. */
export interface ResourceSchema {
  /** The URI of its own schema. */
  readonly schema: string;
  /** The URIs of its extensions. */
  readonly extensions: readonly string[];
  /** The attributes at the top of the resource, common ones included. */
  readonly attributes: readonly ScimAttribute[];
  /** The attributes of each extension, by the URI of its schema. */
  readonly extensionAttributes: Readonly<Record<string, readonly ScimAttribute[]>>;
}
