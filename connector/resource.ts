/** A SCIM resource as the connector returns it: names spelled as in the schemas, and always with an ID. */
export interface Resource {
  readonly id: string;
  readonly meta?: { readonly version?: string; readonly created?: string; readonly lastModified?: string };
  readonly [attribute: string]: unknown;
}
