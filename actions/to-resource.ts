import type { ResourceDefinition } from '../connector/definition/definition.ts';
import type { GivenAttribute } from '../scim/patch/build-operations.ts';
import { jsonPathOf, setAt } from '../scim/path.ts';
import { modelOf } from '../scim/schema/resource-model.ts';

/** Creates the body of a create or replace; `schemas` names the extensions that are used (RFC 7643 §3). */
export function toResource(
  resource: ResourceDefinition,
  given: readonly GivenAttribute[],
): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const model = modelOf(resource);
  for (const { path, value } of given) if (value !== null) setAt(body, jsonPathOf(model, path), value);
  return {
    schemas: [resource.schema, ...resource.extensions.filter((id) => body[id] !== undefined)],
    ...body,
  };
}
