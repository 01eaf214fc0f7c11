import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { jsonPathOf, setAt } from '../scim/attribute-values.ts';
import type { GivenAttribute } from '../scim/patch/build-operations.ts';

/** Makes the body of a create or replace; `schemas` names the extensions that are used (RFC 7643 §3). */
export function toResource(
  resource: ResourceDefinition,
  given: readonly GivenAttribute[],
): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const { path, value } of given) if (value !== null) setAt(body, jsonPathOf(resource, path), value);
  return {
    schemas: [resource.schema, ...resource.extensions.filter((id) => body[id] !== undefined)],
    ...body,
  };
}
