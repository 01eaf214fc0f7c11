import type { ResourceDefinition } from '../connector/definition/definition.ts';
import { errorTexts, fillError } from '../connector/error-texts.ts';
import { ConnectorError, invalidInput } from '../connector/errors.ts';
import { problemTexts } from '../connector/problem-texts.ts';
import type { Resource } from '../connector/resource.ts';
import { fill } from '../schemas/fill.ts';
import type { JsonObject } from '../scim/json.ts';
import { applyPatch } from '../scim/patch/apply-patch.ts';
import { remainingOperations } from '../scim/patch/outcome.ts';
import type { PatchOperation } from '../scim/patch/patch-operation.ts';
import type { IncomingOperation } from '../scim/patch/read-patch.ts';
import { jsonPathOf } from '../scim/path.ts';
import { modelOf } from '../scim/schema/resource-model.ts';
import { ScimError } from '../scim/scim-error.ts';
import { type Change, confirmChange, mustRead } from './confirm-change.ts';
import { type Target, targetOf } from './look-up.ts';
import type { ActionContext } from './operation.ts';
import { sendVersioned } from './send-versioned.ts';
import { noteShownMembers } from './shown-members.ts';

/** Creates the change at a provider without PATCH: reads the resource, changes it here, and puts it back. */
export async function putPatched(
  context: ActionContext,
  definition: ResourceDefinition,
  target: Target,
  change: Change,
): Promise<Resource> {
  let current = await mustRead(context, definition, target.id);
  const versioned = { id: target.id, version: targetOf(current).version };
  const response = await sendVersioned(context, definition, versioned, {
    method: 'PUT',
    body(newest = current) {
      current = newest;
      noteShownMembers(context, definition, current);
      const remaining = remainingOperations(change.operations, modelOf(definition), current);
      return remaining.length === 0
        ? undefined
        : writable(definition, patched(definition, current, change.operations));
    },
    ifVersion: change.ifVersion,
  });
  if (response === undefined) return current;
  const changed = await confirmChange(context, definition, target.id, change, response.body);
  return requireKept(context, definition, current, change, changed);
}

/**
 * Requires that a resource still shows what it showed before, and what was sent again: some providers drop attributes that
 * PUT does not know. Those of deactivated users may go.
 *
 * @throws ConnectorError `provider_fault`
 */
async function requireKept(
  context: ActionContext,
  definition: ResourceDefinition,
  before: Resource,
  { operations }: Change,
  changed: Resource,
): Promise<Resource> {
  if (operations.some(({ path, value }) => path === 'active' && value === false)) return changed;
  const model = modelOf(definition);
  const touched = new Set(operations.map(({ path }) => jsonPathOf(model, path)[0]));
  const sent = Object.entries(writable(definition, before as unknown as JsonObject)).filter(
    ([name, value]) => name !== 'schemas' && !touched.has(name) && isValue(value),
  );
  const lost = (resource: Resource): readonly string[] =>
    sent.flatMap(([name]) => (isValue(resource[name]) ? [] : [name]));
  if (lost(changed).length === 0) return changed;
  // A response may show only a part.
  const resource = await mustRead(context, definition, before.id);
  const names = lost(resource);
  if (names.length === 0) return resource;
  const values = { resource: definition.title.toLowerCase(), id: before.id, attributes: names.join(', ') };
  throw new ConnectorError('provider_fault', fillError(errorTexts.attributesLost, values));
}

function isValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== '';
}

function patched(
  definition: ResourceDefinition,
  current: Resource,
  operations: readonly PatchOperation[],
): JsonObject {
  try {
    return applyPatch(
      modelOf(definition),
      current as unknown as JsonObject,
      operations as readonly IncomingOperation[],
      {
        shown: () => current as unknown as JsonObject,
        maxComparisons: Number.POSITIVE_INFINITY,
      },
    );
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    throw invalidInput([{ path: '', message: fill(problemTexts.notApplicable, { reason: error.message }) }]);
  }
}

/** The attributes that a client may write, with the `schemas` that they need (RFC 7643 §3). */
function writable(definition: ResourceDefinition, resource: JsonObject): Readonly<Record<string, unknown>> {
  const { attributes } = modelOf(definition);
  const kept = Object.entries(resource).filter(
    ([name]) => name === 'id' || attributes.get(name)?.mutability !== 'readOnly',
  );
  const body = Object.fromEntries(kept.filter(([name]) => name !== 'meta' && name !== 'schemas'));
  const used = definition.extensions.filter((urn) => body[urn] !== undefined);
  return { schemas: [definition.schema, ...used], ...body };
}
