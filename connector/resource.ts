/** A SCIM resource as the connector gives it: names spelled as in the schemas, and always with an id. */
export interface Resource {
  readonly id: string;
  readonly meta?: { readonly version?: string; readonly created?: string; readonly lastModified?: string };
  readonly [attribute: string]: unknown;
}
